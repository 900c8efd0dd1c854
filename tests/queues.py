"""The service's queues in moto, from the list the stack is built from, and what Lambda does with them."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from infra.queues import QUEUES, STREAM_FAILURES
from tests.clients import client

Worker = Callable[[dict[str, Any], None], dict[str, Any]]
"""A worker's handler."""


def create_queues() -> None:
    """Create every queue of `infra/queues.py`, its dead-letter queue behind it."""
    sqs = client("sqs")
    for name in STREAM_FAILURES:
        sqs.create_queue(QueueName=name)
    for queue in QUEUES:
        dead = sqs.create_queue(QueueName=queue.dead_letters)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": queue.max_receives})
        sqs.create_queue(
            QueueName=queue.name, Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "0"}
        )


def messages_in(queue: str) -> list[dict[str, Any]]:
    """The messages that wait in a queue, as Lambda hands them to a worker; they come again at once."""
    sqs = client("sqs")
    found: list[dict[str, Any]] = []
    while True:
        batch = sqs.receive_message(
            QueueUrl=_url(queue),
            MaxNumberOfMessages=10,
            VisibilityTimeout=60,
            MessageSystemAttributeNames=["All"],
        ).get("Messages", [])
        found += [_record(message) for message in batch]
        # moto gives all there are, up to ten.
        if len(batch) < 10:
            break
    for some in _batches(found):
        visible = [{"VisibilityTimeout": 0, **entry} for entry in some]
        sqs.change_message_visibility_batch(QueueUrl=_url(queue), Entries=visible)
    return found


def take_all(queue: str) -> list[dict[str, Any]]:
    """The messages that wait in a queue, taken away."""
    records = messages_in(queue)
    _take_away(queue, records)
    return records


def deliver(queue: str, handler: Worker, *, most: int | None = None) -> list[str]:
    """Hand waiting messages to a worker, take away those it is done with, and return the failed ones."""
    records = messages_in(queue)[:most]
    return _delivered(queue, handler, records) if records else []


def work_off(queue: str, handler: Worker) -> None:
    """Hand over all that waits, and all that comes of it; nothing fails."""
    while records := messages_in(queue):
        assert _delivered(queue, handler, records) == []


def _delivered(
    queue: str,
    handler: Worker,
    records: Sequence[dict[str, Any]],
) -> list[str]:
    answer = handler({"Records": records}, None)
    failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    _take_away(queue, [record for record in records if record["messageId"] not in failed])
    return failed


def _take_away(queue: str, records: Sequence[dict[str, Any]]) -> None:
    for some in _batches(records):
        client("sqs").delete_message_batch(QueueUrl=_url(queue), Entries=some)


def _batches(records: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(records), 10):
        yield [
            {"Id": str(at), "ReceiptHandle": record["receiptHandle"]}
            for at, record in enumerate(records[start : start + 10])
        ]


@cache
def _url(queue: str) -> str:
    return str(client("sqs").get_queue_url(QueueName=queue)["QueueUrl"])


def _record(message: Any) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
    }
