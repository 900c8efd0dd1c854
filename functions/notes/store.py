"""Notes in DynamoDB: a customer's notes are one partition, in the order of time.

A note is written in one transaction with a check that its customer is live, so a deleted customer gets no
new ones; and every read reads the customer too, so the notes it had are out of reach at once.

A create with an `Idempotency-Key` also writes a record of it, in a partition of its own:
`{"noteId", "requestHash"}`. It is the record's condition that lets one of many repeats create the note.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, islice

from functions.customers import directory
from functions.customers.customer import Customer
from functions.customers.directory import Lookup
from functions.customers.item import LIVE, customer_key, live
from functions.notes.note import Note, note_id, parts_of_note_id, version
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
    key = _key(tenant_id, customer["id"], note["noteKey"])
    writes = [
        Write("ConditionCheck", "customers", customer_key(tenant_id, customer["id"]), LIVE),
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
    try:
        dynamo.uncontended(lambda: dynamo.transact(writes))
    except dynamo.TransactionFailedError as failure:
        if keyed and 2 in failure.failed:
            return _made_before(tenant_id, failure.failed[2], keyed)
        if 0 in failure.failed:
            raise NotFoundError(directory.NOBODY) from failure
        raise ConflictError from failure
    return note, customer


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

    def write(note: Note, key: Item, condition: str, read: Item) -> tuple[Write, Note]:
        changed = change(note)
        return Write("Put", "notes", changed | key, condition, read), changed

    return _on_current(tenant_id, wanted, write, if_match=if_match)


def delete(tenant_id: str, wanted: str, *, if_match: str | None) -> tuple[Note, Customer]:
    """Delete the note; of several at once, one does. The note as it was.

    Raises NotFoundError, PreconditionFailedError, ConflictError.
    """

    def write(note: Note, key: Item, condition: str, read: Item) -> tuple[Write, Note]:
        return Write("Delete", "notes", key, condition, read), note

    return _on_current(tenant_id, wanted, write, if_match=if_match)


def newest(tenant_id: str, customer_id: str, page: Page) -> tuple[list[Note], str | None]:
    """A page of the customer's notes, the newest first, and the position to go on from, if any.

    The position is the last note's `noteKey`. A page needs no limit in bytes: a hundred notes of the
    longest text are 2 MB, and a function's answer ends at 6 MB (AWS: Lambda quotas).
    """
    start = {"ExclusiveStartKey": _key(tenant_id, customer_id, page.after)} if page.after else {}
    partition = customer_key(tenant_id, customer_id)
    pages = dynamo.partition("notes", partition, ScanIndexForward=False, Limit=page.limit + 1, **start)
    notes = [_note(item) for item in islice(chain.from_iterable(pages), page.limit + 1)]
    if len(notes) <= page.limit:
        return notes, None
    return notes[: page.limit], notes[page.limit - 1]["noteKey"]


def delete_all(tenant_id: str, customer_id: str) -> int:
    """Delete every note of a customer, live or deleted, and return how many there were; safe to repeat.

    Raises UnavailableError, after which some may be gone and some not.
    """
    deleted = 0
    partition = customer_key(tenant_id, customer_id)
    for keys in dynamo.partition("notes", partition, ProjectionExpression="customerKey, noteKey"):
        dynamo.batch_delete("notes", keys)
        deleted += len(keys)
    return deleted


def _on_current(
    tenant_id: str,
    wanted: str,
    write: Callable[[Note, Item, str, Item], tuple[Write, Note]],
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
        one, written = write(note, key, f"{name} = :read", {":read": note[name]})
        try:
            # A transaction of one: alone, a write whose answer was lost could not be told from another's.
            dynamo.transact([one])
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
    return (_note(item), customer) if item and customer else None


def _made_before(tenant_id: str, record: Item | None, keyed: KeyedRequest) -> tuple[Note, Customer]:
    if record is None or record["requestHash"] != keyed.hash:
        raise IdempotencyKeyReusedError
    found = _by_id(tenant_id, record["noteId"])
    if found is None:
        raise IdempotencyKeyReusedError("What this Idempotency-Key made has been deleted since")
    return found
