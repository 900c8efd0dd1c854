"""After a restore orders and customers need not be of one moment: figures are made anew of the orders."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from functions.orders.recount import recount
from functions.shared import clock
from infra.restore.erasures import left_by, purge
from infra.restore.repair import renew
from infra.restore.rows import Tables
from infra.tables import TABLES
from tests.api import Api
from tests.clients import resource
from tests.customers.expected_figures import figures
from tests.orders.events import deliver, event
from tests.orders.kept import assert_kept, stored

TODAY = date(2026, 11, 24)


@pytest.fixture
def tables(aws: None, monkeypatch: pytest.MonkeyPatch) -> Tables:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 24, 12, tzinfo=UTC))
    return Tables(resource("dynamodb").meta.client, {table.name: table.name for table in TABLES})


def earlier(tables: Tables, customer_id: str) -> dict[str, Any]:
    """A customer's item as it stands now."""
    return dict(tables.customer("demo", customer_id) or {})


@pytest.mark.parametrize("orders_before", [0, 1])
def test_orders_that_the_customer_knows_nothing_of_are_counted_with_the_next_one(
    tables: Tables, api: Api, orders_before: int
) -> None:
    customer = api.create()
    deliver(*[event(customerId=customer["id"], orderRef="O0")] * orders_before)
    before = earlier(tables, customer["id"])
    deliver(event(customerId=customer["id"]), event(customerId=customer["id"], orderRef="O2", totalAmount=5))
    tables.put("customers", before)

    renew(tables)

    deliver(
        event("OrderUpdated", customerId=customer["id"], totalAmount=7, updated_at="2026-11-21T00:00:00Z")
    )
    shown = figures(api.customer(customer["id"]))
    assert (shown["totalOrders"], shown["totalSpend"]) == (
        f"{orders_before + 2}",
        f"{100 * orders_before + 12}.00",
    )
    assert_kept(TODAY)


def test_figures_of_orders_that_are_gone_are_made_anew(tables: Tables, api: Api) -> None:
    customer = api.create()
    deliver(event(customerId=customer["id"]), event(customerId=customer["id"], orderRef="O2", totalAmount=5))
    for item in stored("orders"):
        if item["orderRef"] == "O2" or item["customerKey"].endswith("#O2"):
            tables.delete("orders", {name: item[name] for name in ("customerKey", "orderRef")})

    renew(tables)

    assert recount("demo", customer["id"], today=TODAY) == "recounted"
    assert figures(api.customer(customer["id"]))["totalSpend"] == "100.00"
    assert_kept(TODAY)


def test_nothing_that_is_kept_beside_the_orders_outlives_who_was_deleted(tables: Tables, api: Api) -> None:
    customer = api.create()
    currencies = ["AUD", "NZD", "JPY", "USD", "EUR"]
    for number, currency in enumerate(currencies):
        deliver(event(customerId=customer["id"], orderRef=f"O{number}", currencyCode=currency))

    # Five orders, a place for each, and the figures that the customer has no room for.
    assert purge(tables, "demo", customer["id"]) == 11

    assert left_by(tables, "demo", customer["id"]) == []
    assert {item["orderRef"] for item in stored("orders")} == {"owner"}


def test_a_tombstone_gets_no_figures(tables: Tables, api: Api) -> None:
    customer = api.create()
    api.delete(f"/services/customerservice/api/v2/customers/{customer['id']}")

    renew(tables)

    assert earlier(tables, customer["id"]).keys() == {
        "customerKey",
        "tenantId",
        "id",
        "version",
        "deletedDate",
    }
