"""Waiting for a condition, with a limit."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LIMIT_SECONDS = 60
EVERY_SECONDS = 0.1


def eventually(found: Callable[[], T | None]) -> T:
    """What `found` gives as soon as it gives something. Fails after a minute of nothing."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(EVERY_SECONDS)
    raise AssertionError(f"nothing came within {LIMIT_SECONDS} s")
