"""The tables are reached from the last release's by the deploys that are named, and none loses its data.

A release copies the tables as they are then into `released_tables.json` (CONTRIBUTING, "Release").
"""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from infra.app import LATER_INDEXES
from infra.asset.bundling import ROOT
from infra.data_stack import DataStack
from infra.gate.indexes import deploys
from infra.settings import stage_named
from infra.tables import TABLES, Table

CHANGELOG = ROOT / ".github" / "CHANGELOG.md"
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
def test_indexes_that_change_one_a_deploy_are_named_for_who_deploys(name: str) -> None:
    _, *later = deploys(RELEASED[name]["indexes"], NOW[name]["indexes"]) or [""]
    unreleased = CHANGELOG.read_text().split("\n## ")[1]
    wanted = ",".join(f"{name}.{step.removeprefix('create ')}" for step in later)
    assert f"-c {LATER_INDEXES}={wanted}" in unreleased or not later, f"{later} need a deploy of their own"


def test_an_index_for_a_later_deploy_is_not_created_yet() -> None:
    stack = DataStack(App(), "data", stage=stage_named("dev"), later=["customers.bucket"])

    tables = Template.from_stack(stack).find_resources("AWS::DynamoDB::GlobalTable").values()
    names = {
        index["IndexName"] for one in tables for index in one["Properties"].get("GlobalSecondaryIndexes", ())
    }
    assert names == {index.name for table in TABLES for index in table.indexes} - {"bucket"}


def test_a_change_of_indexes_names_its_deploys_and_what_needs_a_new_name() -> None:
    assert deploys({"a": 1, "b": 1}, {"a": 1, "c": 1}) == ["create c", "delete b"]
    with pytest.raises(ValueError, match="a: another key or projection needs a new name"):
        deploys({"a": 1}, {"a": 2})
