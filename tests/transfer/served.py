"""The API over HTTP on a free port of this machine, each request straight to its handler.

What a line to a far service does is done on demand: `faults` are what happens to the next requests.
"""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from functions.auth import authorize
from functions.shared.settings import files_bucket
from tests.api import gateway_event, handler_module, resolved
from tests.transfer.s3_over_http import file_answer

STAGE_ARN = "arn:aws:execute-api:ap-southeast-2:123456789012:abc123/v1"


@dataclass(frozen=True)
class Answered:
    """A request is answered so, without reaching the API."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lost:
    """The connection breaks: before the API has heard anything, or when it has done what was asked."""

    done: bool = False


@dataclass
class Served:
    """Where the API is; what was asked of it, and what happens to the next requests for a path."""

    url: str
    asked: list[str] = field(default_factory=list)
    faults: dict[str, list[Answered | Lost]] = field(default_factory=dict)

    def fault(self, path: str) -> Answered | Lost | None:
        """What happens to this request, None where it passes."""
        waiting = next((one for end, one in self.faults.items() if path.endswith(end)), [])
        return waiting.pop(0) if waiting else None


@contextmanager
def served() -> Iterator[Served]:
    """The API, for as long as it is needed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    server.api = Served(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.api  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  as the base has it
        """Say nothing."""

    def _serve(self) -> None:
        api: Served = self.server.api  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path
        api.asked.append(f"{self.command} {path}")
        match api.fault(path):
            case Answered(status, headers):
                self._answer(status, headers, json.dumps({"message": "Busy", "code": "unavailable"}))
            case Lost(done):
                if done:
                    self._told(body)
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
            case None:
                self._answer(*self._told(body))

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    def _told(self, body: bytes) -> tuple[int, Mapping[str, str], str | bytes]:
        headers = dict(self.headers.items())
        if urlsplit(self.path).path.startswith(f"/{files_bucket()}"):
            return file_answer(self.command, self.path, headers, body)
        resource, _ = resolved(self.command, urlsplit(self.path).path)
        tenant = None if resource.startswith("/auth/") else _tenant(headers)
        if tenant == "":
            return 401, {}, json.dumps({"message": "Unauthorized", "code": "unauthorized"})
        event = gateway_event(self.command, self.path, text=body or None, headers=headers, tenant=tenant)
        event["requestContext"]["path"] = urlsplit(self.path).path
        answer = handler_module(self.command, resource).handler(event, None)
        return answer["statusCode"], answer["headers"], answer["body"]

    def _answer(self, status: int, headers: Mapping[str, str], said: str | bytes) -> None:
        content = said.encode() if isinstance(said, str) else said
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _tenant(headers: Mapping[str, str]) -> str:
    """The tenant that the authorizer lets in, empty for nobody."""
    event = {
        "headers": headers,
        "methodArn": f"{STAGE_ARN}/GET/x",
        "requestContext": {"stage": "v1", "requestId": "r"},
    }
    try:
        policy = authorize.handler(event, None)
    except Exception:  # noqa: BLE001  the word by which the gateway knows a 401
        return ""
    return str(policy["context"]["tenantId"])
