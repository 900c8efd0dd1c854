"""Every function that no URL reaches: what it empties or follows, and what it may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources

from infra.data_stack import DataStack
from infra.function import ServiceFunction
from infra.queues import EXPORTS, IMPORTS, ORDERS, UNERASED_CUSTOMERS, UNPUBLISHED_CHANGES, Queue
from infra.resources import Grants
from infra.settings import Stage
from infra.tables import CUSTOMERS, Table

CONSUME_QUEUE = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
FOLLOW_STREAM = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
"""What Lambda's pollers ask of a function's role (AWS: event source mappings)."""

STREAM_RETRIES = 100
"""With Lambda's growing pauses, well over an hour for one bad record, of the day a stream keeps it."""


@dataclass(frozen=True)
class QueueSource:
    """A queue, whose messages a worker takes in batches and answers for one by one."""

    queue: Queue
    batch_size: int

    @property
    def resource(self) -> str:
        """The queue among the resources a function can be granted."""
        return self.queue.resource

    @property
    def grants(self) -> Grants:
        """What taking messages needs."""
        return {self.resource: CONSUME_QUEUE}

    @property
    def timeout(self) -> Duration:
        """How long the worker may take for a batch."""
        return Duration.seconds(self.queue.worker_seconds)


@dataclass(frozen=True)
class StreamSource:
    """A table's stream, which a worker follows in order; what it gives up is noted in the queue `failures`.

    `only` are filters, one of which a record passes (AWS: Lambda event filtering); all records without one.
    """

    table: Table
    failures: str
    batch_size: int
    only: tuple[Mapping[str, object], ...] = ()

    @property
    def resource(self) -> str:
        """The stream among the resources a function can be granted."""
        return f"{self.table.name}.stream"

    @property
    def grants(self) -> Grants:
        """What following the stream, and noting what is given up, needs."""
        return {self.resource: FOLLOW_STREAM, f"{self.failures}_queue": ("SendMessage",)}

    @property
    def timeout(self) -> Duration:
        """How long the worker may take for a batch."""
        return Duration.minutes(2)


@dataclass(frozen=True)
class Worker:
    """A function, where its work comes from, and what it may do beside taking it.

    Its CPU grows with its memory; 1,769 MiB are one whole (AWS: Lambda, memory and computing power).
    """

    handler: str
    source: QueueSource | StreamSource
    own_grants: Grants
    memory_mib: int = 1024

    @property
    def grants(self) -> Grants:
        """All it may do."""
        merged = dict(self.source.grants)
        for resource, actions in self.own_grants.items():
            merged[resource] = (*merged.get(resource, ()), *actions)
        return merged


WORKERS: tuple[Worker, ...] = (
    Worker(
        "imports.import_rows",
        QueueSource(IMPORTS, batch_size=10),
        {
            "customers": ("BatchGetItem", "PutItem", "UpdateItem"),
            "claims": ("BatchGetItem", "PutItem", "DeleteItem"),
            "uploads": ("GetItem", "PutItem", "UpdateItem"),
            "imports": (
                "GetItem",
                "BatchGetItem",
                "Query",
                "PutItem",
                "UpdateItem",
                "ConditionCheckItem",
            ),
            "files.imports": ("GetObject", "PutObject"),
            "imports_queue": ("SendMessage",),
        },
        # Ten threads that mostly wait keep one CPU busy: some 0.15 ms a row.
        memory_mib=1769,
    ),
    Worker(
        "events.publish_changes",
        StreamSource(CUSTOMERS, UNPUBLISHED_CHANGES, batch_size=100),
        {"bus": ("PutEvents",)},
    ),
    Worker(
        "orders.record_order",
        QueueSource(ORDERS, batch_size=5),
        {
            "customers": ("BatchGetItem", "GetItem", "UpdateItem", "ConditionCheckItem"),
            "claims": ("BatchGetItem",),
            "orders": ("BatchGetItem", "Query", "PutItem", "DeleteItem"),
            "orders_queue": ("ChangeMessageVisibility",),
        },
    ),
    Worker(
        "exports.write_exports",
        QueueSource(EXPORTS, batch_size=1),
        {
            "customers": ("BatchGetItem",),
            "customers.bucket": ("Query",),
            "exports": (
                "GetItem",
                "Query",
                "PutItem",
                "UpdateItem",
                "DeleteItem",
                "ConditionCheckItem",
                "BatchWriteItem",
            ),
            "files.exports": ("PutObject", "DeleteObject"),
            "exports_queue": ("SendMessage",),
        },
    ),
    Worker(
        "erasure.erase_customer",
        StreamSource(
            CUSTOMERS,
            UNERASED_CUSTOMERS,
            batch_size=10,
            only=(
                {"dynamodb": {"NewImage": {"deletedDate": {"S": [{"exists": True}]}}}},
                {
                    "dynamodb": {
                        "NewImage": {"noteTally": {"M": {"deletedThrough": {"S": [{"exists": True}]}}}}
                    }
                },
            ),
        ),
        {
            "notes": ("Query", "BatchWriteItem"),
            "orders": ("Query", "BatchWriteItem"),
            "exports": ("Query", "PutItem", "UpdateItem"),
            "files.exports": ("DeleteObject",),
        },
    ),
)


def add_event_source(worker: Worker, function: ServiceFunction, data: DataStack, stage: Stage) -> None:
    """Let Lambda feed `function` from its worker's source.

    The mapping stays the function's own when that gets an alias: it goes on where it was.
    """
    source = worker.source
    target: dict[str, Any] = {"scope": function.function, "id": "Source", "target": function.target}
    if isinstance(source, QueueSource):
        lambda_.EventSourceMapping(
            **target,
            event_source_arn=data.queues[source.queue.name].queue_arn,
            batch_size=source.batch_size,
            max_concurrency=stage.queue_workers,
            report_batch_item_failures=True,
        )
        return
    lambda_.EventSourceMapping(
        **target,
        event_source_arn=data.tables[source.table.name].table_stream_arn,
        starting_position=lambda_.StartingPosition.TRIM_HORIZON,
        batch_size=source.batch_size,
        bisect_batch_on_error=True,
        filters=[lambda_.FilterCriteria.filter(pattern) for pattern in source.only] or None,
        on_failure=event_sources.SqsDlq(data.given_up[source.failures]),
        report_batch_item_failures=True,
        retry_attempts=STREAM_RETRIES,
    )
