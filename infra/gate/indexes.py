"""What a change of a table's indexes takes: DynamoDB creates or deletes one index an update of the table.

An index keeps its keys and projection for life (AWS: managing global secondary indexes), so what changes
gets a new name. First the new index, then code that reads it, then the old one goes.
"""

from collections.abc import Mapping
from typing import Any

Indexes = Mapping[str, Any]
"""A table's indexes by name; what a name maps to says all of its keys and projection."""


def deploys(before: Indexes, after: Indexes) -> list[str]:
    """What each deploy does on the way from one set of indexes to another, one index each.

    Raises ValueError where a name would have to mean another index.
    """
    if changed := sorted(name for name in before if name in after and before[name] != after[name]):
        raise ValueError(f"{', '.join(changed)}: another key or projection needs a new name")
    created = [f"create {name}" for name in sorted(after.keys() - before.keys())]
    return [*created, *(f"delete {name}" for name in sorted(before.keys() - after.keys()))]
