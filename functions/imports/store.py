"""Imports in DynamoDB: one item for the import, one for each range of its file, one by which it is listed.

A range's result and the import's counters are written in one transaction, only while the range has no
result: however often a range is delivered, its rows count once.
"""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from functions.imports.progress import (
    CANCELLED,
    FAILED,
    PROCESSING,
    UNDER_WAY,
    Import,
)
from functions.imports.ranges import Range
from functions.shared import clock, dynamo
from functions.shared.dynamo import ConditionFailedError, TransactionFailedError, Write
from functions.shared.errors import IdempotencyKeyReusedError, NotFoundError
from functions.shared.item import Item

IMPORT_DAYS = 90
"""How long an import's report can be read, and its `Idempotency-Key` is known; DynamoDB's TTL ends it."""

_IMPORT = "import"
_RANGE = "range#"
_STORED_ONLY = frozenset({"importKey", "part", "requestHash", "expiresAt"})
_NEW = "attribute_not_exists(importKey)"


def open_import(tenant_id: str, new: Import, *, request_hash: str | None) -> Import:
    """Store a new import and return it, or the one that this very request has opened before.

    Raises IdempotencyKeyReusedError.
    """
    end = {"expiresAt": clock.days_after(new["createdDate"], IMPORT_DAYS)}
    hashed = {"requestHash": request_hash} if request_hash is not None else {}
    listed = {**_listed_key(tenant_id, new), "importId": new["importId"], **end}
    writes = [
        Write("Put", "imports", {**_key(tenant_id, new["importId"]), **new, **hashed, **end}, _NEW),
        Write("Put", "imports", listed),
    ]
    try:
        dynamo.uncontended(lambda: dynamo.transact(writes))
    except TransactionFailedError as failure:
        there = failure.failed.get(0) or {}
        if there.get("requestHash") != request_hash:
            raise IdempotencyKeyReusedError from failure
        return _import(there)
    return new


def find(tenant_id: str, import_id: str) -> Import:
    """An import as it stands, strongly consistent. Raises NotFoundError."""
    item = dynamo.get("imports", _key(tenant_id, import_id))
    if item is None:
        raise NotFoundError("There is no such import")
    return _import(item)


def newest(tenant_id: str, *, limit: int, after: str | None) -> tuple[list[Import], str | None]:
    """A page of a tenant's imports, the newest first, and the position of the next page."""
    start = {"ExclusiveStartKey": {"importKey": tenant_id, "part": after}} if after else {}
    page = dynamo.query(
        "imports",
        KeyConditionExpression="importKey = :tenantId",
        ExpressionAttributeValues={":tenantId": tenant_id},
        ConsistentRead=True,
        ScanIndexForward=False,
        Limit=limit,
        **start,
    )
    keys = [_key(tenant_id, item["importId"]) for item in page["Items"]]
    found = dynamo.batch_get([("imports", key) for key in keys]) if keys else []
    # One whose time has come may be gone before its entry in the list.
    imports = [_import(item) for item in found if item]
    more = page.get("LastEvaluatedKey")
    return imports, str(more["part"]) if more else None


def move(
    tenant_id: str,
    one: Import,
    state: str,
    changes: Mapping[str, Any] | None = None,
    *,
    out_of: Sequence[str],
) -> bool:
    """Take an import that is in one of the states `out_of` to `state`, with other changes. Whether it was."""
    places = {f":from{number}": before for number, before in enumerate(out_of)}
    # The first name of an update is that of its first change.
    condition = f"#0 IN ({', '.join(places)})"
    changed = {"state": state, **(changes or {})}
    try:
        dynamo.write(
            dynamo.update_of("imports", _key(tenant_id, one["importId"]), changed, condition, places)
        )
    except ConditionFailedError:
        return False
    return True


def keep_upload(tenant_id: str, one: Import, upload_id: str) -> Import:
    """The import with S3's id of its upload in parts: this one, or that of whoever was faster."""
    key, once = _key(tenant_id, one["importId"]), "attribute_not_exists(multipart)"
    try:
        dynamo.write(dynamo.update_of("imports", key, {"multipart": upload_id}, once))
    except ConditionFailedError as failure:
        return _import(failure.item or {**one, "multipart": upload_id})
    return {**one, "multipart": upload_id}


def cancel(tenant_id: str, one: Import, *, now: str) -> None:
    """What has not begun does not begin."""
    move(tenant_id, one, CANCELLED, {"completedDate": now}, out_of=UNDER_WAY)


def fail(tenant_id: str, one: Import, reason: str, *, now: str) -> None:
    """End an import for a `reason` that is told."""
    move(tenant_id, one, FAILED, {"reason": reason, "completedDate": now}, out_of=UNDER_WAY)


def put_range(tenant_id: str, one: Import, found: Range) -> None:
    """Store a range, unless it is stored: whoever divides a file again finds the same."""
    end = clock.days_after(one["createdDate"], IMPORT_DAYS)
    item = {**_key(tenant_id, one["importId"], found.number), **vars(found), "expiresAt": end}
    with contextlib.suppress(ConditionFailedError):
        dynamo.write(Write("Put", "imports", item, _NEW))


def find_range(tenant_id: str, import_id: str, number: int) -> tuple[Import | None, Item]:
    """An import and a range of it with its result, if there is one; no import where it is gone."""
    keys = [_key(tenant_id, import_id), _key(tenant_id, import_id, number)]
    one, entry = dynamo.batch_get([("imports", key) for key in keys])
    return (_import(one), entry) if one and entry else (None, {})


def ranges_after(tenant_id: str, import_id: str, number: int, limit: int) -> tuple[list[Item], bool]:
    """Ranges behind one of this number, in order, and whether there are more."""
    key = _key(tenant_id, import_id, number)
    page = dynamo.query(
        "imports",
        KeyConditionExpression="importKey = :key AND part > :part",
        ExpressionAttributeValues={":key": key["importKey"], ":part": key["part"]},
        ConsistentRead=True,
        Limit=limit,
    )
    return page["Items"], "LastEvaluatedKey" in page


def begin_range(tenant_id: str, one: Import, number: int, *, now: str) -> bool:
    """Note that a range has begun, unless the import is not at work; what has begun is finished."""
    writes = [
        Write(
            "ConditionCheck",
            "imports",
            _key(tenant_id, one["importId"]),
            "#state = :state",
            {":state": PROCESSING},
            {"#state": "state"},
        ),
        dynamo.update_of(
            "imports",
            _key(tenant_id, one["importId"], number),
            {"begunDate": now},
            "attribute_exists(importKey)",
        ),
    ]
    try:
        dynamo.uncontended(lambda: dynamo.transact(writes))
    except TransactionFailedError:
        return False
    return True


def finish_range(tenant_id: str, one: Import, number: int, counts: Mapping[str, int], *, now: str) -> None:
    """Write the result of a range and count it, unless it has one."""
    key = _key(tenant_id, one["importId"], number)
    result = dynamo.update_of("imports", key, {"doneDate": now, **counts}, "attribute_not_exists(doneDate)")
    _count_once(result, tenant_id, one, {"rangesDone": 1, **counts})


def check_range(tenant_id: str, one: Import, number: int, invalid: int, *, now: str) -> None:
    """Write how many rows of a range are not valid and count them, unless that is written."""
    key = _key(tenant_id, one["importId"], number)
    changes = {"checkedDate": now, "invalid": invalid}
    result = dynamo.update_of("imports", key, changes, "attribute_not_exists(checkedDate)")
    _count_once(result, tenant_id, one, {"rangesChecked": 1, "invalid": invalid})


def _count_once(result: Write, tenant_id: str, one: Import, counts: Mapping[str, int]) -> None:
    added = ", ".join(f"#{name} = #{name} + :{name}" for name in counts)
    counted = Write(
        "Update",
        "imports",
        _key(tenant_id, one["importId"]),
        "attribute_exists(importKey)",
        {f":{name}": count for name, count in counts.items()},
        {f"#{name}": name for name in counts},
        f"SET {added}",
    )
    try:
        dynamo.uncontended(lambda: dynamo.transact([result, counted]))
    except TransactionFailedError:
        # Another delivery was faster; or the import's time has come.
        return


def _import(item: Item) -> Import:
    return {name: value for name, value in item.items() if name not in _STORED_ONLY}


def _key(tenant_id: str, import_id: str, number: int | None = None) -> Item:
    part = _IMPORT if number is None else f"{_RANGE}{number:06d}"
    return {"importKey": f"{tenant_id}#{import_id}", "part": part}


def _listed_key(tenant_id: str, one: Import) -> Item:
    return {"importKey": tenant_id, "part": f"{one['createdDate']}#{one['importId']}"}
