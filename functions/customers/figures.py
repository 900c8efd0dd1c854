"""A customer's figures, calculated from orders: pure rules, money in decimals (contract, "Orders").

An order here is `{"orderRef", "totalAmount", "refundedAmount", "createdAt", "counts"}`: amounts are plain
decimals in text, `createdAt` a UTC timestamp, `counts` false for one that was cancelled or declined.

Stored on the customer as `orderFigures`, all values text so that nothing passes through a float:
`{"totalOrders", "lifetimeOrderValue", "totalSpend", "firstOrderDay", "lastOrderDate", "lastOrderRef",
"spendByDay": {"2026-11-24": "12.5"}}`; `spendByDay` reaches back thirteen months and only needs to be
long enough for the next reader. What depends on the day of reading is calculated when it is read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")
DAYS_A_YEAR = Decimal("365.25")


def figures_of(orders: Iterable[Mapping[str, Any]], today: date) -> dict[str, Any] | None:
    """The figures to store for a customer with these orders on the day `today` (UTC); None if none counts.

    Days are those of UTC. Of orders placed at the same moment, the one with the greater `orderRef` is last.
    """
    counting = sorted(
        (order for order in orders if order["counts"]), key=lambda one: (one["createdAt"], one["orderRef"])
    )
    if not counting:
        return None
    total = refunded = Decimal(0)
    spend_by_day: defaultdict[str, Decimal] = defaultdict(Decimal)
    for order in counting:
        order_total, order_refunded = Decimal(order["totalAmount"]), Decimal(order["refundedAmount"])
        total += order_total
        refunded += order_refunded
        spend_by_day[_day(order)] += order_total - order_refunded
    oldest = oldest_day_kept(today).isoformat()
    return {
        "totalOrders": str(len(counting)),
        "lifetimeOrderValue": f"{total:f}",
        "totalSpend": f"{total - refunded:f}",
        "firstOrderDay": _day(counting[0]),
        "lastOrderDate": counting[-1]["createdAt"],
        "lastOrderRef": counting[-1]["orderRef"],
        "spendByDay": {day: f"{spend:f}" for day, spend in spend_by_day.items() if day >= oldest},
    }


def present_figures(figures: Mapping[str, Any] | None, today: date) -> dict[str, str]:
    """The figures as a customer's answer shows them, right on the day `today` (UTC)."""
    if not figures:
        return {
            "lifetimeOrderValue": "0.00",
            "averageSpendPerAnnum": "0.00",
            "running12monthSpend": "0.00",
            "totalOrders": "0",
            "totalSpend": "0.00",
        }
    total_spend = Decimal(figures["totalSpend"])
    first_day = date.fromisoformat(figures["firstOrderDay"])
    years = max(Decimal(1), (today - first_day).days / DAYS_A_YEAR)
    since = year_before(today)
    last_year = sum(
        (
            Decimal(spend)
            for day, spend in figures["spendByDay"].items()
            if since < date.fromisoformat(day) <= today
        ),
        Decimal(0),
    )
    return {
        "lifetimeOrderValue": money(Decimal(figures["lifetimeOrderValue"])),
        "averageSpendPerAnnum": money(total_spend / years),
        "running12monthSpend": money(last_year),
        "totalOrders": figures["totalOrders"],
        "totalSpend": money(total_spend),
        "lastOrderDate": figures["lastOrderDate"],
        "lastOrderRef": figures["lastOrderRef"],
    }


def money(amount: Decimal) -> str:
    """An amount with two places, halves away from zero; zero has no sign."""
    return str(amount.quantize(CENT, ROUND_HALF_UP) + 0)


def year_before(day: date) -> date:
    """The same day a year earlier; 28 February for a 29th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=day.day - 1)


def oldest_day_kept(today: date) -> date:
    """The day from which on `spendByDay` is kept: a month more than the longest sum reaches back."""
    return year_before(today) - timedelta(days=31)


def _day(order: Mapping[str, Any]) -> str:
    return str(order["createdAt"][: len("2026-11-24")])
