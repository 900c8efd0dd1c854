"""A client of a deployed API over HTTP, with the interface of `tests.api.Api`."""

import http.client
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.api import Api, Reply, resolved
from tests.document import assert_told

TIMEOUT_SECONDS = 60
MISDIRECTED = 421


@dataclass(frozen=True)
class HttpApi(Api):
    """The API at `url` for the tenant whose access token is `token`; safe to use from many threads."""

    url: str
    token: str

    def send(
        self,
        method: str,
        url: str,
        *,
        json_body: Any = None,
        text: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request; `url` begins after the base address, or is absolute."""
        body = json.dumps(json_body) if text is None and json_body is not None else text
        credentials = {"Authorization": f"Bearer {self.token}", "X-TWC-Tenant": self.tenant or ""}
        sent = {"Content-Type": "application/json", **credentials, **(headers or {})}
        reply = request(method, url if "://" in url else self.url + url, body, sent)
        if reply.status == MISDIRECTED:
            # Of the local run, which no stage gives.
            return reply
        try:
            resource, _ = resolved(method, urlsplit(url.removeprefix(self.url)).path)
        except LookupError:
            # What no route serves the document does not tell of.
            return reply
        assert_told(method, resource, reply)
        return reply


def request(method: str, url: str, body: str | bytes | None, headers: Mapping[str, str]) -> Reply:
    """One request on a connection of its own."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, body.encode() if isinstance(body, str) else body, dict(headers))
        response = connection.getresponse()
        return Reply(
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            response.read().decode(),
        )
    finally:
        connection.close()


def at_once(requests: Sequence[Callable[[], Reply]]) -> list[Reply]:
    """Send all requests at the same moment, each from a thread of its own."""
    gate = threading.Barrier(len(requests))

    def send(request: Callable[[], Reply]) -> Reply:
        gate.wait()
        return request()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))
