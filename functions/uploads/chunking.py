"""How the rows of an upload are spread over chunks. Pure.

Rows that give one value of what may name or identify a customer belong together: they travel in one chunk and
are applied in their order. So the last of them decides what it gives, whatever the order of the chunks.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

from functions.customers.keys import unique_values
from functions.uploads.chunk import Chunk, Row
from functions.uploads.errors import RowError, duplicate, row_error
from functions.uploads.options import Options
from functions.uploads.upload import Upload

MAX_CHUNK_ROWS = 96
"""Rows in a chunk, unless more belong together.

A chunk's progress is kept by its first row: a keyed upload repeated over a deploy that changes how rows are
spread would count rows twice.
"""

MAX_CHUNK_BYTES = 200 * 1024
"""About how large a chunk may grow; one larger row travels alone, and still fits a message."""

MAX_GROUP_ROWS = 500
MAX_GROUP_BYTES = 600 * 1024
"""How many rows may belong together, and how large they may be, so that they fit a message of 1 MiB."""


def chunks(
    tenant_id: str, upload: Upload, rows: Sequence[Row], options: Options
) -> tuple[list[Chunk], list[RowError]]:
    """The rows of an upload in chunks, and the errors of those that can be in none."""
    repeated = list(repeated_rows(rows)) if options.mode == "create" else []
    refused = {error["row"] for error in repeated}
    spread_rows, too_many = spread([row for row in rows if row.number not in refused])
    made = [
        Chunk(
            tenant_id,
            upload["uploadId"],
            upload["createdDate"],
            some[0].number,
            some,
            mode=options.mode,
            match_by=options.match_by,
            dry_run=options.dry_run,
        )
        for some in spread_rows
    ]
    return made, [*repeated, *too_many]


def repeated_rows(rows: Sequence[Row]) -> Iterator[RowError]:
    """An error for every row to create with a unique value of an earlier row, which keeps it."""
    owners: dict[tuple[str, str], int] = {}
    for row in rows:
        values = unique_values(row.fields)
        taken = [(field, owners[field, value]) for field, value in values.items() if (field, value) in owners]
        if taken:
            field, owner = taken[0]
            yield duplicate(row.number, field, f"Row {owner} has this {field}")
        for field, value in values.items():
            owners.setdefault((field, value), row.number)


def spread(rows: Sequence[Row]) -> tuple[list[list[Row]], list[RowError]]:
    """The rows in chunks, and an error for each that is one too many of those that belong together."""
    chunks: list[list[Row]] = []
    refused: list[RowError] = []
    open_chunk: list[Row] = []
    room = MAX_CHUNK_BYTES
    for group in _groups(rows):
        kept, size = _fitting(group)
        refused += [_one_too_many(row) for row in group[len(kept) :]]
        if open_chunk and (len(open_chunk) + len(kept) > MAX_CHUNK_ROWS or size > room):
            chunks.append(open_chunk)
            open_chunk, room = [], MAX_CHUNK_BYTES
        open_chunk += kept
        room -= size
    if open_chunk:
        chunks.append(open_chunk)
    return [sorted(chunk, key=lambda row: row.number) for chunk in chunks], refused


def _groups(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows that share a value, directly or by way of others, in the order of each group's first row."""
    parents = list(range(len(rows)))

    def first_of(at: int) -> int:
        while parents[at] != at:
            parents[at] = at = parents[parents[at]]
        return at

    seen: dict[tuple[str, str], int] = {}
    for at, row in enumerate(rows):
        own_id = [("id", row.id.lower())] if row.id else []
        for key in (*unique_values(row.fields).items(), *own_id):
            one, other = first_of(seen.setdefault(key, at)), first_of(at)
            parents[max(one, other)] = min(one, other)
    groups: defaultdict[int, list[Row]] = defaultdict(list)
    for at, row in enumerate(rows):
        groups[first_of(at)].append(row)
    return list(groups.values())


def _fitting(group: Sequence[Row]) -> tuple[Sequence[Row], int]:
    size = 0
    for at, row in enumerate(group):
        length = len(json.dumps(row.fields))
        if at and (at == MAX_GROUP_ROWS or size + length > MAX_GROUP_BYTES):
            return group[:at], size
        size += length
    return group, size


def _one_too_many(row: Row) -> RowError:
    message = f"More than {MAX_GROUP_ROWS} rows, or rows too large for one worker, name one customer"
    return row_error(row.number, "too_many_rows", message)
