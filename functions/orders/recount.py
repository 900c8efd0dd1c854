"""A customer's figures made anew of all its orders, with what is kept beside them.

For customers whose orders were counted before anything was kept beside them, for restored tables, and for
operators (`uv run tenants recount`). Safe while orders come in: each write fails where the figures have
changed since the orders were read, and what was written by then is what it should be. So it can be broken off
anywhere and repeated, and then goes on where it was.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal

from functions.customers.customer import Customer
from functions.customers.item import customer_key, live
from functions.customers.order_figures import are_counted, figures_unchanged, figures_update
from functions.orders import figures as rules
from functions.orders.counting import currency_item
from functions.orders.figures import MAX_CURRENCIES
from functions.orders.keys import counted_key, figures_key
from functions.shared import dynamo
from functions.shared.dynamo import Write
from functions.shared.errors import ConflictError
from functions.shared.item import Item
from functions.shared.retry import pauses

AT_ONCE = 99
"""Writes in one transaction, beside the check of the customer (AWS: TransactWriteItems)."""

Outcome = Literal["recounted", "right", "gone"]
"""Written anew; found to be right, and nothing written; there is no such customer, or no more."""


def recount(tenant_id: str, customer_id: str, *, today: date) -> Outcome:
    """Make the figures what all orders come to. Raises ConflictError, where orders keep coming in between."""
    for pause in pauses():
        customer = live(dynamo.get("customers", customer_key(tenant_id, customer_id)))
        if customer is None:
            return "gone"
        try:
            return _recounted(tenant_id, customer, today)
        except (dynamo.TransactionFailedError, dynamo.ContendedError):
            pause()
    raise ConflictError


def _recounted(tenant_id: str, customer: Customer, today: date) -> Outcome:
    """`customer` was read before everything else, so that its figures' revision vouches for that."""
    key = customer_key(tenant_id, customer["id"])
    orders = [order for page in dynamo.partition("orders", key) for order in page]
    kept = {
        item["orderRef"]: rules.as_of(today, item) if "spendByDay" in item else item
        for page in dynamo.partition("orders", figures_key(tenant_id, customer["id"]))
        for item in page
    }
    by_rank = rules.ranked(rules.figures_by_currency(orders, today).values())
    wanted = {
        item["orderRef"]: item
        for item in (
            *(counted_key(tenant_id, customer["id"], order) for order in orders if order["counts"]),
            *(currency_item(tenant_id, customer["id"], one) for one in by_rank[MAX_CURRENCIES:]),
        )
    }
    writes = list(_differences(kept, wanted))
    figures = rules.on_customer(by_rank, today)
    stored = rules.on_customer(rules.of_customer(customer.get("orderFigures")).values(), today)
    if not writes and stored == figures and are_counted(customer):
        return "right"
    unchanged = figures_unchanged(tenant_id, customer)
    for start in range(0, len(writes), AT_ONCE):
        dynamo.transact([unchanged, *writes[start : start + AT_ONCE]])
    dynamo.transact([figures_update(tenant_id, customer, figures)])
    return "recounted"


def _differences(kept: Mapping[str, Mapping[str, Any]], wanted: Mapping[str, Item]) -> Iterator[Write]:
    for ref, item in wanted.items():
        if kept.get(ref) != item:
            yield Write("Put", "orders", item)
    for ref in kept.keys() - wanted.keys():
        yield Write("Delete", "orders", {name: kept[ref][name] for name in ("customerKey", "orderRef")})
