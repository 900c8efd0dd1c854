"""Chunks of rows become customers: each row exactly once, whatever happens on the way.

How far a chunk has come is written in the transaction that takes it there, with the customers and claims that
its next rows leave. So a chunk delivered twice, even to two workers at once, or left by a worker that died
between any two calls, goes on where it stands: no row is applied twice, and none gets a second verdict.

A transaction fails where what was read, or taken for free, is not so any more. It names what stands there
instead, and the rows are judged again by that, without another read.
"""

import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.customers import writes as customer_writes
from functions.customers.errors import DuplicateValueError
from functions.customers.item import claim_key, customer_key, live
from functions.shared import dynamo
from functions.shared.dynamo import BATCH_GET_LIMIT, TransactionFailedError, Write
from functions.shared.errors import ConflictError, UnavailableError
from functions.shared.item import Item
from functions.shared.retry import pauses
from functions.uploads import store
from functions.uploads.chunk import Chunk, Row
from functions.uploads.errors import RowError
from functions.uploads.plan import Customers, Decision, Key, OutdatedError, UnreadError, decide, unread
from functions.uploads.progress import Progress, Verdict

MAX_WRITES = 97
"""Writes of rows in one transaction, which takes 100 and has three of its own (AWS: TransactWriteItems)."""

MAX_TRANSACTION_BYTES = 3 * 1024 * 1024
"""Of the 4 MB that the items of a transaction may have together (AWS: TransactWriteItems)."""


@dataclass(frozen=True)
class Outcome:
    """What became of a chunk's rows: a verdict each, in their order, and the errors of those that failed."""

    verdicts: Sequence[Verdict]
    errors: Sequence[RowError]


TAKEN_OF_LATE: deque[bool] = deque(maxlen=8)
"""Whether the last chunks named values that others have. Where they do, a worker asks before it writes."""


def import_chunk(chunk: Chunk, *, now: str, untouched: bool = False) -> Outcome:
    """Do to the customers what the rows of a chunk say, and count them, unless that has been done before.

    The same outcome however often it is called; `now` is a UTC timestamp. With `untouched` nobody is thought
    to have been at the chunk, which spares a read; if somebody has, it costs a transaction. Raises
    UnavailableError and ConflictError, where trying again helps.
    """
    work = _Work(chunk, now, Progress() if untouched else store.progress(chunk))
    while not work.progress.completed:
        work.advance()
    TAKEN_OF_LATE.append(any(error["code"] == DuplicateValueError.code for error in work.progress.errors))
    return Outcome(work.progress.verdicts, work.progress.errors)


class _Work:
    """How far one worker has come with a chunk; `room` is how many writes of rows a transaction may have."""

    def __init__(self, chunk: Chunk, now: str, progress: Progress) -> None:
        self.chunk = chunk
        self.now = now
        self.progress = progress
        self.customers = Customers(optimistic=not chunk.dry_run and True not in TAKEN_OF_LATE)
        self.room = MAX_WRITES
        self._read_ahead()

    def advance(self) -> None:
        """Settle as many of the next rows as one transaction takes, in a dry run all.

        Where DynamoDB has no capacity for so many writes at once, the next transactions have half of them.
        """
        for attempt, pause in enumerate(pauses()):
            if attempt > 1:
                pause()
            decisions = self._decided()
            progress = self.progress.after(
                [decision.verdict for decision in decisions],
                [decision.error for decision in decisions if decision.error],
                of=len(self.chunk.rows),
            )
            own = store.advance(self.chunk, self.progress, progress, now=self.now)
            changes = {} if self.chunk.dry_run else self._changes()
            try:
                _transact([*own, *changes.values()])
            except TransactionFailedError as failure:
                if 0 in failure.failed:
                    self._go_on_from(failure.failed[0])
                    return
                keys = list(changes)
                self._learn({keys[at - len(own)]: item for at, item in failure.failed.items()})
                # Where some values are taken others may be: to ask costs less than to fail again and again.
                self.customers.optimistic = False
                self._read_ahead()
            except UnavailableError:
                if self.room == 1 or not changes:
                    raise
                self.room = len(changes) // 2 or 1
                self.customers.drop()
                return
            else:
                self.progress = progress
                self.customers.keep()
                return
        raise ConflictError

    def _go_on_from(self, stands: Item | None) -> None:
        """Another worker is at this chunk; what it wrote is not what was read here."""
        self.progress = Progress.from_item(stands)
        self.customers = Customers(optimistic=self.customers.optimistic)
        self._read_ahead()

    def _read_ahead(self) -> None:
        """Read what the rows to come depend on, many at once: all but what other rows make of them."""
        rows = self._rows()
        while keys := list(dict.fromkeys(unread(self.chunk, rows, self.customers, now=self.now))):
            self._read(keys)

    def _rows(self) -> Sequence[Row]:
        return self.chunk.rows[len(self.progress.verdicts) :]

    def _decided(self) -> list[Decision]:
        attempts = pauses()
        while True:
            try:
                return self._decide()
            except OutdatedError as error:
                pause = next(attempts, None)
                if pause is None:
                    raise ConflictError from None
                pause()
                self._read(error.keys)
            except UnreadError as error:
                self._read(error.keys)

    def _decide(self) -> list[Decision]:
        decisions: list[Decision] = []
        room, space = self.room, MAX_TRANSACTION_BYTES
        for row in self._rows():
            decision = decide(self.chunk, row, self.customers, now=self.now)
            room -= decision.writes
            space -= decision.bytes
            if decisions and (room < 0 or space < 0) and not self.chunk.dry_run:
                break
            self.customers.put(decision)
            decisions.append(decision)
        return decisions

    def _changes(self) -> dict[Key, Write]:
        """What the rows decided on write, by what it is written to."""
        tenant_id, customers = self.chunk.tenant_id, self.customers
        changes: dict[Key, Write] = {}
        for customer_id, after in customers.changed.items():
            before = customers.stored.get(customer_id)
            if before is None:
                write = customer_writes.addition(tenant_id, {**after, "version": 1})
            else:
                # Several rows may have changed the customer: this is one change.
                changed = after | {"version": before["version"] + 1, "writeId": str(uuid.uuid4())}
                write = customer_writes.replacement(tenant_id, before, changed)
            changes["id", customer_id] = write
        for (name, value), owner in customers.handed.items():
            known = customers.owners.get((name, value))
            if known != owner:
                changes[name, value] = customer_writes.handover(tenant_id, name, value, known, owner)
        return changes

    def _read(self, keys: Sequence[Key]) -> None:
        for start in range(0, len(keys), BATCH_GET_LIMIT):
            some = keys[start : start + BATCH_GET_LIMIT]
            items = dynamo.batch_get([_place(self.chunk.tenant_id, key) for key in some])
            self._learn(dict(zip(some, items, strict=True)))

    def _learn(self, stands: Mapping[Key, Item | None]) -> None:
        """What was read, or was in the way of a write; it counts for all rows that are not settled yet."""
        self.customers.drop()
        for (name, value), item in stands.items():
            if name == "id":
                self.customers.read(value, live(item))
            else:
                self.customers.owners[name, value] = item["customerId"] if item else None


def _place(tenant_id: str, key: Key) -> tuple[str, Item]:
    name, value = key
    if name == "id":
        return "customers", customer_key(tenant_id, value)
    return "claims", claim_key(tenant_id, name, value)


def _transact(writes: Sequence[Write]) -> None:
    dynamo.uncontended(lambda: dynamo.transact(writes))
