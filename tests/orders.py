"""Orders as they come to the worker: events of the bus, in messages of the queue."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from functions.workers import record_order

Event = dict[str, Any]

NO_FIGURES = {
    "lifetimeOrderValue": "0.00",
    "averageSpendPerAnnum": "0.00",
    "running12monthSpend": "0.00",
    "totalOrders": "0",
    "totalSpend": "0.00",
}
"""What a customer without orders shows."""

FIGURES = (*NO_FIGURES, "lastOrderDate", "lastOrderRef")


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


def figures(customer: Mapping[str, Any]) -> dict[str, str]:
    """The figures in a customer's answer."""
    return {name: customer[name] for name in FIGURES if name in customer}


def _record(number: int, body: Any, receives: int) -> dict[str, Any]:
    return {
        "messageId": str(number),
        "receiptHandle": f"receipt-{number}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": str(receives)},
    }
