"""The service's queues in moto, from the list the stack is built from, and what Lambda does with them."""

import json
from collections.abc import Callable
from typing import Any

from infra.queues import QUEUES, STREAM_FAILURES
from tests.clients import client


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
        if not batch:
            break
        found += [_record(message) for message in batch]
    for record in found:
        sqs.change_message_visibility(
            QueueUrl=_url(queue), ReceiptHandle=record["receiptHandle"], VisibilityTimeout=0
        )
    return found


def take_all(queue: str) -> list[dict[str, Any]]:
    """The messages that wait in a queue, taken away."""
    records = messages_in(queue)
    for record in records:
        client("sqs").delete_message(QueueUrl=_url(queue), ReceiptHandle=record["receiptHandle"])
    return records


def deliver(
    queue: str, handler: Callable[[dict[str, Any], None], dict[str, Any]], *, most: int | None = None
) -> list[str]:
    """Hand waiting messages to a worker, take away those it is done with, and return the failed ones."""
    records = messages_in(queue)[:most]
    if not records:
        return []
    answer = handler({"Records": records}, None)
    failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    sqs = client("sqs")
    for record in records:
        if record["messageId"] not in failed:
            sqs.delete_message(QueueUrl=_url(queue), ReceiptHandle=record["receiptHandle"])
    return failed


def _url(queue: str) -> str:
    return str(client("sqs").get_queue_url(QueueName=queue)["QueueUrl"])


def _record(message: Any) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
    }
