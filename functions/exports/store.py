"""Exports in DynamoDB: one item for the export, one for each of its parts, and its place among the running.

A part is written only while its export is there, and once: a message delivered twice, even to two workers at
once, or left by a worker that died between any two calls, ends in one set of parts that has every customer.

A customer that is deleted while its export runs is noted with it, and the export is not complete before the
parts that may hold the customer were written anew (`completed`). Of an export that is complete the part goes.
"""

import time
from collections.abc import Iterator, Sequence
from itertools import chain

from functions.exports.errors import TooManyExportsError, TooManyKnownExportsError
from functions.exports.export import KNOWN, KNOWN_DAYS, RUNNING, Export, Part, expires, part_name
from functions.shared import clock, dynamo
from functions.shared.dynamo import TransactionFailedError, Write
from functions.shared.errors import IdempotencyKeyReusedError, NotFoundError
from functions.shared.item import Item, unmarshal

NOWHERE = "There is no such export"

PLACE_SECONDS = 24 * 3600
"""When the place of an export that never completes is free again."""

_THERE = "attribute_exists(tenantId) AND attribute_not_exists(deletedDate)"
_RUNS = f"{_THERE} AND attribute_not_exists(completedDate)"
_NOTHING_THERE = "attribute_not_exists(tenantId)"


def open_export(tenant_id: str, export: Export, *, request_hash: str | None) -> Export:
    """Store a new export and return it, or the one that this very request has opened before.

    Raises TooManyExportsError, IdempotencyKeyReusedError.
    """
    # Some more, begun at the same time, do no harm.
    known = [item["exportId"] for item in _entries(tenant_id, "export#")]
    if len(known) >= KNOWN and export["exportId"] not in known:
        raise TooManyKnownExportsError
    now = int(time.time())
    for slot in map(str, range(RUNNING)):
        item = _item(tenant_id, {**export, "slot": slot})
        if request_hash is not None:
            item["requestHash"] = request_hash
        place = {
            **_key(tenant_id, f"slot#{slot}"),
            "exportId": export["exportId"],
            "expiresAt": now + PLACE_SECONDS,
        }
        free = f"{_NOTHING_THERE} OR expiresAt < :now"
        writes = [
            Write("Put", "exports", item, _NOTHING_THERE),
            Write("Put", "exports", place, free, {":now": now}),
        ]
        try:
            dynamo.uncontended(lambda writes=writes: dynamo.transact(writes))  # type: ignore[misc]
        except TransactionFailedError as failure:
            if 0 in failure.failed:
                return _opened_before(failure.failed[0], request_hash)
        else:
            return _export(item)
    raise TooManyExportsError


def find(tenant_id: str, export_id: str) -> Export:
    """An export as it stands. Raises NotFoundError, also where it was deleted."""
    item = dynamo.get("exports", _key(tenant_id, f"export#{export_id}"))
    if item is None or "deletedDate" in item:
        raise NotFoundError(NOWHERE)
    return _export(item)


def find_readable(tenant_id: str, export_id: str, now: str) -> Export:
    """The same, for a caller: an export whose time is over is not there any more."""
    export = find(tenant_id, export_id)
    if expires(export) <= now:
        raise NotFoundError(NOWHERE)
    return export


def kept(tenant_id: str) -> list[Export]:
    """All exports of a tenant of which there may be files, but for deleted ones."""
    items = _entries(tenant_id, "export#")
    return [_export(item) for item in items if "deletedDate" not in item]


def parts(tenant_id: str, export_id: str, bucket: str = "") -> list[Part]:
    """The parts of an export so far, or those of one bucket, in order of their names."""
    return [_part(item) for item in _entries(tenant_id, f"part#{export_id}#{bucket}")]


def part(tenant_id: str, export_id: str, bucket: str, number: int) -> Part | None:
    """A part, if it was written."""
    name = part_name({"bucket": bucket, "number": number})
    item = dynamo.get("exports", _key(tenant_id, f"part#{export_id}#{name}"))
    return _part(item) if item else None


def add_part(tenant_id: str, export: Export, new: Part) -> Part:
    """Write a part, and return it, or the one that another worker has written.

    Raises NotFoundError where the export was deleted.
    """
    item = {**_part_key(tenant_id, export, new), **new, "expiresAt": _end(export)}
    there = _transact_there(tenant_id, export, Write("Put", "exports", item, _NOTHING_THERE))
    return _part(there) if there else new


def replace_part(tenant_id: str, export: Export, old: Part, new: Part) -> bool:
    """Write a part anew; False where another worker has done so since `old` was read.

    Raises NotFoundError where the export was deleted.
    """
    item = {**_part_key(tenant_id, export, new), **new, "expiresAt": _end(export)}
    unchanged = Write("Put", "exports", item, "#file = :file", {":file": old["file"]}, {"#file": "file"})
    return _transact_there(tenant_id, export, unchanged) is None


def withdraw_part(tenant_id: str, export: Export, old: Part, deleted_date: str) -> None:
    """Note that a part's file is deleted: nobody gets an address of it any more."""
    key = _part_key(tenant_id, export, old)
    dynamo.write(
        dynamo.update_of("exports", key, {"deletedDate": deleted_date}, "attribute_exists(tenantId)")
    )


def note_deleted(tenant_id: str, export: Export, customer_id: str) -> bool:
    """Note with a running export that this customer is deleted; False where it runs no more."""
    marker = {
        **_key(tenant_id, f"deleted#{export['exportId']}#{customer_id}"),
        "customerId": customer_id,
        "expiresAt": _end(export),
    }
    counted = Write(
        "Update",
        "exports",
        _key(tenant_id, _entry(export)),
        _RUNS,
        {":one": 1},
        update="ADD erased :one",
    )
    try:
        dynamo.uncontended(lambda: dynamo.transact([counted, Write("Put", "exports", marker)]))
    except TransactionFailedError:
        return False
    return True


def noted_deleted(tenant_id: str, export_id: str) -> list[str]:
    """The ids of customers deleted while the export runs, that its parts may still hold."""
    return [item["customerId"] for item in _entries(tenant_id, f"deleted#{export_id}#")]


def forget_deleted(tenant_id: str, export_id: str, customer_ids: Sequence[str]) -> None:
    """The parts no longer hold these customers."""
    keys = [_key(tenant_id, f"deleted#{export_id}#{one}") for one in customer_ids]
    dynamo.batch_delete("exports", keys)


def complete(tenant_id: str, export: Export, now: str) -> bool:
    """Note that an export is complete; False where a customer was deleted since `export` was read.

    Raises NotFoundError where the export was deleted.
    """
    change = dynamo.update_of(
        "exports",
        _key(tenant_id, _entry(export)),
        {"completedDate": now},
        f"{_RUNS} AND erased = :erased",
        {":erased": export["erased"]},
    )
    try:
        dynamo.write(change)
    except dynamo.ConditionFailedError:
        # It may be our own write, of which the answer was lost.
        return "completedDate" in find(tenant_id, export["exportId"])
    return True


def free_place(tenant_id: str, export: Export) -> None:
    """Let another export of the tenant run."""
    own = Write(
        "Delete",
        "exports",
        _key(tenant_id, f"slot#{export['slot']}"),
        "exportId = :exportId",
        {":exportId": export["exportId"]},
    )
    try:
        dynamo.write(own)
    except dynamo.ConditionFailedError:
        return


def mark_deleted(tenant_id: str, export_id: str, now: str) -> Export:
    """Delete an export, or begin again to; its files are left to the caller. Raises NotFoundError."""
    change = dynamo.update_of(
        "exports",
        _key(tenant_id, f"export#{export_id}"),
        {"deletedDate": now},
        "attribute_exists(tenantId)",
    )
    try:
        item = dynamo.write(change, ReturnValues="ALL_NEW")["Attributes"]
    except dynamo.ConditionFailedError as failure:
        raise NotFoundError(NOWHERE) from failure
    return _export(unmarshal(item))


def _transact_there(tenant_id: str, export: Export, write: Write) -> Item | None:
    """Write, while the export is there; what stood in the way, None where it was written."""
    there = Write("ConditionCheck", "exports", _key(tenant_id, _entry(export)), _THERE)
    try:
        dynamo.uncontended(lambda: dynamo.transact([there, write]))
    except TransactionFailedError as failure:
        if 0 in failure.failed:
            raise NotFoundError(NOWHERE) from failure
        return failure.failed[1] or {}
    return None


def _opened_before(item: Item | None, request_hash: str | None) -> Export:
    if item is None or request_hash is None or item.get("requestHash") != request_hash:
        raise IdempotencyKeyReusedError
    if "deletedDate" in item:
        raise IdempotencyKeyReusedError("What this Idempotency-Key made has been deleted since")
    return _export(item)


def _entries(tenant_id: str, prefix: str) -> Iterator[Item]:
    pages = dynamo.partition(
        "exports", {"tenantId": tenant_id}, "begins_with(entry, :prefix)", {":prefix": prefix}
    )
    return chain.from_iterable(pages)


_STORED_ONLY = frozenset({"tenantId", "entry", "expiresAt", "requestHash"})


def _item(tenant_id: str, export: Export) -> Item:
    return {**_key(tenant_id, _entry(export)), **export, "erased": 0, "expiresAt": _end(export)}


def _export(item: Item) -> Export:
    return {name: value for name, value in item.items() if name not in _STORED_ONLY}


_part = _export


def _key(tenant_id: str, entry: str) -> Item:
    return {"tenantId": tenant_id, "entry": entry}


def _entry(export: Export) -> str:
    return f"export#{export['exportId']}"


def _part_key(tenant_id: str, export: Export, one: Part) -> Item:
    return _key(tenant_id, f"part#{export['exportId']}#{part_name(one)}")


def _end(export: Export) -> int:
    return clock.days_after(export["createdDate"], KNOWN_DAYS)
