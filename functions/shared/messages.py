"""A batch of queue messages, answered for one by one (AWS: SQS partial batch responses)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from functions.shared import json_text
from functions.shared.observe import log_fault, logger


class PutOffError(Exception):
    """The message has been put off, as was to be expected; it comes again later."""


@dataclass(frozen=True)
class ReceivedMessage:
    """A message as a worker gets it.

    `receives` counts its deliveries, this one included; `sent_at` is when it was queued (epoch milliseconds).
    """

    id: str
    body: str
    receipt_handle: str
    receives: int
    sent_at: int

    def json(self) -> Any:
        """The body, parsed; every number as the text it was written as.

        Raises ValueError or RecursionError.
        """
        return json_text.parse(self.body)


def each_message(
    event: dict[str, Any], work: Callable[[ReceivedMessage], None], *, threads: int = 1
) -> dict[str, Any]:
    """Do `work` for every message of `event`; those it raises for stay in the queue and come again."""
    messages = [_received(record) for record in event["Records"]]

    def failure_of(message: ReceivedMessage) -> str | None:
        try:
            work(message)
        except PutOffError:
            return message.id
        except Exception as error:  # noqa: BLE001  the message comes again, or ends among the dead letters
            log_fault("message failed", error, messageId=message.id, receives=str(message.receives))
            return message.id
        return None

    with ThreadPoolExecutor(threads) as pool:
        failed = [message_id for message_id in pool.map(failure_of, messages) if message_id]
    logger.info("batch", messages=len(messages), failed=len(failed))
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _received(record: dict[str, Any]) -> ReceivedMessage:
    return ReceivedMessage(
        record["messageId"],
        record["body"],
        record["receiptHandle"],
        int(record["attributes"]["ApproximateReceiveCount"]),
        int(record["attributes"]["SentTimestamp"]),
    )
