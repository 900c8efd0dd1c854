"""A customer's figures from orders, stored and shown: pure, money in decimals (contract, "Orders").

Stored on the customer as `orderFigures` are those of the currency that most orders have, as `{"currencyCode",
"totalOrders", "lifetimeOrderValue", "totalSpend", "firstOrderDay", "lastOrderDate", "lastOrderRef",
"spendByDay": {"2026-11-24": "12.5"}, "otherCurrencies": []}`, values in text so that nothing passes through a
float. `spendByDay` has the days of the last thirteen months on which anything was spent, long enough for the
next reader. In `otherCurrencies`, left out where there are none, is the same of further currencies, the one
of most orders first; orders without a currency have figures without `currencyCode`. What depends on the day
of reading is calculated when it is read.
"""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Figures = Mapping[str, Any]

FIGURES = (
    "orderFiguresCurrency",
    "lifetimeOrderValue",
    "averageSpendPerAnnum",
    "running12monthSpend",
    "totalOrders",
    "totalSpend",
    "lastOrderDate",
    "lastOrderRef",
)
"""The figures that an answer may show, in its order."""

CENT = Decimal("0.01")
DAYS_A_YEAR = Decimal("365.25")


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
