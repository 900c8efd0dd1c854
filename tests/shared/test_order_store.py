"""What a deleted customer leaves among the orders: nothing, and nobody else loses anything."""

from typing import Any

import pytest

from functions.shared import dynamo, order_store
from functions.shared.errors import ConflictError
from tests.api import CUSTOMERS, Api
from tests.orders import deliver, event, figures


def stored() -> list[dict[str, Any]]:
    return [dynamo.unmarshal(item) for item in dynamo.call("scan", TableName="orders")["Items"]]


def test_only_the_customers_own_orders_are_erased(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_store, "PAGE", 10)
    customer, other = api.create(), api.create()
    deliver(
        *(event(customerId=customer["id"], orderRef=f"O{number}") for number in range(25)),
        event(customerId=other["id"], orderRef="kept"),
    )
    api.delete(f"{CUSTOMERS}/{customer['id']}")

    assert order_store.delete_all("demo", customer["id"]) == 25
    assert order_store.delete_all("demo", customer["id"]) == 0

    assert {item.get("customerId", other["id"]) for item in stored()} == {other["id"]}
    assert len(stored()) == 2


def test_an_order_that_moves_on_meanwhile_keeps_its_owner(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    customer, other = api.create(), api.create()
    for ref in ("O1", "O2", "O3"):
        deliver(event(customerId=customer["id"], orderRef=ref, updated_at="2026-11-20T10:00:00Z"))
    api.delete(f"{CUSTOMERS}/{customer['id']}")
    moved = event("OrderUpdated", customerId=other["id"], orderRef="O2", updated_at="2026-11-21T00:00:00Z")
    real = dynamo.transact

    def overtaken(writes: Any) -> None:
        monkeypatch.setattr(dynamo, "transact", real)
        deliver(moved)
        real(writes)

    monkeypatch.setattr(dynamo, "transact", overtaken)

    assert order_store.delete_all("demo", customer["id"]) == 3

    deliver(moved)
    assert figures(api.customer(other["id"]))["totalOrders"] == "1"
    assert len(stored()) == 2


def test_an_erasure_that_others_keep_out_is_a_conflict(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = api.create()
    deliver(event(customerId=customer["id"]))

    def contended(_: Any) -> None:
        raise dynamo.ContendedError

    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(dynamo, "transact", contended)

    with pytest.raises(ConflictError):
        order_store.delete_all("demo", customer["id"])
    assert len(stored()) == 2
