"""Notes in DynamoDB: a customer's notes are one partition, in the order of time.

A note is written in one transaction with its customer's tally, or a check of it (`tally.py`), so a deleted
customer gets no new ones; and every read reads the customer too, so the notes of a deleted one, and those
that a delete of all took, are out of reach at once. The erasure takes them out of the table.

A create with an `Idempotency-Key` also writes a record of it, in a partition of its own:
`{"noteId", "requestHash"}`. It is the record's condition that lets one of many repeats create the note.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from functions.customers import directory
from functions.customers.customer import Customer
from functions.customers.directory import Lookup
from functions.customers.errors import NOBODY
from functions.customers.item import customer_key, live
from functions.notes.note import Note, deleted_through, moved_behind, note_id, parts_of_note_id, version
from functions.notes.tally import still_there, tally_of
from functions.shared import clock, dynamo
from functions.shared.dynamo import Write
from functions.shared.errors import (
    ConflictError,
    IdempotencyKeyReusedError,
    NotFoundError,
    PreconditionFailedError,
)
from functions.shared.etags import allows_change
from functions.shared.item import Item
from functions.shared.paging import Page
from functions.shared.retry import pauses

REQUEST_DAYS = 90
"""How long a note's `Idempotency-Key` is known; DynamoDB's TTL ends it."""


@dataclass(frozen=True)
class KeyedRequest:
    """A create under an `Idempotency-Key`: `id` is what the key makes, `hash` covers all that is asked."""

    id: str
    hash: str


def create(
    tenant_id: str, lookup: Lookup, note: Note, *, keyed: KeyedRequest | None = None
) -> tuple[Note, Customer]:
    """Store a new note of the customer that `lookup` names; the note and its customer.

    A note that this very keyed request has already made is returned as it stands now, with the customer it
    was made for. Raises NotFoundError, IdempotencyKeyReusedError, ConflictError.
    """
    try:
        customer = directory.find(tenant_id, lookup)
    except NotFoundError:
        # The customer that the key's first request found may have another name now, or be deleted.
        if keyed and (record := dynamo.get("notes", _record_key(tenant_id, keyed))):
            return _made_before(tenant_id, record, keyed)
        raise
    for pause in pauses():
        note = moved_behind(note, deleted_through(customer))
        try:
            dynamo.transact(_creation(tenant_id, customer, note, keyed))
        except dynamo.ContendedError:
            pause()
        except dynamo.TransactionFailedError as failure:
            if keyed and 2 in failure.failed:
                return _made_before(tenant_id, failure.failed[2], keyed)
            if 0 not in failure.failed:
                raise ConflictError from failure
            current = live(failure.failed[0])
            if current is None:
                raise NotFoundError(NOBODY) from failure
            # All of its notes were deleted, or others have begun to count them.
            customer = current
        else:
            return note, customer
    raise ConflictError


def find(tenant_id: str, wanted: str) -> tuple[Note, Customer]:
    """The note of this id and its customer, both as they stand now. Raises NotFoundError."""
    found = _by_id(tenant_id, wanted)
    if found is None:
        raise NotFoundError("There is no such note")
    return found


def update(
    tenant_id: str, wanted: str, change: Callable[[Note], Note], *, if_match: str | None
) -> tuple[Note, Customer]:
    """Apply `change` to the note as it stands, however many write to it at once; the note after that.

    Raises NotFoundError, PreconditionFailedError, ConflictError.
    """

    def write(
        customer: Customer, note: Note, key: Item, condition: str, read: Item
    ) -> tuple[list[Write], Note]:
        changed = change(note)
        there = still_there(tenant_id, customer, note["noteKey"])
        return [Write("Put", "notes", changed | key, condition, read), there], changed

    return _on_current(tenant_id, wanted, write, if_match=if_match)


def delete(tenant_id: str, wanted: str, *, if_match: str | None) -> tuple[Note, Customer]:
    """Delete the note; of several at once, one does. The note as it was.

    Raises NotFoundError, PreconditionFailedError, ConflictError.
    """

    def write(
        customer: Customer, note: Note, key: Item, condition: str, read: Item
    ) -> tuple[list[Write], Note]:
        counted = tally_of(tenant_id, customer).moved("deleted", note["noteKey"])
        return [Write("Delete", "notes", key, condition, read), counted], note

    return _on_current(tenant_id, wanted, write, if_match=if_match)


def newest(tenant_id: str, customer: Customer, page: Page) -> tuple[list[Note], str | None]:
    """A page of the customer's notes, the newest first, and the position to go on from, if any.

    The position is the last note's `noteKey`. A page needs no limit in bytes: a hundred notes of the
    longest text are 2 MB, and a function's answer ends at 6 MB (AWS: Lambda quotas).
    """
    found = list(islice(_newest(tenant_id, customer, page.limit + 1, page.after), page.limit + 1))
    if len(found) <= page.limit:
        return found, None
    return found[: page.limit], found[page.limit - 1]["noteKey"]


def delete_all(tenant_id: str, lookup: Lookup) -> int:
    """Let every note of the customer that `lookup` names be gone, and return how many there were.

    One write, however many there are; the erasure hears of it. A note that is being made meanwhile is one of
    them, or lives. Raises NotFoundError, ConflictError.
    """
    customer = directory.find(tenant_id, lookup)
    for pause in pauses():
        tally = tally_of(tenant_id, customer)
        last = next(_newest(tenant_id, customer, 1), None)
        if last is None:
            return 0
        try:
            dynamo.transact([tally.all_deleted(last["noteKey"])])
        except (dynamo.TransactionFailedError, dynamo.ContendedError):
            pause()
            customer = directory.find(tenant_id, Lookup("id", customer["id"]))
        else:
            return tally.count
    raise ConflictError


def erase(tenant_id: str, customer_id: str, *, through: str | None, most: int) -> int:
    """Take a customer's notes out of the table, the oldest first; returns how many. Safe to repeat.

    Those through the key `through`, or all where it is None; where there are more than `most`, it stops
    after some thousands more at most. Raises UnavailableError, after which some may be gone and some not.
    """
    erased = 0
    pages = dynamo.partition(
        "notes",
        customer_key(tenant_id, customer_id),
        "noteKey <= :through" if through else "",
        {":through": through} if through else None,
        ProjectionExpression="customerKey, noteKey",
    )
    for keys in pages:
        dynamo.batch_delete("notes", keys)
        erased += len(keys)
        if erased > most:
            break
    return erased


def _creation(tenant_id: str, customer: Customer, note: Note, keyed: KeyedRequest | None) -> list[Write]:
    key = _key(tenant_id, customer["id"], note["noteKey"])
    writes = [
        tally_of(tenant_id, customer).moved("made", note["noteKey"]),
        Write("Put", "notes", {**note, **key}, "attribute_not_exists(noteKey)"),
    ]
    if keyed:
        made = {
            "noteId": note_id(customer["id"], note["noteKey"]),
            "requestHash": keyed.hash,
            "expiresAt": clock.days_after(note["createdDate"], REQUEST_DAYS),
        }
        record = _record_key(tenant_id, keyed) | made
        writes.append(Write("Put", "notes", record, "attribute_not_exists(noteKey)"))
    return writes


def _newest(tenant_id: str, customer: Customer, limit: int, after: str | None = None) -> Iterator[Note]:
    """The customer's notes from the newest on, or from behind the key `after`, `limit` a call."""
    gone = deleted_through(customer)
    if after is not None and after <= gone:
        return
    pages = dynamo.partition(
        "notes",
        customer_key(tenant_id, customer["id"]),
        "noteKey > :gone" if gone else "",
        {":gone": gone} if gone else None,
        ScanIndexForward=False,
        Limit=limit,
        **({"ExclusiveStartKey": _key(tenant_id, customer["id"], after)} if after else {}),
    )
    yield from map(_note, chain.from_iterable(pages))


def _on_current(
    tenant_id: str,
    wanted: str,
    write: Callable[[Customer, Note, Item, str, Item], tuple[list[Write], Note]],
    *,
    if_match: str | None,
) -> tuple[Note, Customer]:
    for pause in pauses():
        note, customer = find(tenant_id, wanted)
        if not allows_change(if_match, version(note)):
            raise PreconditionFailedError
        # Older notes have no version.
        name = "version" if "version" in note else "lastModifiedDate"
        key = _key(tenant_id, customer["id"], note["noteKey"])
        writes, written = write(customer, note, key, f"{name} = :read", {":read": note[name]})
        try:
            dynamo.transact(writes)
        except (dynamo.TransactionFailedError, dynamo.ContendedError):
            pause()
        else:
            return written, customer
    raise ConflictError


def _key(tenant_id: str, customer_id: str, key: str) -> Item:
    return {**customer_key(tenant_id, customer_id), "noteKey": key}


def _record_key(tenant_id: str, keyed: KeyedRequest) -> Item:
    # No customer's id begins like this, so no listing meets a record.
    return {"customerKey": f"{tenant_id}#request#{keyed.id}", "noteKey": "request"}


def _note(item: Item) -> Note:
    return {name: value for name, value in item.items() if name != "customerKey"}


def _by_id(tenant_id: str, wanted: str) -> tuple[Note, Customer] | None:
    parts = parts_of_note_id(wanted)
    if parts is None:
        return None
    customer_id, key = parts
    item, owner = dynamo.batch_get(
        [("notes", _key(tenant_id, customer_id, key)), ("customers", customer_key(tenant_id, customer_id))]
    )
    customer = live(owner)
    if item is None or customer is None or key <= deleted_through(customer):
        return None
    return _note(item), customer


def _made_before(tenant_id: str, record: Item | None, keyed: KeyedRequest) -> tuple[Note, Customer]:
    if record is None or record["requestHash"] != keyed.hash:
        raise IdempotencyKeyReusedError
    found = _by_id(tenant_id, record["noteId"])
    if found is None:
        raise IdempotencyKeyReusedError("What this Idempotency-Key made has been deleted since")
    return found
