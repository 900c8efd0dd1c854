"""When a request is sent again, and after how long."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

MAX_ATTEMPTS = 8
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0

BUSY = frozenset({429, 503})
"""Nothing was done: whatever was asked may be asked again (contract, "Errors")."""

UNKNOWN = frozenset({500, 502, 504})
"""Something may have been done: only what may be done twice is asked again."""

SAFE_TWICE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
"""Methods that may be repeated (RFC 9110, 9.2.2)."""


class ConnectionLostError(Exception):
    """The service cannot be reached, or stopped answering; sent again as often as makes sense."""


@dataclass(frozen=True)
class Retries:
    """Sends a request until it is answered; `sleep` and `chance` (0 to 1) as the standard library's."""

    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    attempts: int = MAX_ATTEMPTS

    def send(self, send: Callable[[], httpx.Response], *, twice: bool) -> httpx.Response:
        """The answer, whatever it says; `twice` where the request may be carried out twice.

        A busy service is waited for as long as it asks. Raises ConnectionLostError.
        """
        for pause in self._pauses():
            try:
                response = send()
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                if pause is None:
                    raise _lost(error) from None
                self.sleep(pause)
                continue
            except httpx.TransportError as error:
                if pause is None or not twice:
                    raise _lost(error) from None
                self.sleep(pause)
                continue
            again = response.status_code in BUSY or (twice and response.status_code in UNKNOWN)
            if pause is None or not again:
                return response
            response.close()
            self.sleep(max(pause, _asked_to_wait(response)))
        raise AssertionError("the last attempt has no pause")

    def _pauses(self) -> Iterator[float | None]:
        """The pause after each attempt, with jitter; None after the last."""
        for attempt in range(self.attempts - 1):
            yield min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS) * (0.5 + self.chance() / 2)
        yield None


def _asked_to_wait(response: httpx.Response) -> float:
    """The seconds of `Retry-After` (RFC 9110, 10.2.3: seconds, or a date), 0 where there is none."""
    asked = response.headers.get("Retry-After", "")
    if asked.isdecimal():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0


def _lost(error: httpx.TransportError) -> ConnectionLostError:
    # Without the address asked for: of a file it is signed.
    try:
        host = error.request.url.host
    except RuntimeError:
        host = "the service"
    return ConnectionLostError(f"No answer from {host} ({type(error).__name__})")
