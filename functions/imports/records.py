"""The rows of a file: records of CSV (RFC 4180), or lines of JSON. Pure.

Where a record ends is the csv module's word alone: whoever splits a file and whoever reads a part of it
ask the same reader.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from functions.imports.lines import MAX_LINE_BYTES, Lines, RefusedFileError

CSV, JSON_LINES = "csv", "jsonl"

MAX_ROW_BYTES = 256 * 1024
"""A larger row fails alone, as it would as a request."""

MAX_HEADER_BYTES = 64 * 1024

DELIMITERS = ",;\t"
"""What may stand between the cells of a CSV; its header tells which does."""

csv.field_size_limit(MAX_LINE_BYTES)


@dataclass(frozen=True, slots=True)
class Record:
    """One row as it came: its cells or its text, and the bytes where it begins and ends.

    `fault` is why it cannot be read, for a person; then the cells may be missing.
    """

    start: int
    end: int
    cells: tuple[str, ...] = ()
    text: str = ""
    fault: str = ""


def records(lines: Lines, delimiter: str) -> Iterator[Record]:
    """The records of a file from the start of one on, blank lines left out; no `delimiter` for JSON Lines."""
    return _csv_records(lines, delimiter) if delimiter else _json_records(lines)


def delimiter_of(beginning: str) -> str:
    """What stands between the cells of a CSV that begins so: what makes the most columns of its header."""
    return max(DELIMITERS, key=lambda one: len(_first_record(beginning, one)))


def _first_record(beginning: str, delimiter: str) -> list[str]:
    lines = io.StringIO(beginning[:MAX_HEADER_BYTES], newline="\n")
    try:
        return next((cells for cells in csv.reader(lines, delimiter=delimiter) if cells), [])
    except csv.Error:
        return []


def header_of(lines: Lines, delimiter: str) -> tuple[str, ...]:
    """The names of a CSV's columns; `lines.offset` is behind them then. Raises RefusedFileError."""
    header = next(_csv_records(lines, delimiter), None)
    if header is None:
        raise RefusedFileError("The file has no rows")
    if header.fault or header.end - header.start > MAX_HEADER_BYTES:
        raise RefusedFileError(
            "The file does not begin with the names of its columns, of at most "
            f"{MAX_HEADER_BYTES // 1024} KB together; lines end with LF or CR LF"
        )
    names = tuple(name.strip() for name in header.cells)
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise RefusedFileError(f"The header names a column twice: {', '.join(twice)}")
    return names


def _csv_records(lines: Lines, delimiter: str) -> Iterator[Record]:
    ended = False

    def end() -> Iterator[str]:
        # Nothing, which no record takes but one whose quote is open.
        nonlocal ended
        ended = True
        yield ""

    reader = csv.reader(chain(lines, end()), delimiter=delimiter)
    while True:
        lines.record = start = lines.offset
        fault = ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # The reader goes on with the next line.
            cells, fault = [], "cannot be read as CSV"
        if cells and ended:
            fault = "has a quote that is never closed, so all that follows seems to be of this row"
        if cells or fault:
            yield Record(start, lines.offset, tuple(cells), fault=fault or _too_large(start, lines.offset))


def _json_records(lines: Lines) -> Iterator[Record]:
    start = lines.offset
    for line in lines:
        if text := line.strip():
            yield Record(start, lines.offset, text=text, fault=_too_large(start, lines.offset))
        lines.record = start = lines.offset


def _too_large(start: int, end: int) -> str:
    return f"is larger than {MAX_ROW_BYTES // 1024} KB" if end - start > MAX_ROW_BYTES else ""
