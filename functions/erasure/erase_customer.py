"""The customers table's stream: what a deleted customer leaves, notes, orders, exports' files, is erased.

Nothing of it can be reached any more; this takes it out of the tables. Safe to repeat, so a worker that is
cut off among thousands of notes goes on where it was.
"""

from collections.abc import Mapping
from typing import Any

from functions.exports import deletion as exports
from functions.notes import store as notes
from functions.orders import store as orders
from functions.shared.item import unmarshal
from functions.shared.observe import log_fault, logger
from functions.shared.startup import lambda_handler


@lambda_handler
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answers with the records to begin again from (AWS: DynamoDB partial batch responses)."""
    failed = [record for record in event["Records"] if not _erased(record)]
    return {
        "batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]} for record in failed]
    }


def _erased(record: Mapping[str, Any]) -> bool:
    try:
        item = unmarshal(record["dynamodb"].get("NewImage", {}))
        if "deletedDate" in item:
            erased_notes = notes.delete_all(item["tenantId"], item["id"])
            erased_orders = orders.delete_all(item["tenantId"], item["id"])
            exports.forget_customer(
                item["tenantId"],
                item["id"],
                deleted_date=item["deletedDate"],
                created_date=unmarshal(record["dynamodb"].get("OldImage", {})).get("createdDate"),
            )
            logger.info("erased", notes=erased_notes, orders=erased_orders, tenant=item["tenantId"])
    except Exception as error:  # noqa: BLE001  Lambda hands the record over again
        log_fault("erasure failed", error, sequenceNumber=record["dynamodb"]["SequenceNumber"])
        return False
    return True
