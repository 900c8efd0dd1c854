"""The rules of an import: its states, what its report says, how its file comes in parts. Pure.

An import is an item of its table: what was asked (`format`, `size`, `mode`, …), its `state`, and once the
file has come `etag`, `codec`, `delimiter`, `header`, `dataStart`; once it is divided `ranges` and `received`;
and counters: `rangesDone`, `created`, `updated`, `unchanged`, `failed`; `rangesChecked` and `invalid`, where
`partial` is false.
"""

from collections.abc import Mapping
from typing import Any

from functions.shared import clock

Import = dict[str, Any]

AWAITING_UPLOAD = "awaiting_upload"
SPLITTING = "splitting"
CHECKING = "checking"
PROCESSING = "processing"
COMPLETED = "completed"
CANCELLED = "cancelled"
FAILED = "failed"

UNDER_WAY = (AWAITING_UPLOAD, SPLITTING, CHECKING, PROCESSING)
STATES = (*UNDER_WAY, COMPLETED, CANCELLED, FAILED)
AT_WORK = (CHECKING, PROCESSING)

COUNTS = ("created", "updated", "unchanged", "failed")

FOLDER = "imports"
"""Where the files of all imports lie in the bucket."""

SENT_FILE = "file"
"""What a file that is to be imported is called in its import's folder."""

MULTIPART_BYTES = 100_000_000
"""Up to this size a file comes in one request, beyond it in parts."""

PART_BYTES = 64 * 1024 * 1024
"""A part's size: 10 GB are 150 parts, and a line that breaks costs one."""

_ASKED = ("format", "size", "mode", "matchBy", "partial", "dryRun", "mapping", "blank", "restore")


def new_import(import_id: str, asked: Mapping[str, Any], *, now: str) -> Import:
    """An import that waits for its file. `asked` is a valid request; what it leaves out has its default."""
    given = {name: asked[name] for name in _ASKED if asked.get(name) is not None}
    return {
        "importId": import_id,
        "mode": "create",
        "partial": True,
        "dryRun": False,
        **given,
        "state": AWAITING_UPLOAD,
        "createdDate": now,
        **dict.fromkeys(("rangesDone", "rangesChecked", "invalid", *COUNTS), 0),
    }


def in_parts(one: Import) -> bool:
    """Whether its file comes in parts."""
    return bool(one["size"] > MULTIPART_BYTES)


def part_sizes(size: int) -> dict[int, int]:
    """The sizes of a file's parts by their numbers, from 1."""
    starts = range(0, size, PART_BYTES)
    return {number: min(PART_BYTES, size - start) for number, start in enumerate(starts, 1)}


def report(one: Import, now: str) -> dict[str, Any]:
    """What is told of an import at the time `now`."""
    told = {name: one[name] for name in ("importId", "state", "format", "size", "mode", "partial", "dryRun")}
    told |= {name: one[name] for name in ("matchBy", "received", "reason") if name in one}
    # Of a file refused for rows that are not valid, those are the ones that failed.
    told |= {name: one[name] for name in COUNTS} | {"failed": one["failed"] or one["invalid"]}
    told |= {name: one[name] for name in ("createdDate", "startedDate", "completedDate") if name in one}
    if "startedDate" in one:
        done = sum(one[name] for name in COUNTS)
        told["rowsPerSecond"] = round(done / _seconds(one["startedDate"], one.get("completedDate", now)))
    return told


def _seconds(start: str, end: str) -> float:
    # Another machine's clock may be a little behind.
    return max((clock.moment(end) - clock.moment(start)).total_seconds(), 0.001)
