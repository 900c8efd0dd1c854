"""Orders as they come to the worker: events of the bus, in messages of the queue."""

import json
import uuid
from typing import Any

from functions.orders import record_order

Event = dict[str, Any]


def event(
    detail_type: str = "OrderPlaced",
    *,
    time: str = "2026-11-24T00:00:00Z",
    event_id: str | None = None,
    **detail: Any,
) -> Event:
    """An event of the bus (AWS: EventBridge events)."""
    order = {
        "tenantId": "demo",
        "orderRef": "O1",
        "totalAmount": "100.00",
        "created_at": "2026-11-20T10:00:00Z",
        **detail,
    }
    return {
        "version": "0",
        "id": event_id or str(uuid.uuid4()),
        "time": time,
        "source": "shop",
        "detail-type": detail_type,
        "detail": {name: value for name, value in order.items() if value is not None},
    }


def deliver(*events: Any, receives: int = 1) -> list[int]:
    """Hand the worker a batch of events; answers the positions of those that come again."""
    batch = {"Records": [_record(number, one, receives) for number, one in enumerate(events)]}
    failures = record_order.handler(batch, None)["batchItemFailures"]
    return [int(failure["itemIdentifier"]) for failure in failures]


def _record(number: int, body: Any, receives: int) -> dict[str, Any]:
    return {
        "messageId": str(number),
        "receiptHandle": f"receipt-{number}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {
            "ApproximateReceiveCount": str(receives),
            "SentTimestamp": str(queued_at(body)),
        },
    }


LATE = 4_102_444_800_000
"""Epoch milliseconds of 2100: after any event of a test."""

_queued: dict[str, int] = {}


def queued_at(body: Any) -> int:
    """When an event first came to the queue: later than those before it, the same when it comes again."""
    name = body["id"] if isinstance(body, dict) and isinstance(body.get("id"), str) else str(body)
    return _queued.setdefault(name, LATE + len(_queued))
