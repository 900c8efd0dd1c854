"""A customer's figures, calculated from orders: pure rules, money in decimals (contract, "Orders").

An order here is `{"orderRef", "totalAmount", "refundedAmount", "createdAt", "counts", "currencyCode"}`:
amounts are plain decimals in text, `createdAt` is a UTC timestamp, `counts` false where it counts nothing.
Orders that name no currency are without `currencyCode`, and a currency by themselves.

Stored on the customer as `orderFigures` are those of the currency that most orders have, as `{"currencyCode",
"totalOrders", "lifetimeOrderValue", "totalSpend", "firstOrderDay", "lastOrderDate", "lastOrderRef",
"spendByDay": {"2026-11-24": "12.5"}, "otherCurrencies": []}`, values in text so that nothing passes through a
float. `spendByDay` reaches back thirteen months and only needs to be long enough for the next reader. In
`otherCurrencies`, left out where there are none, is the same of each other currency, the one of most orders
first. What depends on the day of reading is calculated when it is read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Order = Mapping[str, Any]
Figures = Mapping[str, Any]

MAX_CURRENCIES = 4
"""Of how many currencies figures are stored, those of most orders."""

MAX_DAYS = 430
"""How many days of spend are stored, the earliest first: up to a month ahead, should there be orders."""

MAX_FIGURES_BYTES = 76 * 1024
"""What figures take of a customer's item at most."""

CENT = Decimal("0.01")
DAYS_A_YEAR = Decimal("365.25")


def figures_of(orders: Iterable[Order], today: date) -> dict[str, Any] | None:
    """The figures to store for a customer with these orders on the day `today` (UTC); None if none counts.

    Days are those of UTC. Of orders placed at the same moment, the one with the greater `orderRef` is last.
    Of currencies with equally many orders, the one that has the last of these orders is shown.
    """
    by_currency: defaultdict[str | None, list[Order]] = defaultdict(list)
    for order in orders:
        if order["counts"]:
            by_currency[order.get("currencyCode")].append(order)
    if not by_currency:
        return None
    first, *others = sorted((_sums(one, today) for one in by_currency.values()), key=_weight, reverse=True)
    return first | ({"otherCurrencies": others[: MAX_CURRENCIES - 1]} if others else {})


def present_figures(figures: Figures | None, today: date) -> dict[str, str]:
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
    currency = {"orderFiguresCurrency": figures["currencyCode"]} if "currencyCode" in figures else {}
    return currency | {
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


def _sums(orders: Iterable[Order], today: date) -> dict[str, Any]:
    """The figures of orders that all count, and all name one currency or none."""
    ordered = sorted(orders, key=lambda one: (one["createdAt"], one["orderRef"]))
    total = refunded = Decimal(0)
    spend_by_day: defaultdict[str, Decimal] = defaultdict(Decimal)
    for order in ordered:
        order_total, order_refunded = Decimal(order["totalAmount"]), Decimal(order["refundedAmount"])
        total += order_total
        refunded += order_refunded
        spend_by_day[_day(order)] += order_total - order_refunded
    first, last = ordered[0], ordered[-1]
    oldest = oldest_day_kept(today).isoformat()
    kept = [day for day in spend_by_day if day >= oldest][:MAX_DAYS]
    return {
        **({"currencyCode": last["currencyCode"]} if "currencyCode" in last else {}),
        "totalOrders": str(len(ordered)),
        "lifetimeOrderValue": f"{total:f}",
        "totalSpend": f"{total - refunded:f}",
        "firstOrderDay": _day(first),
        "lastOrderDate": last["createdAt"],
        "lastOrderRef": last["orderRef"],
        "spendByDay": {day: f"{spend_by_day[day]:f}" for day in kept},
    }


def _weight(figures: Figures) -> tuple[int, str, str]:
    """What the currency to show has most of."""
    return int(figures["totalOrders"]), figures["lastOrderDate"], figures["lastOrderRef"]


def _day(order: Order) -> str:
    return str(order["createdAt"][: len("2026-11-24")])
