"""A customer's figures as the contract has them."""

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

FIGURES = (*NO_FIGURES, "lastOrderDate", "lastOrderRef")


def figures(customer: Mapping[str, Any]) -> dict[str, str]:
    """The figures in a customer's answer."""
    return {name: customer[name] for name in FIGURES if name in customer}


@dataclass(frozen=True)
class Counted:
    """An order that counts, its money in fractions, its time in UTC."""

    ref: str
    total: Fraction
    refunded: Fraction
    created: datetime


def expected_figures(orders: Sequence[Counted], today: date) -> dict[str, str]:
    """The figures as the contract has them, word for word and without thrift."""
    if not orders:
        return NO_FIGURES
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
