"""Tables that a restore put in the place of a stage's own: `restoredTables` in cdk.json's context."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CONTEXT = "restoredTables"


@dataclass(frozen=True)
class RestoredTable:
    """A table's name, and the ARN of its stream where it has one."""

    name: str
    stream_arn: str | None = None


def restored_tables(context: Any, stage: str) -> Mapping[str, RestoredTable]:
    """By its name in `infra/tables.py`, what stands for a table of `stage`; empty where nothing was restored.

    `context` is the value of `restoredTables`: `{"prod": {"customers": {"name": …, "streamArn": …}}}`.
    """
    found = (context or {}).get(stage, {})
    return {table: RestoredTable(one["name"], one.get("streamArn")) for table, one in found.items()}


def as_context(tables: Mapping[str, RestoredTable]) -> dict[str, Any]:
    """The same, as the context has them for one stage."""
    return {
        table: {"name": one.name, **({"streamArn": one.stream_arn} if one.stream_arn else {})}
        for table, one in tables.items()
    }
