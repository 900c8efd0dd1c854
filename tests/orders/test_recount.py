"""Figures made anew: of customers from before, of damaged ones, while orders come, cut off, repeated."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from functions.orders import recount as module
from functions.orders.recount import recount
from functions.shared import clock, dynamo
from functions.shared.errors import ConflictError, UnavailableError
from tests.api import CUSTOMERS, Api
from tests.clients import client
from tests.customers.expected_figures import figures
from tests.interference import before, contended
from tests.orders.before import forget_what_is_kept
from tests.orders.events import deliver, event
from tests.orders.kept import assert_kept, stored

TODAY = date(2026, 11, 24)
CURRENCIES = ["AUD", "AUD", "AUD", "NZD", "JPY", "USD", "EUR", None]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 24, 12, tzinfo=UTC))
    monkeypatch.setattr("time.sleep", lambda _: None)


@pytest.fixture
def customer(api: Api) -> dict[str, Any]:
    """Somebody with orders in more currencies than are kept with the customer."""
    created = api.create()
    deliver(
        *(
            event(
                customerId=created["id"], orderRef=f"O{number}", currencyCode=currency, totalAmount=number + 1
            )
            for number, currency in enumerate(CURRENCIES)
        )
    )
    return created


def test_what_is_right_is_left_alone(customer: dict[str, Any], dynamo_calls: list[str]) -> None:
    assert recount("demo", customer["id"], today=TODAY) == "right"

    assert dynamo_calls == ["get_item", "query", "query"]


def test_a_customer_from_before_is_recounted_once_by_its_next_order(
    api: Api, customer: dict[str, Any], dynamo_calls: list[str]
) -> None:
    forget_what_is_kept(customer["id"])
    shown = figures(api.customer(customer["id"]))
    dynamo_calls.clear()

    assert deliver(event(customerId=customer["id"], orderRef="O9", currencyCode="AUD", totalAmount=5)) == []

    assert figures(api.customer(customer["id"])) == shown | {
        "totalOrders": "4",
        **dict.fromkeys(
            ("lifetimeOrderValue", "averageSpendPerAnnum", "running12monthSpend", "totalSpend"), "11.00"
        ),
        "lastOrderRef": "O9",
    }
    assert_kept(TODAY)
    assert dynamo_calls.count("query") == 2
    dynamo_calls.clear()
    assert deliver(event(customerId=customer["id"], orderRef="O10", currencyCode="AUD")) == []
    assert dynamo_calls == ["batch_get_item", "transact_write_items"]


def test_both_customers_of_an_order_that_moves_may_be_from_before(api: Api, customer: dict[str, Any]) -> None:
    other = api.create()
    deliver(event(customerId=other["id"], orderRef="P1", currencyCode="AUD", totalAmount=50))
    for one in (customer, other):
        forget_what_is_kept(one["id"])

    moved = event(
        "OrderUpdated",
        customerId=other["id"],
        orderRef="O0",
        currencyCode="AUD",
        updated_at="2026-11-21T00:00:00Z",
    )
    assert deliver(moved) == []

    assert figures(api.customer(other["id"]))["totalSpend"] == "150.00"
    assert figures(api.customer(customer["id"]))["totalSpend"] == "5.00"
    assert_kept(TODAY)


@pytest.mark.parametrize(
    "damage",
    [
        {"orderRef": "counted#AUD#2026-11-20T10:00:00.000Z#O2"},
        {"orderRef": "currency#JPY"},
        {"orderRef": "currency#NZD"},
    ],
    ids=lambda damage: str(damage["orderRef"]),
)
def test_a_damage_is_mended_by_the_order_that_meets_it(
    api: Api, customer: dict[str, Any], damage: dict[str, str]
) -> None:
    for ref in ("O0", "O1"):
        # Then O2 is the only one there is to find, and every other currency may come to the fore.
        deliver(
            event(
                "OrderUpdated",
                customerId=customer["id"],
                orderRef=ref,
                currencyCode="AUD",
                cancelled=ref == "O0",
                updated_at="2026-11-20T10:00:00Z",
            )
        )
    key = {"customerKey": f"demo#{customer['id']}#figures", **damage}
    damaged = client("dynamodb").delete_item(
        TableName="orders",
        Key={name: {"S": value} for name, value in key.items()},
        ReturnValues="ALL_OLD",
    )
    assert damaged["Attributes"]

    for number, ref in enumerate(("O1", "O4", "O3")):
        cancelled = event(
            "OrderUpdated",
            customerId=customer["id"],
            orderRef=ref,
            currencyCode={"O1": "AUD", "O4": "JPY", "O3": "NZD"}[ref],
            cancelled=True,
            updated_at=f"2026-11-22T0{number}:00:00Z",
        )
        assert deliver(cancelled) == []
    assert_kept(TODAY)
    assert recount("demo", customer["id"], today=TODAY) == "right"


@pytest.mark.parametrize("writes", [1, 3, 99])
def test_an_order_that_comes_meanwhile_is_counted_too(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", writes)
    forget_what_is_kept(customer["id"])
    late = event(customerId=customer["id"], orderRef="O9", currencyCode="AUD", totalAmount=5)
    cancelled = event(
        "OrderUpdated",
        customerId=customer["id"],
        orderRef="O2",
        cancelled=True,
        updated_at="2026-11-21T00:00:00Z",
    )
    before(monkeypatch, "transact", partial(deliver, late, cancelled))

    assert recount("demo", customer["id"], today=TODAY) == "right"

    assert figures(api.customer(customer["id"]))["totalSpend"] == "8.00"
    assert_kept(TODAY)


@pytest.mark.parametrize("at", range(1, 9))
def test_it_goes_on_where_it_was_cut_off_whatever_came_in_between(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 1)
    forget_what_is_kept(customer["id"])
    real, left = dynamo.transact, [at]

    def cut_off(writes: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise UnavailableError
        real(writes)

    with monkeypatch.context() as patch:
        patch.setattr(dynamo, "transact", cut_off)
        with pytest.raises(UnavailableError):
            recount("demo", customer["id"], today=TODAY)
    written = sum(item["customerKey"].endswith("#figures") for item in stored("orders"))
    assert written == at
    if at % 2:
        deliver(
            event(
                "OrderUpdated",
                customerId=customer["id"],
                orderRef="O0",
                cancelled=True,
                updated_at="2027-01-01",
            )
        )
    counted = []

    def count(writes: Any) -> None:
        counted.append(len(writes))
        real(writes)

    monkeypatch.setattr(dynamo, "transact", count)

    assert recount("demo", customer["id"], today=TODAY) == ("right" if at % 2 else "recounted")

    assert len(counted) == (0 if at % 2 else len(CURRENCIES) + 3 - at)
    assert_kept(TODAY)


def test_who_was_deleted_meanwhile_gets_nothing_back(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_what_is_kept(customer["id"])
    before(monkeypatch, "transact", lambda: api.delete(f"{CUSTOMERS}/{customer['id']}"))

    assert recount("demo", customer["id"], today=TODAY) == "gone"

    assert not [item for item in stored("orders") if item["customerKey"].endswith("#figures")]
    assert recount("demo", "0" * 36, today=TODAY) == "gone"


def test_a_race_that_is_always_lost_is_said(
    customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_what_is_kept(customer["id"])
    monkeypatch.setattr(dynamo, "transact", contended)

    with pytest.raises(ConflictError):
        recount("demo", customer["id"], today=TODAY)
