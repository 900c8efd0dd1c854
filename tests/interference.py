"""Others who come between two calls of a request."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.shared import dynamo


def before(monkeypatch: pytest.MonkeyPatch, operation: str, act: Callable[[], Any]) -> None:
    """Let `act` happen between what a request reads and its `operation` of `dynamo`, once."""
    real = getattr(dynamo, operation)

    def overtaken(*arguments: Any, **more: Any) -> Any:
        monkeypatch.setattr(dynamo, operation, real)
        act()
        return real(*arguments, **more)

    monkeypatch.setattr(dynamo, operation, overtaken)


def contended(*_: Any, **__: Any) -> None:
    """A write that another one is in the way of."""
    raise dynamo.ContendedError
