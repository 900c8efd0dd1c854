"""The two doors of the emulator: what a browser may reach, and what only this stack's own programs may.

MiniStack is no place for strangers: it takes any account number, and a header it cannot read, for root,
whatever key its environment names; `/_ministack/*` asks for nothing; it answers CORS with `*`, and it runs
the functions it is given as whoever started it. So every request passes here first:

- The public door, the port that `uv run local` names, lets through the paths that were opened, which are
  our API's, and to the bucket of files what our functions have signed (`presigned.py`). It asks all of them
  for this machine's own name: a page whose DNS name was rebound to this machine still says its own.
- The private door, a free port, lets through what begins with a key that only this user's files hold, and
  nothing that a browser sent.

This wraps MiniStack's ASGI app inside MiniStack's own process. A proxy in front of it would be a second
server that copies every body, and would leave the emulator's own port open behind it. A Unix socket would
need no key, but botocore, by which the functions call back, speaks TCP alone.
"""

import asyncio
import hmac
import json
import os
from collections.abc import Mapping
from email.utils import formatdate
from uuid import uuid4

from functions.shared import cors
from functions.shared.address import REFERENCE_PATH
from functions.shared.errors import ApiError, NotFoundError, UnavailableError
from infra.local.asgi import App, Event, Receive, Scope, Send, header_values
from infra.local.presigned import MAX_FILE_BYTES, admitted

NAMES = ("127.0.0.1", "localhost")
"""What this machine may be called in a `Host`."""

OPENING = "/_open"
"""A request for this and a path, at the private door, opens the path and all below it at the public one."""

OPENING_BUCKET = "/_open_bucket"
"""The same for a bucket's name: what a function signed for a file of it passes."""

MAX_BODY_BYTES = 10 * 1024 * 1024
"""The largest body at the public door: API Gateway's own limit."""

AT_ONCE = max(4, 2 * (os.cpu_count() or 1))
"""How many requests the public door has answered at once; more wait.

Each keeps a process busy, which the first of them has to start: sixteen on two cores kept everybody waiting
for seconds, where few are soon free again.
"""

FILES_AT_ONCE = 4
"""How many files go through the public door at once; more wait. Each is kept in memory."""


class MisdirectedError(ApiError):
    """The request is for another host (RFC 9110, 15.5.20)."""

    status = 421
    code = "misdirected_request"

    def __init__(self) -> None:
        super().__init__(f"This answers to the hosts {' and '.join(NAMES)} alone")


class PayloadTooLargeError(ApiError):
    """The body is larger than API Gateway takes, or than a file may be here."""

    status = 413
    code = "payload_too_large"

    def __init__(self) -> None:
        super().__init__("The request's body or headers are too large")


class Guard:
    """An ASGI app that stands before `app`, the emulator; `key` opens the door at `private_port`."""

    def __init__(self, app: App, *, private_port: int, key: str) -> None:
        self._app = app
        self._private_port = private_port
        self._key = key
        self._open: tuple[str, ...] = ()
        self._buckets: frozenset[str] = frozenset()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._file_places = asyncio.Semaphore(FILES_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through to the emulator, or answer it with an error of ours."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        private = scope["server"][1] == self._private_port
        try:
            if private:
                await self._private(scope, receive, send)
            else:
                await self._public(scope, receive, send)
        except ApiError as error:
            await _answer(scope, send, error, {} if private else cors.RESPONSE_HEADERS)

    async def _public(self, scope: Scope, receive: Receive, send: Send) -> None:
        _check_host(scope)
        if not self._open:
            raise UnavailableError
        bucket = scope["path"].split("/")[1:2]
        if scope["type"] == "http" and self._buckets.intersection(bucket):
            async with self._file_places:
                await self._app(*await admitted(scope, _bounded(receive, MAX_FILE_BYTES), *bucket), send)
            return
        if scope["type"] != "http" or not scope["path"].startswith(self._open):
            raise NotFoundError("There is no such route")
        async with self._places:
            await self._app(scope, _bounded(receive, MAX_BODY_BYTES), _ours(send))

    async def _private(self, scope: Scope, receive: Receive, send: Send) -> None:
        _check_host(scope)
        key, _, path = scope["path"].removeprefix("/").partition("/")
        if (
            scope["type"] != "http"
            or header_values(scope, b"origin")
            or not hmac.compare_digest(key.encode(), self._key.encode())
        ):
            raise NotFoundError("There is no such route")
        # The key is part of what a client signs: `raw_path` keeps it.
        scope = {**scope, "path": f"/{path}"}
        if scope["path"].startswith((f"{OPENING}/", f"{OPENING_BUCKET}/")):
            self._let_in(scope["path"])
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})
        else:
            await self._app(scope, receive, send)

    def _let_in(self, path: str) -> None:
        if path.startswith(f"{OPENING}/"):
            self._open += (path.removeprefix(OPENING),)
        else:
            self._buckets |= {path.removeprefix(f"{OPENING_BUCKET}/")}


def _check_host(scope: Scope) -> None:
    port = scope["server"][1]
    # A client leaves out the port that is HTTP's own.
    allowed = {f"{name}:{port}" for name in NAMES} | (set(NAMES) if port == 80 else set())
    hosts = {value.decode("latin-1").lower() for value in header_values(scope, b"host")}
    if not hosts or not hosts <= allowed:
        raise MisdirectedError


def _bounded(receive: Receive, most: int) -> Receive:
    """`receive`, for a body of at most so many bytes. Raises PayloadTooLargeError beyond."""
    left = most

    async def bounded() -> Event:
        nonlocal left
        event = await receive()
        left -= len(event.get("body", b""))
        if left < 0:
            raise PayloadTooLargeError
        return event

    return bounded


def _ours(send: Send) -> Send:
    """`send`, for answers of our API, errors of its gateway included: all of them carry CORS headers.

    An error without them is the emulator's own: raises what it would be on AWS.
    """

    async def ours(event: Event) -> None:
        status = event.get("status", 0)
        if status >= 400 and not any(
            name.lower() == b"access-control-allow-origin" for name, _ in event["headers"]
        ):
            if status == 429 or status >= 500:
                raise UnavailableError
            raise NotFoundError("There is no such route")
        await send(event)

    return ours


async def _answer(scope: Scope, send: Send, error: ApiError, headers: Mapping[str, str]) -> None:
    """Answer with `error` in the one shape of errors (contract, "Errors")."""
    told = {"message": error.message, "code": error.code, "requestId": str(uuid4())}
    if scope["path"].startswith("/_aws/execute-api/"):
        # As the gateway's own errors have it on this stage: a path on the host that was asked.
        stage = "/".join(scope["path"].split("/")[:5])
        told["documentation"] = f"{stage}{REFERENCE_PATH}#{error.code}"
    body = json.dumps(told).encode()
    fields = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Date": formatdate(usegmt=True),
        **headers,
        **error.headers,
    }
    kind = "websocket.http" if scope["type"] == "websocket" else "http"
    start = [(name.lower().encode(), value.encode()) for name, value in fields.items()]
    await send({"type": f"{kind}.response.start", "status": error.status, "headers": start})
    await send({"type": f"{kind}.response.body", "body": body})
