"""Where orders lie in their table, and what is kept beside them so that no figure needs them all. Pure.

- an order: the partition of its customer, the `orderRef`;
- its owner, whichever customer that is: `demo#order#O1`, `owner`;
- of a customer's figures, in the partition `demo#<customer id>#figures`: a place for each order that counts,
  `counted#AUD#2026-11-20T10:00:00.000Z#O1`, which sorts the orders of a currency by time, and for each
  currency that the customer's own item has no room for, `currency#JPY`, its figures.

Orders of no currency have an empty one. Texts sort as DynamoDB sorts them, by their UTF-8 bytes.
"""

from collections.abc import Mapping
from typing import Any

from functions.customers.item import customer_key
from functions.shared.item import Item

MAX_REF_BYTES = 900
"""Of an `orderRef`, so that with currency and time before it no sort key outgrows 1,024 bytes."""

CURRENCY = "currency#"
"""What the keys of currencies begin with."""

_COUNTED = "counted#"
_TIME = len("2026-11-20T10:00:00.000Z")


def order_key(tenant_id: str, customer_id: str, order_ref: str) -> Item:
    """The key of an order with its customer."""
    return customer_key(tenant_id, customer_id) | {"orderRef": order_ref}


def owner_key(tenant_id: str, order_ref: str) -> Item:
    """The key of what says whose an order is."""
    return {"customerKey": f"{tenant_id}#order#{order_ref}", "orderRef": "owner"}


def figures_key(tenant_id: str, customer_id: str) -> Item:
    """The partition of what a customer's figures need beside its orders."""
    return {"customerKey": f"{tenant_id}#{customer_id}#figures"}


def counted_key(tenant_id: str, customer_id: str, order: Mapping[str, Any]) -> Item:
    """The key of an order's place among those of its currency that count."""
    place = f"{order['createdAt']}#{order['orderRef']}"
    return figures_key(tenant_id, customer_id) | {"orderRef": f"{counted_prefix(currency_of(order))}{place}"}


def counted_prefix(currency: str) -> str:
    """What the places of a currency's orders begin with."""
    return f"{_COUNTED}{currency}#"


def place_in(item: Item) -> tuple[str, str]:
    """The `createdAt` and the `orderRef` that a place is made of."""
    place = item["orderRef"].split("#", 2)[2]
    return place[:_TIME], place[_TIME + 1 :]


def currency_key(tenant_id: str, customer_id: str, currency: str) -> Item:
    """The key of one currency's figures."""
    return figures_key(tenant_id, customer_id) | {"orderRef": f"{CURRENCY}{currency}"}


def currency_of(order_or_figures: Mapping[str, Any]) -> str:
    """The code of the currency, empty for none."""
    return str(order_or_figures.get("currencyCode", ""))
