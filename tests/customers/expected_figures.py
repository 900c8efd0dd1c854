"""A customer's figures as the contract has them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

NO_FIGURES = {
    "lifetimeOrderValue": "0.00",
    "averageSpendPerAnnum": "0.00",
    "running12monthSpend": "0.00",
    "totalOrders": "0",
    "totalSpend": "0.00",
}
"""What a customer without orders shows."""

FIGURES = (*NO_FIGURES, "lastOrderDate", "lastOrderRef", "orderFiguresCurrency")


def figures(customer: Mapping[str, Any]) -> dict[str, str]:
    """The figures in a customer's answer."""
    return {name: customer[name] for name in FIGURES if name in customer}


@dataclass(frozen=True)
class Counted:
    """An order that counts, its money in fractions of its currency, its time in UTC."""

    ref: str
    total: Fraction
    refunded: Fraction
    created: datetime
    currency: str | None = None


def expected_figures(orders: Sequence[Counted], today: date) -> dict[str, str]:
    """The figures as the contract has them, word for word and without thrift."""
    if not orders:
        return NO_FIGURES
    currency = _currency_of_most(orders)
    figures = _figures_of_one_currency([one for one in orders if one.currency == currency], today)
    return figures if currency is None else {**figures, "orderFiguresCurrency": currency}


def _currency_of_most(orders: Sequence[Counted]) -> str | None:
    counts = Counter(one.currency for one in orders)
    tied = [one for one in orders if counts[one.currency] == max(counts.values())]
    return max(tied, key=lambda one: (one.created, one.ref)).currency


def _figures_of_one_currency(orders: Sequence[Counted], today: date) -> dict[str, str]:
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
