"""The customers table's stream: what deleted customers left, and notes deleted all at once, are erased.

Nothing of it can be reached any more; this takes it out of the tables. Safe to repeat, so a worker that is
cut off among thousands of notes goes on where it was.
"""

from collections.abc import Mapping
from typing import Any

from functions.exports import deletion as exports
from functions.notes import store as notes
from functions.notes.note import deleted_through
from functions.orders import store as orders
from functions.shared.item import Item, unmarshal
from functions.shared.observe import log_fault, logger
from functions.shared.startup import lambda_handler

MAX_NOTES = 25_000
"""Notes that one invocation erases, well within its time at 15 ms a batch; the next one goes on."""


@lambda_handler
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answers with the records to begin again from (AWS: DynamoDB partial batch responses)."""
    room, failed = MAX_NOTES, []
    for record in event["Records"]:
        number = record["dynamodb"]["SequenceNumber"]
        try:
            room -= _erase(record, room)
        except Exception as error:  # noqa: BLE001  Lambda hands the record over again
            log_fault("erasure failed", error, sequenceNumber=number)
            failed.append(number)
        else:
            if room < 0:
                failed.append(number)
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _erase(record: Mapping[str, Any], room: int) -> int:
    """How many notes it erased; more than `room` where some may be left."""
    after, before = (unmarshal(record["dynamodb"].get(image, {})) for image in ("NewImage", "OldImage"))
    if "deletedDate" in after:
        exports.forget_customer(
            after["tenantId"],
            after["id"],
            deleted_date=after["deletedDate"],
            created_date=before.get("createdDate"),
        )
        return _erased(after, None, room)
    through = deleted_through(after)
    if through > deleted_through(before):
        return _erased(after, through, room)
    return 0


def _erased(customer: Item, through: str | None, room: int) -> int:
    tenant_id, customer_id = customer["tenantId"], customer["id"]
    erased_notes = notes.erase(tenant_id, customer_id, through=through, most=room)
    erased_orders = orders.delete_all(tenant_id, customer_id) if through is None else 0
    logger.info("erased", notes=erased_notes, orders=erased_orders, tenant=tenant_id)
    return erased_notes
