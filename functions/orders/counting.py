"""What one order changes in its customer's figures, however many orders there are.

Everything is read after the customer, and written with a change of the customer's `figuresRevision`: where
anybody else was faster, the transaction fails. Most orders need no read. One Query finds the first or last
order of a currency where that one no longer counts; a customer who orders in more currencies than its item
holds has the figures of the others read where the order is in one of them, or lets one come to the fore.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from functions.customers.customer import Customer
from functions.customers.figures import Figures
from functions.customers.order_figures import are_counted, figures_update
from functions.orders import figures as rules
from functions.orders.figures import MAX_CURRENCIES, Difference, Order, Place
from functions.orders.keys import (
    CURRENCY,
    counted_key,
    counted_prefix,
    currency_key,
    currency_of,
    figures_key,
    place_in,
)
from functions.shared import dynamo
from functions.shared.dynamo import Write
from functions.shared.item import Item

_KEY = frozenset({"customerKey", "orderRef"})


class NotCountedError(Exception):
    """What is kept beside a customer's orders is not what its figures say: `recount` makes it anew."""

    def __init__(self, customer_id: str) -> None:
        super().__init__("not counted")
        self.customer_id = customer_id


def writes(
    tenant_id: str, customer: Customer, *, without: Order | None, plus: Order | None, today: date
) -> list[Write]:
    """The writes that take an order, as it is stored, from the customer's figures, and count another.

    Raises NotCountedError.
    """
    if not are_counted(customer):
        raise NotCountedError(customer["id"])
    without = without if without and without["counts"] else None
    plus = plus if plus and plus["counts"] else None
    held = rules.of_customer(customer.get("orderFigures"))
    further = _further(tenant_id, customer["id"], held, without, plus)
    after: dict[str, Figures | None] = {**held, **further}
    for currency in {currency_of(one) for one in (without, plus) if one}:
        by = Difference(_of(without, currency), _of(plus, currency))
        after[currency] = _changed(tenant_id, customer["id"], after.get(currency), by, today)
    if len(held) == MAX_CURRENCIES and any(_fell(one, after[currency]) for currency, one in held.items()):
        others = _all_further(tenant_id, customer["id"])
        after, further = {**others, **after}, {**others, **further}
    known = rules.ranked(one for one in after.values() if one)
    left = {currency_of(one): one for one in known[MAX_CURRENCIES:]}
    return [
        figures_update(tenant_id, customer, rules.on_customer(known, today)),
        *_further_writes(tenant_id, customer["id"], further, left),
        *_place_writes(tenant_id, customer["id"], without, plus),
    ]


def currency_item(tenant_id: str, customer_id: str, figures: Figures) -> Item:
    """The item that a currency's figures are where the customer's own has no room for them."""
    return {**currency_key(tenant_id, customer_id, currency_of(figures)), **figures}


def figures_in(item: Item) -> dict[str, Any]:
    """The figures in such an item."""
    return {name: value for name, value in item.items() if name not in _KEY}


def _further(
    tenant_id: str, customer_id: str, held: Mapping[str, Figures], *orders: Order | None
) -> dict[str, Figures]:
    """The figures of the orders' currencies, where they are not with the customer."""
    currencies = sorted({currency_of(one) for one in orders if one} - held.keys())
    if len(held) < MAX_CURRENCIES or not currencies:
        return {}
    keys = [("orders", currency_key(tenant_id, customer_id, currency)) for currency in currencies]
    found = zip(currencies, dynamo.batch_get(keys), strict=True)
    return {currency: figures_in(item) for currency, item in found if item}


def _all_further(tenant_id: str, customer_id: str) -> dict[str, Figures]:
    pages = dynamo.partition(
        "orders",
        figures_key(tenant_id, customer_id),
        "begins_with(orderRef, :currency)",
        {":currency": CURRENCY},
    )
    return {currency_of(item): figures_in(item) for page in pages for item in page}


@dataclass(frozen=True)
class _Others:
    """The orders that count in the currency of `order`, but that one: at either end, one Query finds one."""

    tenant_id: str
    customer_id: str
    order: Order

    def first(self) -> Place:
        """The earliest."""
        return self._end(forward=True)

    def last(self) -> Place:
        """The latest."""
        return self._end(forward=False)

    def _end(self, *, forward: bool) -> Place:
        key = counted_key(self.tenant_id, self.customer_id, self.order)
        places = dynamo.query(
            "orders",
            ConsistentRead=True,
            KeyConditionExpression="customerKey = :partition AND begins_with(orderRef, :currency)",
            ExpressionAttributeValues={
                ":partition": key["customerKey"],
                ":currency": counted_prefix(currency_of(self.order)),
            },
            ScanIndexForward=forward,
            Limit=2,
        )["Items"]
        for place in places:
            if place["orderRef"] != key["orderRef"]:
                return place_in(place)
        raise NotCountedError(self.customer_id)


def _changed(
    tenant_id: str, customer_id: str, figures: Figures | None, by: Difference, today: date
) -> Figures | None:
    if by.without and figures is None:
        raise NotCountedError(customer_id)
    others = _Others(tenant_id, customer_id, by.without or {})
    return rules.changed(figures, by, others, today)


def _of(order: Order | None, currency: str) -> Order | None:
    return order if order and currency_of(order) == currency else None


def _fell(before: Figures, after: Figures | None) -> bool:
    return after is None or rules.rank(after) < rules.rank(before)


def _further_writes(
    tenant_id: str, customer_id: str, before: Mapping[str, Figures], after: Mapping[str, Figures]
) -> list[Write]:
    return [
        *(
            Write("Put", "orders", currency_item(tenant_id, customer_id, figures))
            for currency, figures in after.items()
            if figures != before.get(currency)
        ),
        *(
            Write("Delete", "orders", currency_key(tenant_id, customer_id, currency))
            for currency in before
            if currency not in after
        ),
    ]


def _place_writes(tenant_id: str, customer_id: str, without: Order | None, plus: Order | None) -> list[Write]:
    left, taken = (counted_key(tenant_id, customer_id, one) if one else None for one in (without, plus))
    if left == taken:
        return []
    return [
        *([Write("Delete", "orders", left)] if left else []),
        *([Write("Put", "orders", taken)] if taken else []),
    ]
