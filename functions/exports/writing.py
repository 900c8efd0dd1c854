"""The parts of an export, written: how far one goes, and what becomes of it where customers are deleted.

A part's work is bounded, whatever the size of the tenant or of its customers: in memory is one batch of
customers and what has been compressed.
"""

import gzip
import io
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

from functions.customers.customer import Customer, present
from functions.customers.listing import in_bucket
from functions.customers.page import current
from functions.exports import files, store
from functions.exports.columns import CSV_COLUMNS, cells, csv_lines, json_line
from functions.exports.export import Export, Part, Step, covers, is_written, part_name
from functions.shared import clock
from functions.shared.dynamo import BATCH_GET_LIMIT
from functions.shared.errors import NotFoundError

MAX_CUSTOMERS = 50_000
MAX_BYTES = 16 * 1024 * 1024
MAX_SECONDS = 25
"""Where a part ends: customers, compressed bytes, and time from its begin."""

THREADS = 4
"""Batches of customers that are read at once."""

BATCH = THREADS * BATCH_GET_LIMIT


def write_next(step: Step) -> list[Step]:
    """Write the part that a message asks for, unless it is there, and return the messages to send then.

    Raises NotFoundError where the export is not there any more.
    """
    export = store.find(step.tenant_id, step.export_id)
    part = store.part(step.tenant_id, step.export_id, step.bucket, step.number)
    if part is None:
        part = _add(step, export)
    if not part["ends"]:
        return [Step(step.tenant_id, step.export_id, step.bucket, step.number + 1, part["last"])]
    return [Step(step.tenant_id, step.export_id)]


def finish(step: Step) -> list[Step]:
    """Complete an export of which all parts are written; a message to go on with where time does not do.

    Every part that may hold a customer deleted meanwhile is written anew before. Raises NotFoundError where
    the export is not there any more.
    """
    until = time.monotonic() + MAX_SECONDS
    while True:
        export = store.find(step.tenant_id, step.export_id)
        if "completedDate" in export:
            break
        parts = store.parts(step.tenant_id, step.export_id)
        if not is_written(parts):
            return []
        deleted = store.noted_deleted(step.tenant_id, step.export_id)
        if not deleted:
            if store.complete(step.tenant_id, export, clock.timestamp(clock.now())):
                break
            continue
        for part in parts:
            gone = [one for one in deleted if covers(part, one)]
            if not gone:
                continue
            if time.monotonic() > until:
                return [step]
            if "file" in part:
                _write_anew(step.tenant_id, export, part)
            store.forget_deleted(step.tenant_id, step.export_id, gone)
    store.free_place(step.tenant_id, export)
    return []


def _add(step: Step, export: Export) -> Part:
    until = time.monotonic() + MAX_SECONDS
    new = _written(step.tenant_id, export, _Range(step.bucket, step.number, step.after), until)
    try:
        part = store.add_part(step.tenant_id, export, new)
    except NotFoundError:
        _delete_file(new)
        raise
    if part.get("file") != new.get("file"):
        _delete_file(new)
    return part


def _write_anew(tenant_id: str, export: Export, part: Part) -> None:
    """Write the part's customers again, as they stand now."""
    same = _Range(part["bucket"], part["number"], part["after"], part["last"])
    new = {**_written(tenant_id, export, same, None), "last": part["last"], "ends": part["ends"]}
    try:
        replaced = store.replace_part(tenant_id, export, part, new)
    except NotFoundError:
        _delete_file(new)
        raise
    _delete_file(part if replaced else new)


@dataclass(frozen=True)
class _Range:
    """The customers of a part: in a bucket, after the id `after`, up to `last` where that is known."""

    bucket: str
    number: int
    after: str
    last: str = ""


def _written(tenant_id: str, export: Export, of: _Range, until: float | None) -> Part:
    began = clock.now()
    output = _Output(export, began.date())
    last, ends = of.after, False
    for ids, ends in _batches(tenant_id, of):  # noqa: B007  known after the loop
        for customer in _current(tenant_id, ids):
            output.add(customer)
        last = ids[-1] if ids else last
        if until and (output.is_full() or time.monotonic() > until):
            break
    part: Part = {
        "bucket": of.bucket,
        "number": of.number,
        "after": of.after,
        "last": last,
        "ends": ends,
        "customers": output.customers,
        "beganDate": clock.timestamp(began),
    }
    if output.customers:
        folder = f"exports/{tenant_id}/{export['exportId']}"
        # A name of its own: of two workers at one part, neither writes over the other's file.
        key = f"{folder}/{part_name(part)}-{uuid.uuid4()}.{export['format']}.gz"
        stored = files.put(key, output.content())
        part |= {"file": stored.key, "bytes": stored.bytes, "sha256": stored.sha256}
    return part | {"writtenDate": clock.timestamp(clock.now())}


def _batches(tenant_id: str, of: _Range) -> Iterator[tuple[list[str], bool]]:
    """The ids of a range in order, and with each batch whether it is the bucket's last."""
    after = of.after
    while True:
        found = in_bucket(tenant_id, of.bucket, after, BATCH)
        ids = [one for one in found if one <= of.last] if of.last else found
        ends = len(found) < BATCH
        yield ids, ends
        if ends or len(ids) < len(found):
            return
        after = found[-1]


def _current(tenant_id: str, ids: list[str]) -> Iterator[Customer]:
    some = [ids[start : start + BATCH_GET_LIMIT] for start in range(0, len(ids), BATCH_GET_LIMIT)]
    with ThreadPoolExecutor(THREADS) as pool:
        for found in pool.map(lambda batch: list(current(tenant_id, batch)), some):
            yield from (customer for _, customer in found if customer)


class _Output:
    """A file being compressed: lines of customers, under a header where it is a CSV."""

    def __init__(self, export: Export, today: date) -> None:
        self.customers = 0
        self._today = today
        self._fields = export.get("fields")
        self._columns = (self._fields or CSV_COLUMNS) if export["format"] == "csv" else None
        self._compressed = io.BytesIO()
        self._gzip = gzip.GzipFile(fileobj=self._compressed, mode="wb", compresslevel=6, mtime=0)
        if self._columns:
            self._gzip.write(csv_lines([self._columns]).encode())

    def add(self, customer: Customer) -> None:
        """One more customer."""
        shown = present(customer, self._today)
        columns = self._columns
        line = csv_lines([cells(shown, columns)]) if columns else json_line(shown, self._fields)
        self._gzip.write(line.encode())
        self.customers += 1

    def is_full(self) -> bool:
        """Whether another part has to take the next ones."""
        return self.customers >= MAX_CUSTOMERS or self._compressed.tell() >= MAX_BYTES

    def content(self) -> bytes:
        """The whole file; nothing can be added then."""
        self._gzip.close()
        return self._compressed.getvalue()


def _delete_file(part: Part) -> None:
    if "file" in part:
        files.delete(part["file"])
