"""Which tables are restored, from where to where, and what a restored table lacks until it gets it.

Point-in-time recovery makes a new table: its keys, indexes and items, but no stream, no TTL, no recovery of
its own, no tags and no deletion protection (AWS: restoring a table to a point in time).
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from infra.restored_tables import RestoredTable
from infra.settings import SERVICE, Stage
from infra.tables import CLAIMS, CUSTOMERS, NOTES, ORDERS, UPLOADS, Table

RESTORED = (CUSTOMERS, CLAIMS, NOTES, ORDERS, UPLOADS)
"""Not the tenants, whose revoked secrets would be good again, and not the erasures, which came later. Not
exports, whose files are gone in a week, and not imports: one that went back to `processing` would wait for
messages that are spent, so a file of since then is sent again."""

Recover = Callable[[Any, str, str, datetime], None]
"""Begins to make a table (client, source, target, moment)."""

TABLE_TYPE = "AWS::DynamoDB::GlobalTable"
HASH_LENGTH = 8
EVERY_SECONDS = 5.0
LIMIT_SECONDS = 6 * 3600.0


class RestoreError(Exception):
    """The restore cannot go on; the message is for the operator."""


def deployed_tables(cloudformation: Any, stage: Stage) -> dict[str, str]:
    """The deployed names of the stage's own tables, by their names in `infra/tables.py`."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stage.stack_name("data"))
    return {
        one["LogicalResourceId"][:-HASH_LENGTH].lower(): one["PhysicalResourceId"]
        for page in pages
        for one in page["StackResourceSummaries"]
        if one["ResourceType"] == TABLE_TYPE
    }


def target_name(stage: Stage, table: Table, moment: datetime) -> str:
    """`customerservice-prod-customers-20261127T030000Z`."""
    return f"{SERVICE}-{stage.name}-{table.name}-{moment:%Y%m%dT%H%M%SZ}"


def restorable(client: Any, table: str) -> tuple[datetime, datetime] | None:
    """The earliest and the latest second a table can be restored to, None where it cannot."""
    found = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    window = found["PointInTimeRecoveryDescription"]
    if window["PointInTimeRecoveryStatus"] != "ENABLED":
        return None
    return window["EarliestRestorableDateTime"], window["LatestRestorableDateTime"]


def recover_to_moment(client: Any, source: str, target: str, moment: datetime) -> None:
    """Begin to make the table `target` of what `source` held."""
    client.restore_table_to_point_in_time(
        SourceTableName=source, TargetTableName=target, RestoreDateTime=moment
    )


def wait_until_active(client: Any, table: str) -> dict[str, Any]:
    """The table and its indexes, once all can be used. Raises RestoreError after hours."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        found: dict[str, Any] = client.describe_table(TableName=table)["Table"]
        indexes = found.get("GlobalSecondaryIndexes", [])
        if {found["TableStatus"], *(index.get("IndexStatus", "ACTIVE") for index in indexes)} == {"ACTIVE"}:
            return found
        time.sleep(EVERY_SECONDS)
    raise RestoreError(f"{table} was not restored within {LIMIT_SECONDS / 3600:.0f} hours")


def complete(client: Any, table: Table, name: str, stage: Stage) -> RestoredTable:
    """Give the restored table `name` what its stage's own table has. Safe to repeat."""
    arn = wait_until_active(client, name)["TableArn"]
    tags = {"service": SERVICE, "stage": stage.name, "cost-centre": stage.cost_centre}
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
    if stage.durable:
        client.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
        client.update_table(TableName=name, DeletionProtectionEnabled=True)
        wait_until_active(client, name)
    if table.ttl:
        ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"]
        if ttl not in {"ENABLED", "ENABLING"}:
            client.update_time_to_live(
                TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": table.ttl}
            )
    return RestoredTable(name)


def with_stream(client: Any, restored: Mapping[str, RestoredTable]) -> dict[str, RestoredTable]:
    """The same tables, those with a stream followed from here on. Safe to repeat."""
    followed = dict(restored)
    for table in RESTORED:
        if not table.stream:
            continue
        name = restored[table.name].name
        found = wait_until_active(client, name)
        if not found.get("LatestStreamArn"):
            client.update_table(
                TableName=name,
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            )
            found = wait_until_active(client, name)
        followed[table.name] = RestoredTable(name, found["LatestStreamArn"])
    return followed
