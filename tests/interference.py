"""Others who come between two calls of a request."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def before_call(number: int, act: Callable[[], Any]) -> Iterator[None]:
    """Let `act` happen before the call of DynamoDB of this number, from 0, that is made inside."""
    real = dynamo.call
    made = 0

    def counted(operation: str, **arguments: Any) -> Any:
        nonlocal made
        made += 1
        if made == number + 1:
            with pytest.MonkeyPatch.context() as alone:
                alone.setattr(dynamo, "call", real)
                act()
        return real(operation, **arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dynamo, "call", counted)
        yield


def contended(*_: Any, **__: Any) -> None:
    """A write that another one is in the way of."""
    raise dynamo.ContendedError
