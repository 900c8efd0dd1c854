"""A range of a file becomes customers, by the rules of a bulk upload, and files that tell what became of it.

How far it has come the uploads know: given again, from a worker that died or whose time was up, a range goes
on where it stands and ends in one result.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from functions.imports import files, splitting, store, tasks
from functions.imports.failed_rows import failed_csv, failed_json_lines
from functions.imports.progress import (
    AT_WORK,
    CHECKING,
    COMPLETED,
    COUNTS,
    PROCESSING,
    Import,
)
from functions.imports.rows import ReadRow, options_of, read_rows
from functions.imports.tasks import Task
from functions.shared import clock
from functions.shared.item import Item
from functions.uploads.chunk import Chunk, Row
from functions.uploads.chunking import chunks
from functions.uploads.errors import RowError
from functions.uploads.importer import import_chunk

_CSV_TYPE, _JSON_LINES_TYPE = "text/csv; charset=utf-8", "application/jsonl"


def check_range(task: Task) -> None:
    """Find the rows of a range that are not valid; after the last range the import goes on, or ends."""
    one, entry = store.find_range(task.tenant_id, task.import_id, task.number)
    if one is None or one["state"] not in AT_WORK:
        return
    if "checkedDate" not in entry:
        try:
            rows = _rows(task, one, entry)
        except files.FileReplacedError:
            store.fail(task.tenant_id, one, splitting.REPLACED, now=_now())
            return
        invalid = [(row, row.error) for row in rows if row.error]
        _write_failed(task, one, invalid)
        store.check_range(task.tenant_id, one, task.number, len(invalid), now=_now())
    _go_on(task)


def import_range(task: Task, until: float) -> None:
    """Import the rows of a range, until the moment `until` (of `time.monotonic`); then it is queued again."""
    one, entry = store.find_range(task.tenant_id, task.import_id, task.number)
    if one is None:
        return
    if "doneDate" not in entry:
        if "begunDate" not in entry and not store.begin_range(task.tenant_id, one, task.number, now=_now()):
            return
        try:
            rows = _rows(task, one, entry)
        except files.FileReplacedError:
            store.fail(task.tenant_id, one, splitting.REPLACED, now=_now())
            return
        became = _imported(task, one, rows, until)
        if became is None:
            return
        _write_failed(
            task, one, [(row, error) for row, (_, error) in zip(rows, became, strict=True) if error]
        )
        _write_results(task, rows, became)
        verdicts = [verdict for verdict, _ in became]
        counts = {verdict: verdicts.count(verdict) for verdict in COUNTS}
        store.finish_range(task.tenant_id, one, task.number, counts, now=_now())
    _end(task)


Became = tuple[str, RowError | None]
"""A row's verdict, and why it failed."""


def _imported(task: Task, one: Import, rows: Sequence[ReadRow], until: float) -> list[Became] | None:
    """What became of each row; None where the time was up before the last, and the range is queued again."""
    became: dict[int, Became] = {}
    errors = [row.error for row in rows if row.error]
    made, refused = _chunks(task, one, [row.request for row in rows if row.request])
    for error in [*errors, *refused]:
        became[error["row"]] = ("failed", error)
    for number, chunk in enumerate(made, 1):
        outcome = import_chunk(chunk, now=_now())
        failed = {error["row"]: error for error in outcome.errors}
        for row, verdict in zip(chunk.rows, outcome.verdicts, strict=True):
            became[row.number] = (verdict, failed.get(row.number))
        # What was done before is only read again: each turn gets further than the one before.
        if task.done < number < len(made) and time.monotonic() > until:
            tasks.send([replace(task, done=number)])
            return None
    return [became[row.number] for row in rows]


def _chunks(task: Task, one: Import, rows: Sequence[Row]) -> tuple[list[Chunk], list[RowError]]:
    """The rows in chunks, the same ones whoever is at it, and the errors of those that are in none."""
    upload = {"uploadId": task.import_id, "createdDate": one["createdDate"]}
    return chunks(task.tenant_id, upload, rows, options_of(one))


def _rows(task: Task, one: Import, entry: Item) -> list[ReadRow]:
    key = files.file_key(task.tenant_id, task.import_id)
    data = files.part_of(key, one["etag"], entry["start"], entry["end"])
    # As of the same moment each time, so that a row is valid each time or never.
    now = clock.moment(one["createdDate"])
    return list(read_rows(one, data, start=entry["start"], first=entry["first"], now=now))


def _write_failed(task: Task, one: Import, failed: Sequence[tuple[ReadRow, Mapping[str, Any]]]) -> None:
    if not failed:
        return
    told = [(row.record, dict(error)) for row, error in failed]
    key = files.result_key(task.tenant_id, task.import_id, "failed", task.number, one["format"])
    if one["delimiter"]:
        files.write(key, failed_csv(one["header"], one["delimiter"], told), _CSV_TYPE)
    else:
        files.write(key, failed_json_lines(told), _JSON_LINES_TYPE)


def _write_results(task: Task, rows: Sequence[ReadRow], became: Sequence[Became]) -> None:
    lines = [
        json.dumps({"row": row.number, "status": verdict, **(error or {})}, ensure_ascii=False)
        for row, (verdict, error) in zip(rows, became, strict=True)
    ]
    key = files.result_key(task.tenant_id, task.import_id, "results", task.number, "jsonl")
    files.write(key, "".join(f"{line}\n" for line in lines).encode(), _JSON_LINES_TYPE)


def _go_on(task: Task) -> None:
    one = store.find(task.tenant_id, task.import_id)
    if one["state"] == CHECKING and one["rangesChecked"] == one["ranges"]:
        if one["invalid"]:
            reason = f"{one['invalid']} rows are not valid; nothing was imported"
            store.fail(task.tenant_id, one, reason, now=_now())
            return
        store.move(task.tenant_id, one, PROCESSING, out_of=[CHECKING])
        one = {**one, "state": PROCESSING}
    if one["state"] == PROCESSING and not one["partial"]:
        # Also where whoever took it there did not come to this.
        splitting.send_ranges(task.tenant_id, one)


def _end(task: Task) -> None:
    one = store.find(task.tenant_id, task.import_id)
    if one["state"] == PROCESSING and one["rangesDone"] == one["ranges"]:
        store.move(task.tenant_id, one, COMPLETED, {"completedDate": _now()}, out_of=[PROCESSING])


def _now() -> str:
    return clock.timestamp(clock.now())
