"""SQS as this service uses it: every call passes here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from functions.shared import aws
from functions.shared.errors import UnavailableError
from functions.shared.retry import pauses
from functions.shared.settings import queue_url

MAX_BATCH_MESSAGES = 10
MAX_BATCH_BYTES = 1024 * 1024
"""What one SendMessageBatch takes (AWS: SQS message quotas)."""

client = aws.client("sqs")


@dataclass(frozen=True)
class Message:
    """A message to send: ASCII text; `group` shares the queue fairly between groups (AWS: fair queues)."""

    body: str
    group: str


class RefusedMessageError(Exception):
    """SQS will never take this message; says with which code."""


def call(operation: str, **arguments: Any) -> dict[str, Any]:
    """One call of the client."""
    return aws.call(client, operation, **arguments)


def send_all(queue: str, messages: Sequence[Message]) -> None:
    """Put every message into the queue, each at least once.

    Raises UnavailableError when SQS keeps refusing some: the others are in the queue then.
    """
    url = queue_url(queue)
    for batch in _batches(messages):
        _send_batch(url, batch)


def put_off(queue: str, receipt_handle: str, seconds: int) -> None:
    """Let a message that was received come again only after so many seconds (at most 12 hours)."""
    call(
        "change_message_visibility",
        QueueUrl=queue_url(queue),
        ReceiptHandle=receipt_handle,
        VisibilityTimeout=seconds,
    )


def _batches(messages: Sequence[Message]) -> Iterator[list[Message]]:
    batch: list[Message] = []
    size = 0
    for message in messages:
        if batch and (len(batch) == MAX_BATCH_MESSAGES or size + len(message.body) > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += len(message.body)
    if batch:
        yield batch


def _send_batch(url: str, batch: Sequence[Message]) -> None:
    waiting = {
        str(number): {"Id": str(number), "MessageBody": message.body, "MessageGroupId": message.group}
        for number, message in enumerate(batch)
    }
    for pause in pauses():
        answer = call("send_message_batch", QueueUrl=url, Entries=list(waiting.values()))
        for sent in answer.get("Successful", ()):
            del waiting[sent["Id"]]
        for failed in answer.get("Failed", ()):
            if failed["SenderFault"] and failed["Code"] not in aws.BUSY:
                raise RefusedMessageError(failed["Code"])
        if not waiting:
            return
        pause()
    raise UnavailableError
