"""A copy of an export that holds no more than what its mapping sends, in words that the API reads.

What a mapping does not name stays on this machine: a shop's export may hold password hashes. Rows are as many
as in the file and in its order. One with too many cells has too many in the copy as well, and is refused.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from functions.imports.failed_rows import ERROR_COLUMNS
from functions.shared.formulas import escaped, unescaped
from infra.transfer.blocks import Advance
from infra.transfer.layout import Layout
from infra.transfer.sources import Source

Cells = Sequence[str]

_ISO_DATE = re.compile(r"\s*(\d{4})-(\d{2})-(\d{2})(?:[T ][\d:.]*)?\s*", re.ASCII)


def needs_copy(layout: Layout) -> bool:
    """Whether the file is not to be sent as it is."""
    return bool(layout.header) and bool(layout.unused() or layout.source)


@contextmanager
def copied(layout: Layout, advance: Advance) -> Iterator[Layout]:
    """The layout of a copy beside the file, which only this user may read and which goes at the end."""
    with TemporaryDirectory(dir=layout.path.parent, prefix=f".{layout.path.stem}.") as folder:
        path = Path(folder) / layout.path.name
        header, sent = _sent(layout)
        with layout.path.open("rb") as file, path.open("w", encoding="utf-8", newline="") as copy:
            # Quoted, so that no name in it is taken for two.
            csv.writer(copy, quoting=csv.QUOTE_ALL).writerow(header)
            writer = csv.writer(copy)
            end = layout.start
            for record in layout.records(file):
                writer.writerow(map(escaped, sent(record.cells)))
                advance(record.end - end)
                end = record.end
        yield Layout.of(path, layout.mapping)


def _sent(layout: Layout) -> tuple[list[str], Callable[[Cells], list[str]]]:
    """The header of the copy, and what makes its rows of the file's."""
    header, width = layout.header, len(layout.header)
    used = {column.place for column in layout.columns()}
    places = [place for place in range(width) if place in used and header[place] not in ERROR_COLUMNS]
    added = _added(layout)

    def sent(cells: Cells) -> list[str]:
        if not cells:
            # What cannot be read as CSV: a row that is none.
            return [""]
        meant = [*map(unescaped, cells)]
        row = [_cleaned(meant[place], header[place], layout.source) for place in places if place < len(meant)]
        # What has too many cells or too few stays so.
        return [*row, *(cell(meant) for cell in added.values()), *meant[width:]]

    return [*(header[place] for place in places), *added], sent


def _added(layout: Layout) -> dict[str, Callable[[Cells], str]]:
    """What each added column has in a row."""
    if layout.source is None:
        return {}
    made: dict[str, Callable[[Cells], str]] = {}
    for name in layout.source.added_to(layout.header):
        cell = layout.source.added[name]
        if "value" in cell:
            made[name] = partial(_constant, cell["value"])
        else:
            made[name] = partial(_cell, layout.header.index(cell["copy_of"]))
    return made


def _constant(value: str, _cells: Cells) -> str:
    return value


def _cell(place: int, cells: Cells) -> str:
    return cells[place] if place < len(cells) else ""


def _cleaned(cell: str, column: str, source: Source | None) -> str:
    if source is None:
        return cell
    if cell in source.says_nothing:
        return ""
    if column in source.marked_with_apostrophe:
        return cell.removeprefix("'")
    if column in source.dates and (match := _ISO_DATE.fullmatch(cell)):
        year, month, day = match.groups()
        return f"{day}-{month}-{year}"
    return cell
