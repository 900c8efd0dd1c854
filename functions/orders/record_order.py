"""The queue of orders from the bus: each is counted once among its customer's figures."""

from typing import Any

from functions.orders import store
from functions.orders.order import InvalidOrderError, Order, parse
from functions.shared import clock, sqs
from functions.shared.errors import GoneError, NotFoundError
from functions.shared.messages import PutOffError, ReceivedMessage, each_message
from functions.shared.observe import logger
from functions.shared.startup import lambda_handler

LONGEST_WAIT_SECONDS = 3600
"""An order whose customer stays away is tried for four days (`infra/queues.py`)."""

HOPELESS_WAIT_SECONDS = 1
"""What can never be counted is among the dead letters within minutes, where an alarm tells of it."""


@lambda_handler
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answers which messages have to come again."""
    return each_message(event, _record)


def _record(message: ReceivedMessage) -> None:
    try:
        store.record(_order(message), today=clock.now().date())
    except InvalidOrderError as error:
        if message.receives == 1:
            logger.error("not an order", fields=error.fields, messageId=message.id)
        sqs.put_off("orders", message.receipt_handle, HOPELESS_WAIT_SECONDS)
        raise PutOffError from error
    except GoneError:
        logger.info("order of a deleted customer", messageId=message.id)
    except NotFoundError as error:
        if message.receives == 1:
            logger.info("order waits for its customer", messageId=message.id)
        sqs.put_off("orders", message.receipt_handle, min(2**message.receives, LONGEST_WAIT_SECONDS))
        raise PutOffError from error


def _order(message: ReceivedMessage) -> Order:
    try:
        event = message.json()
    except (ValueError, RecursionError):
        raise InvalidOrderError(["event"]) from None
    return parse(event, queued_at=message.sent_at)
