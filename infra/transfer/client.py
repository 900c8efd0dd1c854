"""The API over HTTP (1.1 or 2) as one tenant."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urljoin

import httpx

from infra.routes import TOKEN
from infra.transfer.credentials import Credentials
from infra.transfer.retries import SAFE_TWICE, Retries

TIMEOUT = httpx.Timeout(60.0, connect=10.0)

EARLY_SECONDS = 60
"""How long before its end a token is renewed, at most."""


class ServiceError(Exception):
    """The API refused what was asked; its own words, and every wrong field, in one line."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(body.get("code", ""))
        self.body = body
        fields = [f"{one.get('field')} {one.get('message')}" for one in body.get("errors", [])]
        message = str(body.get("message", f"The service answered {status}"))
        super().__init__(f"{message}: {'; '.join(fields)}" if fields else message)


@dataclass
class _Token:
    text: str
    good_until: float


@dataclass
class Client:
    """Requests of one tenant; a context manager that closes its connections.

    A token is taken when the first request needs one, renewed before it ends and after a 401.
    """

    credentials: Credentials
    retries: Retries = field(default_factory=Retries)
    http: httpx.Client = field(
        default_factory=lambda: httpx.Client(http2=True, timeout=TIMEOUT, follow_redirects=False)
    )
    _token: _Token | None = field(default=None, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """What a GET answers. Raises ServiceError, ConnectionLostError."""
        return self.request("GET", path, query=query).json()

    def post(self, path: str, body: Any, *, key: str | None = None, twice: bool = False) -> Any:
        """What a POST answers; with `key`, its `Idempotency-Key`, or `twice` it may be sent repeatedly."""
        return self.request("POST", path, body=body, key=key, twice=twice).json()

    def delete(self, path: str, query: Mapping[str, str] | None = None) -> None:
        """Send a DELETE."""
        self.request("DELETE", path, query=query)

    def pages(self, path: str, query: Mapping[str, str] | None = None) -> Iterator[Any]:
        """What a GET answers, page after page as `Link` leads on (RFC 8288)."""
        url, asked = path, dict(query or {})
        while True:
            response = self.request("GET", url, query=asked)
            yield response.json()
            if "next" not in response.links:
                return
            url, asked = urljoin(str(response.url), response.links["next"]["url"]), {}

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        key: str | None = None,
        twice: bool = False,
    ) -> httpx.Response:
        """A good answer. `path` begins after the API's address, or is an address of the same host.

        Raises ServiceError, ConnectionLostError.
        """
        url = path if "://" in path else self.credentials.url.rstrip("/") + path
        if _origin(url) != _origin(self.credentials.url):
            raise ServiceError(0, {"message": "The service leads to another host, which gets no token"})
        headers = {} if key is None else {"Idempotency-Key": key}
        twice = twice or method in SAFE_TWICE or key is not None

        def send() -> httpx.Response:
            sent = headers | self._credentials()
            return self.http.request(
                method, url, params=dict(query) if query else None, json=body, headers=sent
            )

        response = self.retries.send(send, twice=twice)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._token = None
            response = self.retries.send(send, twice=twice)
        return _good(response)

    def _credentials(self) -> dict[str, str]:
        if self._token is None or time.monotonic() >= self._token.good_until:
            self._token = self._new_token()
        return {"Authorization": f"Bearer {self._token.text}", "X-TWC-Tenant": self.credentials.tenant}

    def _new_token(self) -> _Token:
        path = TOKEN.replace("{tenant}", quote(self.credentials.tenant, safe=""))
        form = {
            "grant_type": "client_credentials",
            "client_id": self.credentials.client_id,
            "client_secret": self.credentials.client_secret,
        }
        asked = time.monotonic()
        response = self.retries.send(
            lambda: self.http.post(self.credentials.url.rstrip("/") + path, data=form), twice=True
        )
        issued = _good(response).json()
        lifetime = float(issued["expires_in"])
        return _Token(issued["access_token"], asked + lifetime - min(EARLY_SECONDS, lifetime / 10))


def _origin(address: str) -> tuple[str, str, int | None]:
    url = httpx.URL(address)
    return url.scheme, url.host, url.port


def _good(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        body = {"message": f"No answer of this API (HTTP {response.status_code}): is the address right?"}
    raise ServiceError(response.status_code, body)
