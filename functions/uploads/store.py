"""Uploads in DynamoDB: one item for the upload, one for the result of each of its chunks.

A customer of a chunk is created only while the chunk has no result, and a result is written only while no
row it calls failed has a customer. So a chunk delivered twice, even to two workers at once, or left by a
worker that died between any two calls, ends in one set of customers and the one report that tells of them.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from functions.customers import store as customers
from functions.customers.customer import Customer, new_customer
from functions.customers.errors import DuplicateValueError
from functions.customers.item import customer_key
from functions.customers.keys import unique_values
from functions.shared import clock, dynamo
from functions.shared.dynamo import TransactionFailedError, Write
from functions.shared.errors import IdempotencyKeyReusedError, NotFoundError, UnavailableError
from functions.shared.item import Item
from functions.uploads.upload import Chunk, Result, Row, RowError, Upload, duplicate

MAX_TRANSACTION_WRITES = 100
"""Writes in one TransactWriteItems (AWS: TransactWriteItems)."""

UPLOAD_DAYS = 90
"""How long an upload's report can be read, and its `Idempotency-Key` is known; DynamoDB's TTL ends it."""

_UPLOAD_PART = "upload"
_UPLOAD_FIELDS = ("uploadId", "received", "createdDate")
_NOTHING_THERE = "attribute_not_exists(uploadKey)"


def open_upload(tenant_id: str, upload: Upload, *, request_hash: str | None) -> Upload:
    """Store a new upload and return it, or the one that this very request has opened before.

    Raises IdempotencyKeyReusedError.
    """
    end = clock.days_after(upload["createdDate"], UPLOAD_DAYS)
    item = {**_key(tenant_id, upload["uploadId"], _UPLOAD_PART), **upload, "expiresAt": end}
    if request_hash is not None:
        item["requestHash"] = request_hash
    try:
        dynamo.write(Write("Put", "uploads", item, _NOTHING_THERE))
    except dynamo.ConditionFailedError as failure:
        # botocore tries again after a lost answer: without a key, what stands there is our own.
        if failure.item is None or failure.item.get("requestHash") != request_hash:
            raise IdempotencyKeyReusedError from failure
        return _upload(failure.item)
    return upload


def find(tenant_id: str, upload_id: str) -> tuple[Upload, list[Result]]:
    """An upload and the results it has so far, strongly consistent. Raises NotFoundError."""
    uploads: list[Upload] = []
    results: list[Result] = []
    partition = {"uploadKey": _key(tenant_id, upload_id, "")["uploadKey"]}
    for item in chain.from_iterable(dynamo.partition("uploads", partition)):
        if item["part"] == _UPLOAD_PART:
            uploads.append(_upload(item))
        else:
            results.append(item)
    if not uploads:
        raise NotFoundError("There is no such upload")
    return uploads[0], results


def import_chunk(chunk: Chunk, *, now: str) -> None:
    """Create the customers of a chunk and write its result, unless it has one already.

    Raises UnavailableError and ConflictError, where trying again helps.
    """
    if dynamo.get("uploads", _result_key(chunk)) is not None:
        return
    attempt = _Attempt([_Creation.of(chunk, row) for row in chunk.rows])
    try:
        while attempt.waiting:
            _create_some(chunk, attempt)
        _write_result(chunk, attempt, now)
    except _HasResultError:
        return


class _HasResultError(Exception):
    """Another worker has finished this chunk."""


@dataclass(frozen=True)
class _Creation:
    """What it takes to create the customer of a row: writes of itself, then of its claims."""

    row: int
    customer: Customer
    writes: Sequence[Write]

    @classmethod
    def of(cls, chunk: Chunk, row: Row) -> "_Creation":
        customer = new_customer(
            chunk.customer_id(row), row.fields, now=chunk.created_date, new_id=lambda: str(uuid.uuid4())
        )
        return cls(row.number, customer, customers.creation(chunk.tenant_id, customer))

    def error(self, failed: Sequence[int]) -> RowError:
        """The error of a row that failed at these of its writes."""
        names = list(unique_values(self.customer))
        fields = [names[position - 1] for position in failed]
        return duplicate(self.row, fields[0], DuplicateValueError(fields).message)


@dataclass
class _Attempt:
    """How far one worker has come with a chunk; `room` is how many writes a transaction of it may have."""

    waiting: list[_Creation]
    room: int = field(default_factory=lambda: MAX_TRANSACTION_WRITES - 1)
    created: int = 0
    taken: list[tuple[_Creation, RowError]] = field(default_factory=list)


def _create_some(chunk: Chunk, attempt: _Attempt) -> None:
    """Create as many customers as one transaction holds, or find out which of them cannot be.

    Where DynamoDB has no capacity for so many writes at once, the next transactions have half of them.
    """
    batch = _first_that_fit(attempt.waiting, attempt.room)
    no_result = Write("ConditionCheck", "uploads", _result_key(chunk), _NOTHING_THERE)
    writes = [write for creation in batch for write in creation.writes]
    try:
        failed = _transact([no_result, *writes])
    except UnavailableError:
        if len(batch) == 1:
            raise
        attempt.room = len(writes) // 2
        return
    if 0 in failed:
        raise _HasResultError
    settled = 0
    position = 1
    undecided: list[_Creation] = []
    for creation in batch:
        own = [at for at in range(len(creation.writes)) if position + at in failed]
        position += len(creation.writes)
        if failed and not own:
            undecided.append(creation)
        elif own and own[0] != 0:
            attempt.taken.append((creation, creation.error(own)))
        else:
            # Created now, or by an earlier delivery: nobody else makes a customer of this id.
            settled += 1
    attempt.created += settled
    attempt.waiting = [*undecided, *attempt.waiting[len(batch) :]]


def _first_that_fit(creations: Sequence[_Creation], room: int) -> list[_Creation]:
    """At least one of them, so that there is an end."""
    batch: list[_Creation] = []
    for creation in creations:
        room -= len(creation.writes)
        if room < 0 and batch:
            break
        batch.append(creation)
    return batch


def _write_result(chunk: Chunk, attempt: _Attempt, now: str) -> None:
    while True:
        failed = _transact(
            [
                Write("Put", "uploads", _result(chunk, attempt, now), _NOTHING_THERE),
                *(_never_created(chunk, creation) for creation, _ in attempt.taken),
            ]
        )
        if 0 in failed:
            raise _HasResultError
        if not failed:
            return
        # Another worker found a value free again: those rows have their customer after all.
        attempt.created += len(failed)
        attempt.taken = [taken for at, taken in enumerate(attempt.taken, 1) if at not in failed]


def _never_created(chunk: Chunk, creation: _Creation) -> Write:
    key = customer_key(chunk.tenant_id, creation.customer["id"])
    return Write("ConditionCheck", "customers", key, "attribute_not_exists(customerKey)")


def _result(chunk: Chunk, attempt: _Attempt, now: str) -> Item:
    failed = [*chunk.refused, *(error for _, error in attempt.taken)]
    end = clock.days_after(chunk.created_date, UPLOAD_DAYS)
    result = {"created": attempt.created, "failed": failed, "completedDate": now, "expiresAt": end}
    return {**_result_key(chunk), **result}


def _transact(writes: Sequence[Write]) -> frozenset[int]:
    """The positions of the writes whose condition failed, none where all were written."""
    try:
        dynamo.uncontended(lambda: dynamo.transact(writes))
    except TransactionFailedError as failure:
        return frozenset(failure.failed)
    return frozenset()


def _upload(item: Item) -> Upload:
    return {name: item[name] for name in _UPLOAD_FIELDS}


def _key(tenant_id: str, upload_id: str, part: str) -> Item:
    return {"uploadKey": f"{tenant_id}#{upload_id}", "part": part}


def _result_key(chunk: Chunk) -> Item:
    return _key(chunk.tenant_id, chunk.upload_id, f"rows#{chunk.first:07d}")
