"""Rows of an upload on their way to a worker, in chunks that each fit a message. Pure."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, get_args

Fields = Mapping[str, Any]
Mode = Literal["create", "update", "upsert"]

Name = tuple[str, str]
"""`id` or a unique field of a customer, and its value as it was given."""

MatchBy = Literal["customerRef", "alternateCustomerRef", "email", "id"]
MATCHES: tuple[MatchBy, ...] = get_args(MatchBy)
"""What may be asked to name the customers of all rows."""

MATCHED_BY = ("id", "customerRef", "email")
"""What names a row's customer, as in the body of a PUT: the first that is given and finds one decides."""


@dataclass(frozen=True)
class Row:
    """One row: its number in the upload, from 0, and a valid customer request.

    `fields` is what `NewCustomer`, in `update` and `upsert` `CustomerChanges` makes of the row; `id` what the
    row names as the customer's id, which those leave out. `dates` are what a customer that it makes has
    instead of the upload's own.
    """

    number: int
    fields: Fields
    id: str | None = None
    dates: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Chunk:
    """Rows of an upload, in the order of their numbers, of which `first` is the first one's.

    Rows of one upload that may name one customer, or claim one value, travel in one chunk (see `chunking`):
    so they are applied in their order, whatever the order of the chunks. `match_by` is the field that names
    the customers, None for those of `MATCHED_BY`. With `dry_run` nothing is written but the verdicts.
    """

    tenant_id: str
    upload_id: str
    created_date: str
    first: int
    rows: Sequence[Row]
    mode: Mode = "create"
    match_by: str | None = None
    dry_run: bool = False

    def to_json(self) -> str:
        """The chunk as ASCII text, for SQS refuses some characters."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Chunk":
        """The chunk that `to_json` wrote, as JSON was parsed; its numbers may be text."""
        rows = [Row(**row | {"number": int(row["number"])}) for row in content["rows"]]
        return cls(**{**content, "first": int(content["first"]), "rows": rows})

    def customer_id(self, row: Row) -> str:
        """The id (UUID) of the customer that a row makes, the same each time."""
        return str(uuid.uuid5(self._namespace, f"{self.tenant_id}/{row.number}"))

    @cached_property
    def _namespace(self) -> uuid.UUID:
        return uuid.UUID(self.upload_id)


def names(row: Row, match_by: str | None) -> list[Name]:
    """What names the customer of a row; the first one that finds somebody decides.

    An `id` stands alone, for who gives it means nobody else.
    """
    given = {**row.fields, "id": row.id}
    fields = MATCHED_BY if match_by is None else (match_by,)
    found = [(field, given[field]) for field in fields if given.get(field)]
    return found[:1] if found and found[0][0] == "id" else found
