"""The tables can be reached from those of the last release by one deploy, and none of them loses its data.

A release copies the tables as they are then into `released_tables.json` (CONTRIBUTING, "Release").
"""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.gate.indexes import deploys
from infra.tables import TABLES, Table

RELEASED = json.loads((Path(__file__).with_name("released_tables.json")).read_text())


def as_released(table: Table) -> dict[str, Any]:
    """What a release says of a table."""
    return {
        "partition": table.partition,
        "sort": table.sort,
        "stream": table.stream,
        "indexes": {
            index.name: [list(index.partition), list(index.sort), list(index.include)]
            for index in table.indexes
        },
    }


NOW = {table.name: as_released(table) for table in TABLES}


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_table_is_there_with_its_keys_and_its_stream(name: str) -> None:
    kept = {part: NOW[name][part] for part in ("partition", "sort", "stream")}
    assert kept == {part: RELEASED[name][part] for part in kept}


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_tables_indexes_change_by_one_in_a_deploy(name: str) -> None:
    steps = deploys(RELEASED[name]["indexes"], NOW[name]["indexes"])
    assert len(steps) <= 1, f"{name} takes a release for each of: {', '.join(steps)}"


def test_a_change_of_indexes_names_its_deploys_and_what_needs_a_new_name() -> None:
    assert deploys({"a": 1, "b": 1}, {"a": 1, "c": 1}) == ["create c", "delete b"]
    with pytest.raises(ValueError, match="a: another key or projection needs a new name"):
        deploys({"a": 1}, {"a": 2})
