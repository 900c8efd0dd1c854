"""Waiting for a condition, with a limit."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LIMIT_SECONDS = 60
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 1.0
"""What is waited for is looked at less and less often: looking takes time of what it waits for."""


def eventually(found: Callable[[], T | None]) -> T:
    """What `found` gives as soon as it gives something. Fails after a minute of nothing."""
    deadline, pause = time.monotonic() + LIMIT_SECONDS, FIRST_PAUSE_SECONDS
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(pause)
        pause = min(1.5 * pause, LONGEST_PAUSE_SECONDS)
    raise AssertionError(f"nothing came within {LIMIT_SECONDS} s")
