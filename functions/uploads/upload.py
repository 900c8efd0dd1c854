"""The rules of a bulk upload: how rows travel, which cannot be created, what its report says. Pure.

An upload here is `{"uploadId", "received", "createdDate"}`. Its rows travel in chunks, each in a message of
its own; a chunk's result is `{"created": 3, "failed": [row error…], "completedDate"}`, written once; the
report is the sum of the results.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.customers.keys import unique_values

MAX_CHUNK_ROWS = 96
"""A chunk's result is written in one transaction with a check for each row that failed, 100 in all.

Results are kept by their chunk's first row: a keyed upload repeated over a deploy that changes this number
or the next would count rows twice.
"""

MAX_CHUNK_BYTES = 200 * 1024
"""About how large a chunk may grow; one larger row travels alone, and still fits a message."""

Fields = Mapping[str, Any]
RowError = dict[str, Any]
"""`{"row": 17, "code": "duplicate_value", "field": "email", "message": "…"}`, rows counted from 0."""

Upload = dict[str, Any]
Result = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One row: its number in the upload, from 0, and a valid customer request."""

    number: int
    fields: Fields


@dataclass(frozen=True)
class Chunk:
    """Neighbouring rows of an upload, from number `first` on: those to create, those refused already."""

    tenant_id: str
    upload_id: str
    created_date: str
    first: int
    rows: Sequence[Row]
    refused: Sequence[RowError] = ()

    def to_json(self) -> str:
        """The chunk as ASCII text, for SQS refuses some characters."""
        return json.dumps(vars(self) | {"rows": [vars(row) for row in self.rows]}, separators=(",", ":"))

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Chunk":
        """The chunk that `to_json` wrote, as JSON was parsed; its numbers may be text."""
        rows = [Row(int(row["number"]), row["fields"]) for row in content["rows"]]
        refused = [{**error, "row": int(error["row"])} for error in content["refused"]]
        return cls(
            content["tenant_id"],
            content["upload_id"],
            content["created_date"],
            int(content["first"]),
            rows,
            refused,
        )

    def customer_id(self, row: Row) -> str:
        """The id (UUID) of the customer that a row makes, the same each time."""
        return str(uuid.uuid5(uuid.UUID(self.upload_id), f"{self.tenant_id}/{row.number}"))


def chunks(tenant_id: str, upload: Upload, rows: Sequence[Fields]) -> Iterator[Chunk]:
    """The rows of an upload in chunks, in order."""
    repeated = {error["row"]: error for error in repeated_rows(rows)}
    first, size = 0, 0
    for number, fields in enumerate(rows):
        length = 0 if number in repeated else len(json.dumps(fields))
        if number > first and (number - first == MAX_CHUNK_ROWS or size + length > MAX_CHUNK_BYTES):
            yield _chunk(tenant_id, upload, rows, repeated, range(first, number))
            first, size = number, 0
        size += length
    yield _chunk(tenant_id, upload, rows, repeated, range(first, len(rows)))


def repeated_rows(rows: Sequence[Fields]) -> Iterator[RowError]:
    """An error for every row with a unique value that an earlier row has: the first one keeps it."""
    owners: dict[tuple[str, str], int] = {}
    for number, fields in enumerate(rows):
        values = unique_values(fields)
        taken = [(field, owners[field, value]) for field, value in values.items() if (field, value) in owners]
        if taken:
            field, owner = taken[0]
            yield duplicate(number, field, f"Row {owner} has this {field}")
        for field, value in values.items():
            owners.setdefault((field, value), number)


def duplicate(row: int, field: str, message: str) -> RowError:
    """The error of a row one of whose unique values is taken."""
    return {"row": row, "code": "duplicate_value", "field": field, "message": message}


def report(upload: Upload, results: Iterable[Result]) -> dict[str, Any]:
    """What became of an upload so far (contract, "Bulk upload")."""
    known = list(results)
    errors = sorted((error for result in known for error in result["failed"]), key=lambda error: error["row"])
    created = sum(result["created"] for result in known)
    done = created + len(errors) == upload["received"]
    completed = {"completedDate": max(result["completedDate"] for result in known)} if done else {}
    return {
        "uploadId": upload["uploadId"],
        "status": "completed" if done else "processing" if known else "accepted",
        "received": upload["received"],
        "created": created,
        "failed": len(errors),
        "createdDate": upload["createdDate"],
        **completed,
        "errors": errors,
    }


def _chunk(
    tenant_id: str,
    upload: Upload,
    rows: Sequence[Fields],
    repeated: Mapping[int, RowError],
    numbers: range,
) -> Chunk:
    return Chunk(
        tenant_id,
        upload["uploadId"],
        upload["createdDate"],
        numbers.start,
        [Row(number, rows[number]) for number in numbers if number not in repeated],
        [repeated[number] for number in numbers if number in repeated],
    )
