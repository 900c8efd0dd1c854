"""A customer's figures made of orders: all at once, or changed by one order. Pure, money in decimals.

An order here is `{"orderRef", "totalAmount", "refundedAmount", "createdAt", "counts", "currencyCode"}`:
amounts are plain decimals in text, `createdAt` is a UTC timestamp, `counts` false where it counts nothing.
Orders that name no currency are without `currencyCode`, and a currency by themselves. Figures have the shape
that `functions.customers.figures` describes.

`figures_by_currency` is what figures are: the sum of all orders. `changed` comes to the same by the
difference that one order makes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

from functions.customers.figures import Figures, year_before
from functions.orders.keys import currency_of

Order = Mapping[str, Any]
Place = tuple[str, str]
"""`createdAt` and `orderRef`: what orders are sorted by."""

MAX_CURRENCIES = 4
"""How many currencies have their figures on the customer, those of most orders; the others have items."""

MAX_DAYS = 430
"""How many days of spend are kept: 13 months, and what an order may be ahead of the day it is counted."""

MAX_FIGURES_BYTES = 76 * 1024
"""What figures take of a customer's item at most."""


def figures_by_currency(orders: Iterable[Order], today: date) -> dict[str, Figures]:
    """The figures of each currency that has orders which count, by its code, on the day `today` (UTC).

    Days are those of UTC. Of orders placed at the same moment, the one with the greater `orderRef` is last.
    """
    by_currency: defaultdict[str, list[Order]] = defaultdict(list)
    for order in orders:
        if order["counts"]:
            by_currency[currency_of(order)].append(order)
    return {currency: _sums(one).figures(currency, today) for currency, one in by_currency.items()}


@dataclass(frozen=True)
class Difference:
    """What one order changes among the orders of a currency that count.

    `without`, which was one of them, no longer is one, or no longer as it was; `plus` is one now.
    """

    without: Order | None
    plus: Order | None


class Others(Protocol):
    """The orders of a currency that count, but the one that no longer does."""

    def first(self) -> Place:
        """The earliest."""

    def last(self) -> Place:
        """The latest."""


def changed(figures: Figures | None, by: Difference, others: Others, today: date) -> Figures | None:
    """A currency's figures after a difference; None where no order is left.

    `others` are asked only where the first or the last order is the one that goes, and none takes its place.
    """
    sums = _Sums.of(figures)
    if by.without:
        sums.add(by.without, -1)
    left = sums.count
    first, last = _day(by.plus) if by.plus else "", _place(by.plus) if by.plus else ("", "")
    if left and figures:
        goes = by.without and _day(by.without) <= sums.first_day
        if goes and not (first and first <= sums.first_day):
            sums.first_day = others.first()[0][:_DAY]
        goes = by.without and _place(by.without) >= sums.last
        if goes and last < sums.last:
            sums.last = others.last()
    if by.plus:
        sums.add(by.plus, 1)
        sums.first_day = min(first, sums.first_day) if left else first
        sums.last = max(last, sums.last) if left else last
    return sums.figures(currency_of(by.plus or by.without or {}), today) if sums.count else None


def ranked(figures: Iterable[Figures]) -> list[Figures]:
    """The figures of several currencies, the one of most orders first.

    Of currencies with equally many, the one that has the last of these orders.
    """
    return sorted(figures, key=rank, reverse=True)


def rank(figures: Figures) -> tuple[int, str, str]:
    """What a currency that comes before another has more of."""
    return int(figures["totalOrders"]), figures["lastOrderDate"], figures["lastOrderRef"]


def on_customer(figures: Iterable[Figures], today: date) -> dict[str, Any] | None:
    """What the customer's own item has of these figures, most orders first; None for no figures."""
    kept = [as_of(today, one) for one in ranked(figures)[:MAX_CURRENCIES]]
    if not kept:
        return None
    return {**kept[0], **({"otherCurrencies": kept[1:]} if kept[1:] else {})}


def as_of(today: date, figures: Figures) -> Figures:
    """Figures of one currency without the days that are too long ago by now."""
    return {**figures, "spendByDay": _kept(figures["spendByDay"], today)}


def of_customer(order_figures: Figures | None) -> dict[str, Figures]:
    """The same by currency, from the customer's item."""
    if not order_figures:
        return {}
    shown = {name: value for name, value in order_figures.items() if name != "otherCurrencies"}
    return {currency_of(one): one for one in (shown, *order_figures.get("otherCurrencies", []))}


def oldest_day_kept(today: date) -> date:
    """The day from which on `spendByDay` is kept: a month more than the longest sum reaches back."""
    return year_before(today) - timedelta(days=31)


_DAY = len("2026-11-24")


@dataclass
class _Sums:
    """Figures of one currency, as numbers."""

    count: int = 0
    total: Decimal = Decimal(0)
    spend: Decimal = Decimal(0)
    first_day: str = ""
    last: Place = ("", "")
    by_day: dict[str, Decimal] = field(default_factory=dict)

    @classmethod
    def of(cls, figures: Figures | None) -> "_Sums":
        """Those of stored figures, None for no figures."""
        if figures is None:
            return cls()
        return cls(
            int(figures["totalOrders"]),
            Decimal(figures["lifetimeOrderValue"]),
            Decimal(figures["totalSpend"]),
            figures["firstOrderDay"],
            (figures["lastOrderDate"], figures["lastOrderRef"]),
            {day: Decimal(spend) for day, spend in figures["spendByDay"].items()},
        )

    def add(self, order: Order, sign: int) -> None:
        """Count an order, or with -1 no longer, but for which is the first and the last."""
        spend = sign * (Decimal(order["totalAmount"]) - Decimal(order["refundedAmount"]))
        self.count += sign
        self.total += sign * Decimal(order["totalAmount"])
        self.spend += spend
        self.by_day[_day(order)] = self.by_day.get(_day(order), Decimal(0)) + spend

    def figures(self, currency: str, today: date) -> Figures:
        """As they are stored."""
        by_day = {day: _text(spend) for day, spend in self.by_day.items() if spend}
        return {
            **({"currencyCode": currency} if currency else {}),
            "totalOrders": str(self.count),
            "lifetimeOrderValue": _text(self.total),
            "totalSpend": _text(self.spend),
            "firstOrderDay": self.first_day,
            "lastOrderDate": self.last[0],
            "lastOrderRef": self.last[1],
            "spendByDay": _kept(by_day, today),
        }


def _sums(orders: Iterable[Order]) -> _Sums:
    """Those of orders that all count, and all name one currency or none."""
    ordered = sorted(orders, key=_place)
    sums = _Sums(first_day=_day(ordered[0]), last=_place(ordered[-1]))
    for order in ordered:
        sums.add(order, 1)
    return sums


def _kept(spend_by_day: Mapping[str, str], today: date) -> dict[str, str]:
    oldest = oldest_day_kept(today).isoformat()
    return {day: spend_by_day[day] for day in sorted(day for day in spend_by_day if day >= oldest)[:MAX_DAYS]}


def _text(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _place(order: Order) -> Place:
    return order["createdAt"], order["orderRef"]


def _day(order: Order) -> str:
    return str(order["createdAt"][:_DAY])
