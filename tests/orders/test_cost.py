"""What an order costs: the same calls and units however many orders its customer has."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from functions.orders import figures as rules
from functions.orders.keys import counted_key, order_key, owner_key
from functions.shared import clock
from functions.shared.item import marshal
from tests.api import Api
from tests.clients import client
from tests.orders.events import Event, deliver, event
from tests.orders.kept import assert_kept
from tests.orders.units import Meter
from tests.tables import put_items

TODAY = date(2026, 11, 24)
OLD = datetime(2025, 6, 1, 10, tzinfo=UTC)
"""No day of spend is kept of orders so old."""

READ, LOOK, WRITE = "batch_get_item", "query", "transact_write_items"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 24, 12, tzinfo=UTC))


def give_history(customer_id: str, orders: int, currencies: tuple[str, ...] = ("AUD",)) -> None:
    """Give a customer so many orders, one a day before `OLD`, past the API: moto takes long over them."""
    history = [
        {
            "orderRef": f"H{number:05d}",
            "totalAmount": "10.25",
            "refundedAmount": "0",
            "createdAt": clock.timestamp(OLD - timedelta(days=number)),
            "counts": True,
            "currencyCode": currencies[number % len(currencies)],
        }
        for number in range(orders)
    ]
    for order in history:
        put_items("orders", _items(customer_id, order))
    figures = rules.on_customer(rules.figures_by_currency(history, TODAY).values(), TODAY)
    client("dynamodb").update_item(
        TableName="customers",
        Key={"customerKey": {"S": f"demo#{customer_id}"}},
        UpdateExpression="SET orderFigures = :f, figuresRevision = :r, countedRevision = :r",
        ExpressionAttributeValues=marshal({":f": figures or {}, ":r": orders}),
    )


def _items(customer_id: str, order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    ref, named_by = order["orderRef"], ["id", customer_id]
    yield {**order_key("demo", customer_id, ref), **order, "namedBy": named_by, "revision": "2000"}
    yield counted_key("demo", customer_id, order)
    yield {**owner_key("demo", ref), "customerId": customer_id, "revision": "2000"}


@pytest.mark.parametrize("orders", [1, 100, 10_000])
def test_an_order_costs_the_same_however_many_there_are(
    api: Api, monkeypatch: pytest.MonkeyPatch, orders: int
) -> None:
    customer, other = api.create(email="ann@example.com"), api.create()
    by_id, by_email = {"customerId": customer["id"]}, {"email": "ann@example.com"}
    give_history(customer["id"], orders)
    meter = Meter.of(monkeypatch)

    def cost(detail_type: str = "OrderUpdated", **detail: Any) -> tuple[list[str], int, int]:
        meter.reset()
        order: Event = {"currencyCode": "AUD", "updated_at": f"2026-11-2{len(costs)}T00:00:00Z", **detail}
        assert deliver(event(detail_type, **order)) == []
        spent = meter.reset()
        return spent.calls, spent.read, spent.written

    costs: dict[str, tuple[list[str], int, int]] = {}
    costs["a new order, by id"] = cost("OrderPlaced", **by_id)
    costs["an older version"] = cost("OrderPlaced", **by_id, updated_at="2026-11-19T00:00:00Z")
    costs["a new order, by email"] = cost("OrderPlaced", **by_email, orderRef="O2")
    costs["an update, by id"] = cost(**by_id, refundedAmount="1")
    costs["an update, by email"] = cost(**by_email, orderRef="O2", refundedAmount="1")
    costs["the last one is cancelled"] = cost(**by_email, orderRef="O2", cancelled=True)
    costs["the first one is cancelled"] = cost(**by_id, orderRef=f"H{orders - 1:05d}", cancelled=True)
    costs["one moves to another customer"] = cost(customerId=other["id"], orderRef="O2")

    assert costs == {
        "a new order, by id": ([READ, WRITE], 2, 8),
        "an older version": ([READ], 2, 0),
        "a new order, by email": ([READ, READ, WRITE], 3, 8),
        "an update, by id": ([READ, READ, WRITE], 3, 6),
        "an update, by email": ([READ, READ, WRITE], 4, 6),
        "the last one is cancelled": ([READ, READ, LOOK, WRITE], 5, 8),
        "the first one is cancelled": ([READ, READ, LOOK, WRITE], 4, 8),
        "one moves to another customer": ([READ, READ, WRITE], 4, 12),
    }
    # The history that was put there is what counting would have left.
    assert_kept(TODAY)


def test_further_currencies_cost_a_read_more(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = api.create()
    for number, currency in enumerate(["AUD", "AUD", "NZD", "NZD", "JPY", "JPY", "USD", "USD", "EUR"]):
        deliver(event(customerId=customer["id"], orderRef=f"O{number}", currencyCode=currency))
    meter = Meter.of(monkeypatch)

    def calls(detail_type: str = "OrderUpdated", **detail: Any) -> list[str]:
        meter.reset()
        assert deliver(event(detail_type, customerId=customer["id"], **detail)) == []
        return meter.reset().calls

    # Of the four currencies of most orders, which lie with the customer.
    assert calls("OrderPlaced", orderRef="O9", currencyCode="JPY") == [READ, WRITE]
    # Of another one.
    assert calls("OrderPlaced", orderRef="O10", currencyCode="CHF") == [READ, READ, WRITE]
    assert calls(orderRef="O10", currencyCode="CHF", refundedAmount="1") == [READ, READ, READ, WRITE]
    # One of the four falls behind: which one takes its place?
    assert calls(orderRef="O0", currencyCode="AUD", cancelled=True) == [READ, READ, LOOK, LOOK, WRITE]
    assert_kept(TODAY)
