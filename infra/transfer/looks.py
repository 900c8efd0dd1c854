"""When to look again at what the API works on."""

from collections.abc import Iterator
from time import sleep

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0


def looks() -> Iterator[None]:
    """One look at once, then others with growing pauses between them, without end."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        yield
        sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
