"""A file that has come is read once from end to end, and divided into ranges.

Only then does a row of it become a customer: what is found to be no such file is refused whole. Whoever is
given a step again finds the ranges that are there.
"""

import itertools
import time

from functions.imports import files, store, tasks
from functions.imports.failed_rows import is_ours
from functions.imports.lines import Encoding, Lines, RefusedFileError
from functions.imports.mapping import columns_of
from functions.imports.progress import (
    AT_WORK,
    AWAITING_UPLOAD,
    CHECKING,
    PROCESSING,
    SPLITTING,
    Import,
)
from functions.imports.ranges import ranges
from functions.imports.records import CSV, MAX_HEADER_BYTES, delimiter_of, header_of, records
from functions.imports.tasks import Step, Task
from functions.shared import clock
from functions.shared.errors import NotFoundError
from functions.shared.formulas import unescaped

REPLACED = "The file was replaced or deleted while it was imported"


def begin(tenant_id: str, import_id: str, *, size: int, etag: str) -> None:
    """The file of an import is there; S3 may say so more than once."""
    try:
        one = store.find(tenant_id, import_id)
    except NotFoundError:
        return
    now = clock.timestamp(clock.now())
    if one["state"] == AWAITING_UPLOAD and size != one["size"]:
        reason = f"The file has {size} bytes, not the {one['size']} that were announced"
        store.fail(tenant_id, one, reason, now=now)
        return
    began = {"etag": etag, "startedDate": now}
    if store.move(tenant_id, one, SPLITTING, began, out_of=[AWAITING_UPLOAD]) or one["state"] == SPLITTING:
        tasks.send([Task(tenant_id, import_id, "split", number=1, first=1)])


def split(task: Task, until: float) -> None:
    """Go on with dividing a file, until the moment `until` (of `time.monotonic`) or its end."""
    try:
        one = store.find(task.tenant_id, task.import_id)
    except NotFoundError:
        return
    if one["state"] in AT_WORK:
        # Whoever ended it may not have come to this.
        send_ranges(task.tenant_id, one)
    if one["state"] != SPLITTING:
        return
    now = clock.timestamp(clock.now())
    try:
        _divide(task, one, until)
    except RefusedFileError as refused:
        store.fail(task.tenant_id, one, refused.message, now=now)
    except files.FileReplacedError:
        store.fail(task.tenant_id, one, REPLACED, now=now)


def send_ranges(tenant_id: str, one: Import) -> None:
    """Put a task into the queue for every range that has no result yet."""
    checks = one["state"] == CHECKING
    step: Step = "check" if checks else "rows"
    done = "checkedDate" if checks else "doneDate"
    number, more = 0, True
    while more:
        entries, more = store.ranges_after(tenant_id, one["importId"], number, 1000)
        tasks.send(
            Task(tenant_id, one["importId"], step, entry["number"]) for entry in entries if done not in entry
        )
        number = entries[-1]["number"] if entries else number


def _divide(task: Task, one: Import, until: float) -> None:
    key = files.file_key(task.tenant_id, task.import_id)
    if "codec" not in one:
        beginning = _beginning(key, one)
        store.move(task.tenant_id, one, SPLITTING, beginning, out_of=[SPLITTING])
        one = {**one, **beginning}
    start = task.start or one["dataStart"]
    lines = Lines(files.blocks(key, one["etag"], start), one["codec"], start)
    number, first = task.number, task.first
    found = ranges(records(lines, one["delimiter"]), number=number, first=first, start=start)
    for one_range in found:
        store.put_range(task.tenant_id, one, one_range)
        number, first, start = one_range.number + 1, one_range.first + one_range.rows, one_range.end
        if time.monotonic() > until:
            tasks.send([Task(task.tenant_id, task.import_id, "split", number, first, start)])
            return
    _end(task.tenant_id, one, number - 1, first - 1)


def _end(tenant_id: str, one: Import, ranges_found: int, rows: int) -> None:
    if not rows:
        raise RefusedFileError("The file has no rows")
    state = PROCESSING if one["partial"] else CHECKING
    changes = {"ranges": ranges_found, "received": rows}
    store.move(tenant_id, one, state, changes, out_of=[SPLITTING])
    send_ranges(tenant_id, {**one, "state": state})


def _beginning(key: str, one: Import) -> Import:
    """How the file is written, from its first bytes on; a CSV's header is held against the mapping."""
    blocks = files.blocks(key, one["etag"], 0)
    first = next(blocks, b"")
    encoding = Encoding.of(first)
    found = {"codec": encoding.codec, "delimiter": "", "header": [], "dataStart": encoding.mark}
    if one["format"] != CSV:
        return found
    text = first[encoding.mark : MAX_HEADER_BYTES].decode(encoding.codec, errors="ignore")
    delimiter = delimiter_of(text)
    whole = itertools.chain([first[encoding.mark :]], blocks)
    lines = Lines(whole, encoding.codec, encoding.mark)
    names = header_of(lines, delimiter)
    header = [unescaped(name) for name in names] if is_ours(names) else list(names)
    columns_of(header, one.get("mapping", {}))
    return {**found, "delimiter": delimiter, "header": header, "dataStart": lines.offset}
