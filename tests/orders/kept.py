"""What is kept of a customer's orders and figures, held against the fold over all its orders.

The fold, `figures_by_currency`, is what figures are; whatever way they came to be stored, this is what there
should be: the currencies of most orders with the customer, the others' items, a place for every order that
counts, and nothing else.
"""

from collections import defaultdict
from datetime import date
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from functions.customers.item import live
from functions.orders.figures import MAX_CURRENCIES, figures_by_currency, on_customer, ranked
from functions.shared.item import unmarshal

Item = dict[str, Any]


def stored(table: str) -> list[Item]:
    """Every item of a table, past the API of moto, which takes its time over a scan."""
    backend = dynamodb_backends["123456789012"]["ap-southeast-2"]
    return [unmarshal(item.to_json()["Attributes"]) for item in backend.tables[table].all_items()]


def assert_kept(today: date) -> None:
    """Every customer's figures, and what is kept beside its orders, are what its orders come to."""
    partitions: defaultdict[str, list[Item]] = defaultdict(list)
    for item in stored("orders"):
        partitions[item["customerKey"]].append(item)
    for item in stored("customers"):
        customer = live(item)
        if customer is not None:
            orders = partitions[item["customerKey"]]
            assert_one(customer, orders, partitions[f"{item['customerKey']}#figures"], today)


def assert_one(customer: Item, orders: list[Item], beside: list[Item], today: date) -> None:
    """The same of one customer."""
    figures = ranked(figures_by_currency(orders, today).values())
    assert as_of(customer.get("orderFigures"), today) == on_customer(figures, today)
    assert customer.get("figuresRevision") == customer.get("countedRevision")
    kept = {item.pop("orderRef"): {**item, "customerKey": ""} for item in beside}
    assert {ref: as_of(item, today) for ref, item in kept.items()} == {
        **{
            f"counted#{one.get('currencyCode', '')}#{one['createdAt']}#{one['orderRef']}": {"customerKey": ""}
            for one in orders
            if one["counts"]
        },
        **{
            f"currency#{one.get('currencyCode', '')}": {**one, "customerKey": ""}
            for one in figures[MAX_CURRENCIES:]
        },
    }


def as_of(figures: Any, today: date) -> Any:
    """Figures as a write of this day leaves them: of days that end with the month after twelve."""
    if not figures or "spendByDay" not in figures:
        return figures
    oldest = date(today.year - 1, today.month, 28 if (today.month, today.day) == (2, 29) else today.day)
    days = {
        day: spend
        for day, spend in figures["spendByDay"].items()
        if (oldest - date.fromisoformat(day)).days <= 31
    }
    others = [as_of(one, today) for one in figures.get("otherCurrencies", [])]
    return {**figures, "spendByDay": days, **({"otherCurrencies": others} if others else {})}
