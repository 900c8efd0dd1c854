"""How a file is divided: into ranges of whole rows, each of which a worker imports by itself. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from functions.imports.lines import RefusedFileError
from functions.imports.records import Record

RANGE_BYTES = 2 * 1024 * 1024
RANGE_ROWS = 10_000
"""About how large a range is, whose rows a worker has in memory at once."""

MAX_ROWS = 20_000_000


@dataclass(frozen=True)
class Range:
    """Neighbouring rows of a file: the bytes from `start` up to `end`, `rows` of them from row `first` on."""

    number: int
    first: int
    rows: int
    start: int
    end: int


def ranges(records: Iterable[Record], *, number: int, first: int, start: int) -> Iterator[Range]:
    """The rows that `records` are, in ranges numbered from `number` on.

    Each range ends where its own rows say, so whoever goes on from a range's end finds the same ranges.
    Raises RefusedFileError beyond the most rows that a file may have.
    """
    rows, end = 0, start
    for record in records:
        rows += 1
        end = record.end
        if end - start >= RANGE_BYTES or rows >= RANGE_ROWS:
            yield Range(number, first, rows, start, end)
            number, first, rows, start = number + 1, first + rows, 0, end
        if first + rows - 1 > MAX_ROWS:
            raise RefusedFileError(f"The file has more than {MAX_ROWS:,} rows")
    if rows:
        yield Range(number, first, rows, start, end)
