"""Clients of AWS, and what may go wrong with any call of any service."""

from typing import Any

import botocore.session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as BotocoreConnectionError
from botocore.parsers import ResponseParserError

from functions.shared.errors import UnavailableError

_CONFIG = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
    parameter_validation=False,
    tcp_keepalive=True,
    user_agent="customerservice",
)

BUSY = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "OverLimit",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)
"""Codes of errors after which trying again may help."""

NO_ANSWER = (BotocoreConnectionError, HTTPClientError, IncompleteReadError, ResponseParserError)
"""What botocore raises where no answer came, or half of one."""

_session = botocore.session.Session()


def client(service: str, *, config: Config | None = None, endpoint_url: str | None = None) -> BaseClient:
    """A client of `service`, safe to share between threads; `config` is what differs from our own."""
    merged = _CONFIG.merge(config) if config else _CONFIG
    made: BaseClient = _session.create_client(service, config=merged, endpoint_url=endpoint_url)
    return made


def call(made: BaseClient, operation: str, **arguments: Any) -> dict[str, Any]:
    """One call. Raises UnavailableError where trying again may help, any other ClientError as it is."""
    try:
        answer: dict[str, Any] = getattr(made, operation)(**arguments)
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if error.response["Error"]["Code"] in BUSY or status >= 500:
            raise UnavailableError from error
        raise
    except NO_ANSWER as error:
        raise UnavailableError from error
    return answer
