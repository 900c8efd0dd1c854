"""The stateful stack: whatever holds data, at rest or on its way. In `prod` no deploy can lose it.

The rule that brings orders to their queue stands here too, so that none is missed while the service
stack is being replaced.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from aws_cdk import Acknowledgment, CfnOutput, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.orders.order import EVENT_RANKS
from infra.files import FOLDERS
from infra.files_bucket import files_bucket, files_rule
from infra.queues import GIVEN_UP, IMPORTS, ORDERS, QUEUES, Queue
from infra.resources import Resource
from infra.restored_tables import RestoredTable
from infra.retention import removal_policy
from infra.settings import (
    BUS_OUTPUT,
    FILES_BUCKET_OUTPUT,
    TENANTS_TABLE_OUTPUT,
    Stage,
)
from infra.tables import TABLES, TENANTS, Index, Table

RETENTION = Duration.days(14)
"""The longest SQS keeps a message."""


class DataStack(Stack):
    """The tables, queues, files and the bus of one stage, by their names in `infra/tables.py` and so on.

    Where a table was restored, `tables` has the one that stands for it; the other stays as it is.
    `later` are indexes (`customers.bucket`) that a later deploy creates: one table's change one at a time.

    `given_up` are the queues that should be empty, `orders_rule` brings orders to theirs, `files_rule` the
    news that a file has come. `resources` has everything a function can be granted.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        restored: Mapping[str, RestoredTable] | None = None,
        later: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, termination_protection=stage.durable, **kwargs)
        self._stage = stage
        self._later = later
        self._table_key = (
            kms.Key.from_key_arn(self, "TableKey", stage.table_key_arn) if stage.table_key_arn else None
        )
        self._own_tables = {table.name: self._table(table) for table in TABLES}
        self.tables: Mapping[str, dynamodb.ITableV2] = {
            **self._own_tables,
            **{name: self._restored(name, table) for name, table in (restored or {}).items()},
        }
        self.given_up = {name: self._queue(name, work=False) for name in GIVEN_UP}
        self.queues = {queue.name: self._work_queue(queue) for queue in QUEUES}
        self.bus = events.EventBus(self, "Bus", event_bus_name=stage.bus_name)
        self.files = files_bucket(self, stage)
        self.orders_rule = self._take_orders()
        self.files_rule = files_rule(
            self, self.files, self.queues[IMPORTS.name], dead_letters=self.given_up[IMPORTS.dead_letters]
        )
        if stage.archive_days:
            self._keep_events()
        self.resources = dict(self._resources())
        self._export_everything()
        CfnOutput(self, TENANTS_TABLE_OUTPUT, value=self.tables[TENANTS.name].table_name)
        CfnOutput(self, BUS_OUTPUT, value=self.bus.event_bus_name)
        CfnOutput(self, FILES_BUCKET_OUTPUT, value=self.files.bucket_name)

    def _table(self, table: Table) -> dynamodb.TableV2:
        return dynamodb.TableV2(
            self,
            table.name.capitalize(),
            partition_key=_key(table.partition),
            sort_key=_key(table.sort) if table.sort else None,
            billing=dynamodb.Billing.on_demand(),
            warm_throughput=self._warm_throughput,
            # No Contributor Insights: its rules show keys, and the keys of claims hold email addresses.
            encryption=dynamodb.TableEncryptionV2.customer_managed_key(self._table_key)
            if self._table_key
            else None,
            global_secondary_indexes=[
                _index(index) for index in table.indexes if f"{table.name}.{index.name}" not in self._later
            ],
            dynamo_stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if table.stream else None,
            time_to_live_attribute=table.ttl,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=self._stage.durable
            ),
            deletion_protection=self._stage.durable,
            removal_policy=self._removal_policy,
        )

    def _restored(self, name: str, table: RestoredTable) -> dynamodb.ITableV2:
        """It is named, not exported: no import locks the service to the table it replaces."""
        return dynamodb.TableV2.from_table_attributes(
            self,
            f"Restored{name.capitalize()}",
            table_arn=self.format_arn(service="dynamodb", resource="table", resource_name=table.name),
            table_stream_arn=table.stream_arn,
        )

    def _work_queue(self, queue: Queue) -> sqs.Queue:
        return self._queue(
            queue.name,
            work=True,
            visibility_timeout=Duration.seconds(queue.worker_seconds * self._stage.retry_after_timeouts),
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.given_up[queue.dead_letters], max_receive_count=queue.max_receives
            ),
        )

    def _queue(self, name: str, *, work: bool, **properties: Any) -> sqs.Queue:
        queue = sqs.Queue(
            self,
            f"{_capitalized(name)}Queue",
            retention_period=RETENTION,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            # The emulator has no TLS.
            enforce_ssl=not self._stage.emulated,
            removal_policy=self._removal_policy,
            **properties,
        )
        if not work:
            Validations.of(queue).acknowledge(
                Acknowledgment(
                    id="AwsSolutions-SQS3",
                    reason="It is where failed messages end: an alarm reads it, no code of ours does.",
                )
            )
        return queue

    def _take_orders(self) -> events.Rule:
        return events.Rule(
            self,
            "OrderRule",
            description="Orders, from the services that place them, to the worker that counts them",
            event_bus=self.bus,
            # Whoever may put events names any source but AWS's own: the bus's policy says who may.
            event_pattern=events.EventPattern(
                source=list(self._stage.order_sources), detail_type=list(EVENT_RANKS)
            ),
            targets=[
                targets.SqsQueue(
                    self.queues[ORDERS.name], dead_letter_queue=self.given_up[ORDERS.dead_letters]
                )
            ],
        )

    def _keep_events(self) -> None:
        events.Archive(
            self,
            "Archive",
            source_event_bus=self.bus,
            description="What the bus carried, for a follower that has to hear it again",
            # Every event: a replay names the rules that are to hear it.
            event_pattern=events.EventPattern(account=[self.account]),
            retention=Duration.days(self._stage.archive_days),
        )

    def _resources(self) -> Iterator[tuple[str, Resource]]:
        for table in TABLES:
            deployed = self.tables[table.name]
            variable, value = f"{table.name.upper()}_TABLE", deployed.table_name
            yield table.name, Resource("dynamodb", deployed.table_arn, variable, value)
            for index in table.indexes:
                arn = f"{deployed.table_arn}/index/{index.name}"
                yield f"{table.name}.{index.name}", Resource("dynamodb", arn, variable, value)
            if table.stream and deployed.table_stream_arn:
                stream = Resource("dynamodb", deployed.table_stream_arn, variable, value)
                yield f"{table.name}.stream", stream
        for name, queue in {**self.queues, **self.given_up}.items():
            variable = f"{name.upper()}_QUEUE_URL"
            yield f"{name}_queue", Resource("sqs", queue.queue_arn, variable, queue.queue_url)
        for folder in FOLDERS:
            # Imported by a name that the functions' acknowledgments can say.
            arn = f"{self.export_value(self.files.bucket_arn)}/{folder.prefix}*"
            yield folder.resource, Resource("s3", arn, "FILES_BUCKET", self.files.bucket_name)
        yield "bus", Resource("events", self.bus.event_bus_arn, "BUS_NAME", self.bus.event_bus_name)

    def _export_everything(self) -> None:
        """Also what the service stack does not use, or no deploy could end a use: this stack goes first."""
        for table in TABLES:
            deployed = self._own_tables[table.name]
            self.export_value(deployed.table_arn)
            self.export_value(deployed.table_name)
            if table.stream:
                self.export_value(deployed.table_stream_arn)
        for queue in (*self.queues.values(), *self.given_up.values()):
            self.export_value(queue.queue_arn)
            self.export_value(queue.queue_name)
            self.export_value(queue.queue_url)
        self.export_value(self.files.bucket_arn)
        self.export_value(self.files.bucket_name)
        self.export_value(self.bus.event_bus_arn)
        self.export_value(self.bus.event_bus_name)

    @property
    def _warm_throughput(self) -> dynamodb.WarmThroughput | None:
        reads, writes = self._stage.warm_reads, self._stage.warm_writes
        if reads is None and writes is None:
            return None
        return dynamodb.WarmThroughput(read_units_per_second=reads, write_units_per_second=writes)

    @property
    def _removal_policy(self) -> RemovalPolicy:
        return removal_policy(self._stage)


def _capitalized(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


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
