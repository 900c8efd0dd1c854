"""The stateful stack: the tables of `infra/tables.py`. In `prod` nothing here can be lost by a deploy."""

from typing import Any

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.settings import TENANTS_TABLE_OUTPUT, Stage
from infra.tables import TABLES, TENANTS, Index, Table


class DataStack(Stack):
    """Every table of one stage, by its name in `infra/tables.py`."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, termination_protection=stage.durable, **kwargs)
        self.tables = {table.name: self._table(table, stage) for table in TABLES}
        CfnOutput(self, TENANTS_TABLE_OUTPUT, value=self.tables[TENANTS.name].table_name)

    def _table(self, table: Table, stage: Stage) -> dynamodb.TableV2:
        return dynamodb.TableV2(
            self,
            table.name.capitalize(),
            partition_key=_key(table.partition),
            sort_key=_key(table.sort) if table.sort else None,
            billing=dynamodb.Billing.on_demand(),
            global_secondary_indexes=[_index(index) for index in table.indexes],
            dynamo_stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if table.stream else None,
            time_to_live_attribute=table.ttl,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=stage.durable
            ),
            deletion_protection=stage.durable,
            removal_policy=RemovalPolicy.RETAIN if stage.durable else RemovalPolicy.DESTROY,
        )


def _key(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def _index(index: Index) -> dynamodb.GlobalSecondaryIndexPropsV2:
    return dynamodb.GlobalSecondaryIndexPropsV2(
        index_name=index.name,
        partition_keys=[_key(name) for name in index.partition],
        sort_keys=[_key(name) for name in index.sort] or None,
        projection_type=dynamodb.ProjectionType.INCLUDE
        if index.include
        else dynamodb.ProjectionType.KEYS_ONLY,
        non_key_attributes=list(index.include) or None,
    )
