"""The shapes of ASGI (asgi.readthedocs.io), by which the guard speaks to its server and to MiniStack."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def header_values(scope: Scope, name: bytes) -> list[bytes]:
    """All values of one header, its name in lower case."""
    return [value for one, value in scope["headers"] if one.lower() == name]
