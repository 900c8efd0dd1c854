"""The rules of an export: how it is divided, what its report says, whom its files may hold. Pure.

An export is `{"exportId", "format", "fields", "createdDate", "slot", "erased"}`, once it is complete with
`completedDate`. It is written in parts, bucket by bucket (`functions/customers/listing.py`): a part is
`{"bucket", "number", "after", "last", "ends", "customers", "beganDate", "writtenDate"}`, of the customers
whose ids come after `after` up to `last`, the bucket's last part (`ends`) of all after it; with `file`,
`bytes` and `sha256` where it has any customers, and with `deletedDate` once its file was deleted.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from functions.customers.item import BUCKETS
from functions.shared import clock

Export = dict[str, Any]
Part = dict[str, Any]

KEPT_DAYS = 7
"""How long an export can be read; its files go at about the same time."""

KNOWN_DAYS = KEPT_DAYS + 2
"""How long an export's items stay: longer than its files, which S3 deletes at the end of a day."""

KNOWN = 240
"""How many exports of a tenant are known at once, deleted ones too: one an hour. A deletion asks each."""

RUNNING = 2
"""How many exports of a tenant may be under way at once."""

CLOCKS = timedelta(minutes=2)
"""How far a date of ours may be from when what it tells of was written: a function's patience and clock."""


@dataclass(frozen=True)
class Step:
    """One message to the worker: the next part of a bucket, or without a bucket the export's last checks."""

    tenant_id: str
    export_id: str
    bucket: str = ""
    number: int = 0
    after: str = ""

    def to_json(self) -> str:
        """The message's body."""
        return json.dumps(vars(self))

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Step":
        """The step that a message's body is, its numbers as the text they were written as."""
        return cls(**{**body, "number": int(body["number"])})


def first_steps(tenant_id: str, export_id: str) -> list[Step]:
    """The messages that begin an export, one a bucket."""
    return [Step(tenant_id, export_id, bucket) for bucket in BUCKETS]


def part_name(part: Mapping[str, Any]) -> str:
    """What a part is called, `a-00003`; the names sort as the parts were written."""
    return f"{part['bucket']}-{part['number']:05d}"


def is_written(parts: Iterable[Part]) -> bool:
    """Whether these are all parts of an export."""
    return {part["bucket"] for part in parts if part["ends"]} == set(BUCKETS)


def covers(part: Part, customer_id: str) -> bool:
    """Whether a customer of this id would be in this part."""
    return (
        customer_id.startswith(part["bucket"])
        and part["after"] < customer_id
        and (part["ends"] or customer_id <= part["last"])
    )


def may_hold(part: Part, customer_id: str, *, deleted_date: str, created_date: str | None) -> bool:
    """Whether the part's file may hold a customer that was deleted, as far as dates can tell."""
    if not covers(part, customer_id) or "file" not in part:
        return False
    if clock.moment(part["beganDate"]) > clock.moment(deleted_date) + CLOCKS:
        return False
    return created_date is None or clock.moment(created_date) <= clock.moment(part["writtenDate"]) + CLOCKS


def report(export: Export, parts: Iterable[Part]) -> dict[str, Any]:
    """What the API tells of an export, but for its files."""
    return summary(export) | {"customers": sum(part["customers"] for part in parts)}


def summary(export: Export) -> dict[str, Any]:
    """What the API tells of an export without a look at its parts."""
    shown = ("exportId", "format", "fields", "createdDate", "completedDate")
    return {
        **{name: export[name] for name in shown if name in export},
        "status": "completed" if "completedDate" in export else "running",
        "expiresDate": expires(export),
    }


def expires(export: Export) -> str:
    """When an export can no longer be read."""
    return clock.timestamp(clock.moment(export["createdDate"]) + timedelta(days=KEPT_DAYS))
