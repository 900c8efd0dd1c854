"""When to try again."""

import random
import time
from collections.abc import Iterator

ATTEMPTS = 12
"""How often what others get in the way of is tried before the caller hears of it."""


# Not the module's own generator: two functions restored of one snapshot would wait alike (AWS: SnapStart
# uniqueness).
_random = random.SystemRandom()


class Pause:
    """A wait before the next attempt, longer each time, with full jitter."""

    def __init__(self, attempt: int) -> None:
        self.seconds = min(0.4, 0.01 * 2**attempt)

    def __call__(self) -> None:
        """Wait."""
        time.sleep(_random.uniform(0, self.seconds))


def pauses() -> Iterator[Pause]:
    """A pause for each attempt; the loop that runs out of them gives up."""
    return map(Pause, range(ATTEMPTS))
