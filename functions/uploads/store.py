"""Uploads in DynamoDB.

Under an upload's own key: the upload; its counters, spread over `COUNTERS` items, for many workers add to
them at once; the errors of its rows, an item a chunk that has any. A poll reads the first two in one query,
which costs the same whatever the number of rows. How far a chunk has come has a key of its own.

What a chunk adds to counters and errors is written in the transaction that completes it: so it is added once.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from zlib import crc32

from functions.shared import clock, dynamo
from functions.shared.dynamo import TransactionFailedError, Write
from functions.shared.errors import IdempotencyKeyReusedError, NotFoundError
from functions.shared.item import Item, item_bytes
from functions.uploads.chunk import Chunk
from functions.uploads.errors import RowError
from functions.uploads.progress import VERDICTS, Progress
from functions.uploads.upload import OPTIONS, Counts, Upload

COUNTERS = 16
"""Transactions that meet at one item fail; at 5,000 rows a second, one of these is added to three times."""

MAX_ERRORS_BYTES = 128 * 1024
"""About how many bytes of errors an item holds; those of one row are kept together."""

UPLOAD_DAYS = 90
"""How long an upload's report can be read, and its `Idempotency-Key` is known; DynamoDB's TTL ends it."""

_UPLOAD = "upload"
_ERRORS = "errors"
_PROGRESS = "progress"
_UPLOAD_FIELDS = ("uploadId", "received", "createdDate", *OPTIONS)
_NOTHING_THERE = "attribute_not_exists(uploadKey)"


def open_upload(tenant_id: str, upload: Upload, *, request_hash: str | None) -> Upload:
    """Store a new upload and return it, or the one that this very request has opened before.

    Raises IdempotencyKeyReusedError.
    """
    key, end = _key(tenant_id, upload["uploadId"], _UPLOAD), _end(upload["createdDate"])
    item = {**key, **upload, "expiresAt": end}
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


def find(tenant_id: str, upload_id: str) -> tuple[Upload, Sequence[Counts]]:
    """An upload and its counters so far, strongly consistent, in one call. Raises NotFoundError."""
    found = list(_parts(tenant_id, upload_id, _UPLOAD, _UPLOAD))
    if not found or found[0]["part"] != _UPLOAD:
        raise NotFoundError("There is no such upload")
    return _upload(found[0]), found[1:]


def errors(tenant_id: str, upload_id: str, *, since: str) -> Iterator[tuple[str, list[RowError]]]:
    """The errors of an upload's rows, as `(place, errors of a chunk)`, from a place on; `""` is the first."""
    for item in _parts(tenant_id, upload_id, f"{_ERRORS}#", f"{_ERRORS}#{since}"):
        yield item["part"].removeprefix(f"{_ERRORS}#"), item["errors"]


def refuse(tenant_id: str, upload: Upload, refused: Sequence[RowError], *, now: str) -> None:
    """Count rows that no worker is to see, and keep their errors; again and again, they count once."""
    for errors in _parts_of(refused):
        rows = {error["row"] for error in errors}
        place = Chunk(tenant_id, upload["uploadId"], upload["createdDate"], min(rows), ())
        writes = [_errors_put(place, errors), _counted(place, {"failed": len(rows)}, now)]
        with suppress(TransactionFailedError):
            dynamo.uncontended(lambda: dynamo.transact(writes))  # noqa: B023  called at once


def progress(chunk: Chunk) -> Progress:
    """How far a chunk has come, strongly consistent."""
    return Progress.from_item(dynamo.get("uploads", _progress_key(chunk)))


def advance(chunk: Chunk, before: Progress, after: Progress, *, now: str) -> list[Write]:
    """The writes that take a chunk from one progress to the next, and count it when it is complete.

    The first one fails where the chunk is not at `before`, and names where it is.
    """
    item = {**_progress_key(chunk), **after.to_item(), "expiresAt": _end(chunk.created_date)}
    if before.verdicts:
        at_before = Write("Put", "uploads", item, "verdicts = :before", {":before": before.letters})
    else:
        at_before = Write("Put", "uploads", item, _NOTHING_THERE)
    if not after.completed:
        return [at_before]
    told = [_errors_put(chunk, after.errors)] if after.errors else []
    return [at_before, _counted(chunk, after.counts(), now), *told]


def _counted(chunk: Chunk, counts: Counts, now: str) -> Write:
    number = crc32(str(chunk.first).encode()) % COUNTERS
    added = {verdict: counts[verdict] for verdict in VERDICTS if counts.get(verdict)}
    update = "SET completedDate = :now, expiresAt = :end"
    if added:
        update += " ADD " + ", ".join(f"{verdict} :{verdict}" for verdict in added)
    key = _key(chunk.tenant_id, chunk.upload_id, f"{_UPLOAD}#{number:02d}")
    values = {":now": now, ":end": _end(chunk.created_date), **{f":{name}": n for name, n in added.items()}}
    return Write("Update", "uploads", key, values=values, update=update)


def _errors_put(chunk: Chunk, errors: Sequence[RowError]) -> Write:
    key = _key(chunk.tenant_id, chunk.upload_id, f"{_ERRORS}#{chunk.first:09d}")
    item = {**key, "errors": list(errors), "expiresAt": _end(chunk.created_date)}
    return Write("Put", "uploads", item, _NOTHING_THERE)


def _parts_of(errors: Sequence[RowError]) -> Iterator[list[RowError]]:
    """The errors, in the order of their rows, in parts that each fit an item, those of one row together."""
    part: list[RowError] = []
    space = MAX_ERRORS_BYTES
    for error in sorted(errors, key=lambda error: int(error["row"])):
        size = item_bytes(error)
        if part and space < size and part[-1]["row"] != error["row"]:
            yield part
            part, space = [], MAX_ERRORS_BYTES
        part.append(error)
        space -= size
    if part:
        yield part


def _parts(tenant_id: str, upload_id: str, kind: str, since: str) -> Iterator[Item]:
    """The items under an upload's key of one kind, from a place on, a megabyte a call."""
    where, values = "part BETWEEN :since AND :end", {":since": since, ":end": f"{kind}~"}
    key = {"uploadKey": f"{tenant_id}#{upload_id}"}
    return chain.from_iterable(dynamo.partition("uploads", key, where, values))


def _upload(item: Item) -> Upload:
    return {name: item[name] for name in _UPLOAD_FIELDS if name in item}


def _key(tenant_id: str, upload_id: str, part: str) -> Item:
    return {"uploadKey": f"{tenant_id}#{upload_id}", "part": part}


def _progress_key(chunk: Chunk) -> Item:
    return {"uploadKey": f"{chunk.tenant_id}#{chunk.upload_id}#{chunk.first}", "part": _PROGRESS}


def _end(created_date: str) -> int:
    return clock.days_after(created_date, UPLOAD_DAYS)
