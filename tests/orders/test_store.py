"""What a deleted customer leaves among the orders: nothing, and nobody else loses anything."""

from typing import Any

import pytest

from functions.orders import store
from functions.shared import dynamo
from functions.shared.item import unmarshal
from tests.api import CUSTOMERS, Api
from tests.customers.expected_figures import figures
from tests.orders.events import deliver, event


def stored() -> list[dict[str, Any]]:
    return [unmarshal(item) for item in dynamo.call("scan", TableName="orders")["Items"]]


def test_only_the_customers_own_orders_are_erased_and_who_had_them_is_still_known(api: Api) -> None:
    customer, other = api.create(), api.create()
    deliver(
        *(event(customerId=customer["id"], orderRef=f"O{number}") for number in range(30)),
        event(customerId=other["id"], orderRef="kept"),
    )
    api.delete(f"{CUSTOMERS}/{customer['id']}")

    assert store.delete_all("demo", customer["id"]) == 30
    assert store.delete_all("demo", customer["id"]) == 0

    owners = [item for item in stored() if item["orderRef"] == "owner"]
    left = [item["orderRef"] for item in stored() if item not in owners]
    assert sorted(left) == ["counted##2026-11-20T10:00:00.000Z#kept", "kept"]
    assert len(owners) == 31
    assert all(item.keys() == {"customerKey", "orderRef", "customerId", "revision"} for item in owners)


def test_an_order_that_moves_on_meanwhile_stays_where_it_went(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, other = api.create(), api.create()
    for ref in ("O1", "O2", "O3"):
        deliver(event(customerId=customer["id"], orderRef=ref, updated_at="2026-11-20T10:00:00Z"))
    api.delete(f"{CUSTOMERS}/{customer['id']}")
    moved = event("OrderUpdated", customerId=other["id"], orderRef="O2", updated_at="2026-11-21T00:00:00Z")
    real = dynamo.batch_delete

    def overtaken(table: str, keys: list[dict[str, Any]]) -> None:
        if {"orderRef": "O2"}.items() <= keys[1].items():
            deliver(moved)
        real(table, keys)

    monkeypatch.setattr(dynamo, "batch_delete", overtaken)

    assert store.delete_all("demo", customer["id"]) == 3

    deliver(moved)
    assert figures(api.customer(other["id"]))["totalOrders"] == "1"
