"""The SQS queues. The stacks and the tests build from this list."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Queue:
    """A queue that a worker empties; what fails too often waits in its dead-letter queue.

    `worker_seconds` is what the worker may take for a batch, `max_receives` how often a message is tried.
    """

    name: str
    worker_seconds: int
    max_receives: int

    @property
    def resource(self) -> str:
        """Its name among the resources a function can be granted."""
        return f"{self.name}_queue"

    @property
    def dead_letters(self) -> str:
        """Name of its dead-letter queue."""
        return f"{self.name}_dead_letters"


# At six times the worker's time between tries, an hour of throttling before a message is given up.
IMPORTS = Queue("imports", worker_seconds=60, max_receives=10)

# The worker puts an order off for longer and longer while its customer is not there: four days in all,
# so that ten of the fourteen that a message may live are left to whoever reads the dead letters.
ORDERS = Queue("orders", worker_seconds=20, max_receives=107)

# A part takes up to half a minute, and as long again where deletions have it written anew.
EXPORTS = Queue("exports", worker_seconds=90, max_receives=10)

QUEUES = (IMPORTS, ORDERS, EXPORTS)

UNPUBLISHED_CHANGES = "unpublished_changes"
UNERASED_CUSTOMERS = "unerased_customers"

STREAM_FAILURES = (UNPUBLISHED_CHANGES, UNERASED_CUSTOMERS)
"""Queues of what a stream's worker gave up: which records of which shard (AWS: on-failure destination)."""

GIVEN_UP = (*(queue.dead_letters for queue in QUEUES), *STREAM_FAILURES)
"""All queues that no worker empties and that should be empty."""
