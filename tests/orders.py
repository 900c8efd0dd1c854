"""Orders as they come to the worker: events of the bus, in messages of the queue."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
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


@dataclass(frozen=True)
class Counted:
    """An order that counts, its money in fractions, its time in UTC."""

    ref: str
    total: Fraction
    refunded: Fraction
    created: datetime


def expected_figures(orders: Sequence[Counted], today: date) -> dict[str, str]:
    """The figures as the contract has them, word for word and without thrift."""
    if not orders:
        return NO_FIGURES
    year_ago = date(today.year - 1, today.month, 28 if (today.month, today.day) == (2, 29) else today.day)
    last_year = [one for one in orders if year_ago < one.created.date() <= today]
    first = min(one.created for one in orders).date()
    years = max(Fraction(1), Fraction((today - first).days) / Fraction("365.25"))
    last = max(orders, key=lambda one: (one.created, one.ref))
    return {
        "lifetimeOrderValue": _cents(sum((one.total for one in orders), Fraction(0))),
        "averageSpendPerAnnum": _cents(_spend(orders) / years),
        "running12monthSpend": _cents(_spend(last_year)),
        "totalOrders": str(len(orders)),
        "totalSpend": _cents(_spend(orders)),
        "lastOrderDate": f"{last.created.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z",
        "lastOrderRef": last.ref,
    }


def _spend(orders: Sequence[Counted]) -> Fraction:
    return sum((one.total - one.refunded for one in orders), Fraction(0))


def _cents(amount: Fraction) -> str:
    whole = int(abs(amount) * 100 + Fraction(1, 2))
    return f"{'-' if amount < 0 and whole else ''}{whole // 100}.{whole % 100:02d}"


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


_queued: dict[str, int] = {}


def queued_at(body: Any) -> int:
    """When an event first came to the queue: later than those before it, the same when it comes again."""
    name = body["id"] if isinstance(body, dict) and isinstance(body.get("id"), str) else str(body)
    return _queued.setdefault(name, len(_queued))
