"""The tables are deployed as `infra/tables.py` lists them, and what is in prod cannot be lost by a deploy."""

from typing import Any

import pytest

from infra.settings import STAGES
from infra.tables import TABLES, Table
from tests.infra.templates import Properties, policies, resources

KIND = "AWS::DynamoDB::GlobalTable"


def deployed(stage: str, table: Table) -> Properties:
    """The deployed table."""
    (found,) = [
        properties
        for name, properties in resources(stage, "data", KIND).items()
        if name.startswith(table.name.capitalize())
    ]
    return found


def keys(schema: list[dict[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Partition and sort key of a key schema."""
    return (
        tuple(one["AttributeName"] for one in schema if one["KeyType"] == "HASH"),
        tuple(one["AttributeName"] for one in schema if one["KeyType"] == "RANGE"),
    )


def test_the_stack_has_the_listed_tables_and_no_others(stage: str) -> None:
    assert len(resources(stage, "data", KIND)) == len(TABLES)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_has_its_keys_stream_and_time_to_live(stage: str, table: Table) -> None:
    found = deployed(stage, table)
    assert keys(found["KeySchema"]) == ((table.partition,), (table.sort,) if table.sort else ())
    assert found["BillingMode"] == "PAY_PER_REQUEST"
    assert found.get("StreamSpecification", {}).get("StreamViewType") == (
        "NEW_AND_OLD_IMAGES" if table.stream else None
    )
    assert found.get("TimeToLiveSpecification", {}).get("AttributeName") == table.ttl


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_index_has_its_keys_and_projects_no_more_than_it_must(stage: str, table: Table) -> None:
    indexes: dict[str, Any] = {
        index["IndexName"]: index for index in deployed(stage, table).get("GlobalSecondaryIndexes", [])
    }
    assert indexes.keys() == {index.name for index in table.indexes}
    for index in table.indexes:
        assert keys(indexes[index.name]["KeySchema"]) == (index.partition, index.sort)
        projection = indexes[index.name]["Projection"]
        assert projection["ProjectionType"] == ("INCLUDE" if index.include else "KEYS_ONLY")
        assert tuple(projection.get("NonKeyAttributes", ())) == index.include


def test_prod_keeps_protects_and_backs_up_every_table() -> None:
    assert policies("prod", "data", KIND) == {("Retain", "Retain")}
    for table in TABLES:
        (replica,) = deployed("prod", table)["Replicas"]
        assert replica["DeletionProtectionEnabled"] is True, table.name
        assert replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True, table.name


def test_prod_keeps_its_logs_when_the_stack_goes() -> None:
    assert policies("prod", "service", "AWS::Logs::LogGroup") == {("Retain", "Retain")}


@pytest.mark.parametrize("stage", [name for name, stage in STAGES.items() if not stage.durable])
def test_other_stages_leave_nothing_behind(stage: str) -> None:
    assert policies(stage, "data", KIND) == {("Delete", "Delete")}
    assert policies(stage, "service", "AWS::Logs::LogGroup") == {("Delete", "Delete")}


def test_no_table_has_a_name_that_a_replacement_would_collide_with(stage: str) -> None:
    assert not [one for one in resources(stage, "data", KIND).values() if "TableName" in one]
