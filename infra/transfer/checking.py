"""A file is checked row by row before anything leaves, by the very code that will read it at the other end.

It is read as the service reads it, in ranges of a few MB: its size takes no memory. What no row can tell by
itself, such as an email that somebody has, comes out in the import.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from functions.customers.consent import present_changes
from functions.imports.failed_rows import failed_csv, failed_json_lines
from functions.imports.ranges import Range, ranges
from functions.imports.rows import ReadRow, read_rows
from functions.uploads.errors import RowError
from infra.transfer.blocks import Advance
from infra.transfer.failed_file import write_failed
from infra.transfer.importing import Options
from infra.transfer.layout import Layout

NAMED_ERRORS = 10
"""Of so many refused rows is told what is wrong with them; all are written."""


@dataclass
class Checked:
    """How many rows a file has and how many are not valid; the first `errors`."""

    rows: int = 0
    refused: int = 0
    errors: list[RowError] = field(default_factory=list)

    def add(self, row: ReadRow) -> None:
        """Count a row."""
        self.rows += 1
        if row.error is not None:
            self.refused += 1
            if len(self.errors) < NAMED_ERRORS:
                self.errors.append(row.error)


def checked(layout: Layout, options: Options, failed: Path, *, now: datetime, advance: Advance) -> Checked:
    """The verdict over a file as of `now`; its refused rows are written to `failed`, if there are any.

    Raises RefusedFileError for a file that is refused whole.
    """
    verdict = Checked()

    def refused() -> Iterator[bytes]:
        for rows in _ranges(layout, options, now=now, advance=advance):
            wrong = []
            for row in rows:
                verdict.add(row)
                if row.error is not None:
                    wrong.append((row.record, row.error))
            if wrong and layout.header:
                yield failed_csv(layout.header, layout.delimiter, wrong)
            elif wrong:
                yield failed_json_lines(wrong)

    write_failed(refused(), layout, failed)
    return verdict


def first_rows(layout: Layout, options: Options, count: int, *, now: datetime) -> list[dict[str, Any]]:
    """Up to `count` valid rows of the beginning of a file, as the API will read them."""
    rows = next(_ranges(layout, options, now=now, advance=lambda _count: None), iter(()))
    found: list[dict[str, Any]] = []
    for row in rows:
        if row.request is not None:
            found.append({"row": row.number, **_shown(row.request.fields)})
        if len(found) == count:
            break
    return found


def _shown(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    if not (preferences := fields.get("optin_preferences")):
        return fields
    return {**fields, "optin_preferences": present_changes(preferences)}


def _ranges(
    layout: Layout, options: Options, *, now: datetime, advance: Advance
) -> Iterator[Iterator[ReadRow]]:
    told = options.told(layout)
    with layout.path.open("rb") as file, layout.path.open("rb") as again:
        for found in ranges(layout.records(file), number=1, first=1, start=layout.start):
            yield read_rows(told, _bytes(again, found), start=found.start, first=found.first, now=now)
            advance(found.end - found.start)


def _bytes(file: BinaryIO, found: Range) -> bytes:
    file.seek(found.start)
    return file.read(found.end - found.start)
