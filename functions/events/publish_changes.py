"""The customers table's stream: every change, committed, becomes an event on the bus."""

import json
from collections.abc import Mapping
from typing import Any

from functions.events import bus
from functions.events.changes import CustomerChange, change_in
from functions.shared import sqs
from functions.shared.observe import log_fault, logger
from functions.shared.sqs import Message
from functions.shared.startup import lambda_handler


@lambda_handler
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answers with the record to begin again from (AWS: DynamoDB partial batch responses)."""
    read = [(_sequence_number(record), _change_in(record)) for record in event["Records"]]
    sequence_numbers = {change.event_id: number for number, change in read if change}
    unpublished = bus.publish([change for _, change in read if change])
    logger.info("changes", records=len(read), changes=len(sequence_numbers), unpublished=len(unpublished))
    return {
        "batchItemFailures": [
            {"itemIdentifier": sequence_numbers[change.event_id]} for change in unpublished[:1]
        ]
    }


def _change_in(record: Mapping[str, Any]) -> CustomerChange | None:
    try:
        return change_in(record)
    except Exception as error:  # noqa: BLE001  no retry can help this record, and the others must not wait
        log_fault("unreadable record", error, sequenceNumber=_sequence_number(record))
        # Keys and position alone: where the operator finds the record while the stream keeps it.
        place = {"keys": record["dynamodb"]["Keys"], "sequenceNumber": _sequence_number(record)}
        sqs.send_all("unpublished_changes", [Message(json.dumps(place), "unreadable")])
        return None


def _sequence_number(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["SequenceNumber"])
