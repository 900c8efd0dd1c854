"""What is logged: one line a request or message, and faults. Never a value that a caller sent.

Exception messages are left out too: botocore and pydantic quote values in theirs.
"""

import traceback
from types import TracebackType

from aws_lambda_powertools.logging import Logger

logger = Logger()


def log_fault(message: str, error: BaseException, **facts: str) -> None:
    """Log an unexpected error by its type and where it came from."""
    logger.error(message, extra={"fault": _chain(error), **facts})


def _chain(error: BaseException) -> list[dict[str, object]]:
    chain: list[dict[str, object]] = []
    current: BaseException | None = error
    while current is not None and len(chain) < 5:
        fault = {"type": type(current).__qualname__, "at": _frames(current.__traceback__)}
        chain.append(fault | {"code": _aws_code(current)})
        current = current.__cause__ or current.__context__
    return chain


def _frames(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace, limit=-8)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _aws_code(error: BaseException) -> str | None:
    response = getattr(error, "response", None)
    return response.get("Error", {}).get("Code") if isinstance(response, dict) else None
