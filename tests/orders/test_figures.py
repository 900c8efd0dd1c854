"""A customer's figures, against plain fractions."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.customers.figures import money, present_figures
from functions.orders.figures import (
    MAX_CURRENCIES,
    MAX_DAYS,
    MAX_FIGURES_BYTES,
    Difference,
    Place,
    changed,
    figures_by_currency,
    oldest_day_kept,
    on_customer,
)
from functions.shared.item import item_bytes
from tests.customers.expected_figures import Counted, expected_figures

TODAY = date(2026, 11, 24)

amounts = st.decimals(-(10**6), 10**9, places=6, allow_nan=False).map(lambda amount: f"{amount:f}")
moments = st.datetimes(datetime(2023, 1, 1), datetime(2030, 1, 1))
orders_of_a_customer = st.lists(
    st.builds(
        lambda number, total, refunded, moment, counts, currency: order(
            str(number), total, f"{moment.isoformat(timespec='milliseconds')}Z", refunded, counts, currency
        ),
        st.integers(0, 10**6),
        amounts,
        st.just("0") | amounts,
        moments,
        st.booleans(),
        st.sampled_from([None, None, *["AUD", "NZD", "JPY", "USD", "EUR"]]),
    ),
    max_size=12,
    unique_by=lambda one: one["orderRef"],
)


def order(
    ref: str,
    total: str,
    created: str = "2026-11-20T00:00:00.000Z",
    refunded: str = "0",
    counts: bool = True,
    currency: str | None = None,
) -> dict[str, Any]:
    return ({} if currency is None else {"currencyCode": currency}) | {
        "orderRef": ref,
        "totalAmount": total,
        "refundedAmount": refunded,
        "createdAt": created,
        "counts": counts,
    }


def figures_of(orders: Sequence[Mapping[str, Any]], today: date) -> dict[str, Any] | None:
    return on_customer(figures_by_currency(orders, today).values(), today)


def shown(orders: Sequence[Mapping[str, Any]], today: date, written: date | None = None) -> dict[str, str]:
    return present_figures(figures_of(orders, written or today), today)


@given(orders_of_a_customer, st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.integers(0, 500))
def test_they_are_what_the_contract_says(orders: list[dict[str, Any]], written: date, later: int) -> None:
    today = written + timedelta(days=later)
    counting = [
        Counted(
            one["orderRef"],
            Fraction(one["totalAmount"]),
            Fraction(one["refundedAmount"]),
            datetime.fromisoformat(one["createdAt"]),
            one.get("currencyCode"),
        )
        for one in orders
        if one["counts"]
    ]

    assert shown(orders, today, written) == expected_figures(counting, today)


class Others:
    """The orders that count, but one; nobody asks for an end at which that one was not or another is now."""

    def __init__(self, orders: Sequence[Mapping[str, Any]], by: Difference) -> None:
        self.places = sorted(place(one) for one in orders)
        self.without, self.plus = (place(one) if one else None for one in (by.without, by.plus))

    def first(self) -> Place:
        assert self.without
        assert day(self.without) <= day(self.places[0])
        assert self.plus is None or day(self.plus) > day(self.without)
        return self.places[0]

    def last(self) -> Place:
        assert self.without
        assert self.without > self.places[-1]
        assert self.plus is None or self.plus < self.without
        return self.places[-1]


def day(place: Place) -> str:
    return place[0][:10]


def place(one: Mapping[str, Any]) -> Place:
    return one["createdAt"], one["orderRef"]


versions_of_orders = st.lists(
    st.builds(
        order,
        st.sampled_from(["O1", "O2", "O3", "O10"]),
        amounts,
        st.sampled_from(
            [
                "2024-01-01T00:00:00.000Z",
                *(f"2026-11-{day}T0{hour}:00:00.000Z" for day in (20, 21) for hour in (1, 2)),
            ]
        ),
        st.just("0") | amounts,
        st.sampled_from([True, True, True, False]),
        st.sampled_from([None, "AUD"]),
    ),
    max_size=30,
)


@given(versions_of_orders)
@example([order("O1", "1"), order("O2", "2"), order("O2", "3")])
def test_differences_come_to_what_all_orders_come_to(versions: list[dict[str, Any]]) -> None:
    orders: dict[str, dict[str, Any]] = {}
    figures: dict[str, Any] = {}
    for version in versions:
        before = orders.pop(version["orderRef"], None)
        for currency in ("", "AUD"):
            counting = [one for one in orders.values() if one["counts"] and of(one, currency)]
            without = before if before and before["counts"] and of(before, currency) else None
            plus = version if version["counts"] and of(version, currency) else None
            if without or plus:
                by = Difference(without, plus)
                figures[currency] = changed(figures.get(currency), by, Others(counting, by), TODAY)
        orders[version["orderRef"]] = version

        assert {currency: one for currency, one in figures.items() if one} == figures_by_currency(
            orders.values(), TODAY
        )


def of(one: Mapping[str, Any], currency: str) -> bool:
    return bool(one.get("currencyCode", "") == currency)


@given(orders_of_a_customer, st.randoms(use_true_random=False))
def test_they_do_not_depend_on_the_order_of_orders(
    orders: list[dict[str, Any]], chance: random.Random
) -> None:
    shuffled = chance.sample(orders, len(orders))

    assert figures_of(shuffled, TODAY) == figures_of(orders, TODAY)


@given(orders_of_a_customer)
def test_what_is_stored_is_plain_text(orders: list[dict[str, Any]]) -> None:
    figures = figures_of(orders, TODAY) or {}
    for of_one_currency in [figures, *figures.pop("otherCurrencies", [])]:
        days = of_one_currency.pop("spendByDay", {})
        texts = [*of_one_currency.values(), *days.values()]
        amounts = [of_one_currency.get("lifetimeOrderValue", "0"), *days.values()]

        assert all(isinstance(text, str) for text in texts)
        assert [amount for amount in amounts if set(amount) - set("-0123456789.")] == []
        assert all(day >= oldest_day_kept(TODAY).isoformat() for day in days)


def test_orders_of_several_currencies_are_never_summed() -> None:
    in_dollars = [order("O1", "10", currency="AUD"), order("O2", "20", currency="AUD", refunded="5")]
    in_yen = order("O3", "9000", "2026-11-21T00:00:00.000Z", currency="JPY")

    assert shown([in_yen, *in_dollars], TODAY) == {
        "orderFiguresCurrency": "AUD",
        "lifetimeOrderValue": "30.00",
        "averageSpendPerAnnum": "25.00",
        "running12monthSpend": "25.00",
        "totalOrders": "2",
        "totalSpend": "25.00",
        "lastOrderDate": "2026-11-20T00:00:00.000Z",
        "lastOrderRef": "O2",
    }


@pytest.mark.parametrize(
    ("orders", "currency"),
    [
        ("AUD AUD JPY", "AUD"),
        ("JPY AUD AUD", "AUD"),
        ("AUD JPY", "JPY"),
        ("JPY AUD", "AUD"),
        ("AUD JPY AUD JPY USD", "JPY"),
        ("AUD -JPY -JPY", "AUD"),
        ("none none AUD", None),
        ("none AUD", "AUD"),
        ("AUD none", None),
        ("none", None),
    ],
)
def test_figures_are_those_of_the_currency_of_most_orders_or_else_of_the_latest(
    orders: str, currency: str | None
) -> None:
    given_orders = [
        order(
            f"O{number}",
            "1",
            f"2026-11-{number:02d}T00:00:00.000Z",
            counts=not code.startswith("-"),
            currency=None if code == "none" else code.removeprefix("-"),
        )
        for number, code in enumerate(orders.split(), 1)
    ]

    figures = shown(given_orders, TODAY)

    assert figures.get("orderFiguresCurrency") == currency
    assert figures["totalSpend"] == f"{orders.split().count(currency or 'none')}.00"


def test_figures_of_other_currencies_are_stored_beside_those_shown() -> None:
    in_dollars = [order("O1", "1", currency="AUD"), order("O2", "2", currency="AUD")]
    in_yen, in_none = order("O3", "3", currency="JPY"), order("O4", "4")

    figures = figures_of([in_yen, *in_dollars, in_none], TODAY) or {}

    others = figures.pop("otherCurrencies")
    assert figures == figures_of(in_dollars, TODAY)
    assert others == [figures_of([in_none], TODAY), figures_of([in_yen], TODAY)]
    of_two = figures_of([in_yen, *in_dollars], TODAY) or {}
    assert of_two["otherCurrencies"] == [figures_of([in_yen], TODAY)]


def test_figures_that_were_stored_before_orders_had_currencies_are_shown_as_they_were() -> None:
    stored = {
        "totalOrders": "2",
        "lifetimeOrderValue": "150.25",
        "totalSpend": "139.995",
        "firstOrderDay": "2024-11-25",
        "lastOrderDate": "2026-11-20T10:00:00.000Z",
        "lastOrderRef": "O1",
        "spendByDay": {"2026-11-20": "100"},
    }

    assert present_figures(stored, TODAY) == {
        "lifetimeOrderValue": "150.25",
        "averageSpendPerAnnum": "70.14",
        "running12monthSpend": "100.00",
        "totalOrders": "2",
        "totalSpend": "140.00",
        "lastOrderDate": "2026-11-20T10:00:00.000Z",
        "lastOrderRef": "O1",
    }


def test_the_largest_figures_leave_room_for_their_customer() -> None:
    first = oldest_day_kept(TODAY)
    ref = "\N{MONEY BAG}" * 256
    largest = [
        order(ref, "999999999999999.123457", f"{first + timedelta(days=day)}T00:00:00.000Z", currency=code)
        for code in ["AUD", "NZD", "JPY", "USD", "EUR"]
        for day in range(MAX_DAYS + 100)
        for _ in range(9)
    ]

    figures = figures_of(largest, TODAY) or {}

    size = item_bytes({"figuresRevision": 10**12, "countedRevision": 10**12, "orderFigures": figures})
    assert 0.8 * MAX_FIGURES_BYTES < size < MAX_FIGURES_BYTES
    assert len(figures["otherCurrencies"]) == MAX_CURRENCIES - 1
    kept = [(first + timedelta(days=day)).isoformat() for day in range(MAX_DAYS)]
    assert list(figures["spendByDay"]) == kept
    assert kept[-1] > (TODAY + timedelta(days=30)).isoformat()


def test_days_of_spend_are_kept_for_a_month_more_than_the_longest_sum_reaches_back() -> None:
    days = [f"2025-{day}" for day in ("10-23", "10-24", "10-25", "11-24", "11-25")]
    orders = [order(day, "1", f"{day}T23:59:59.999Z") for day in days]

    assert list((figures_of(orders, TODAY) or {})["spendByDay"]) == days[1:]


@pytest.mark.parametrize(
    ("today", "created", "inside"),
    [
        ("2026-11-24", "2025-11-24T23:59:59.999Z", False),
        ("2026-11-24", "2025-11-25T00:00:00.000Z", True),
        ("2026-11-24", "2026-11-24T23:59:59.999Z", True),
        ("2026-11-24", "2026-11-25T00:00:00.000Z", False),
        ("2026-11-25", "2026-11-25T00:00:00.000Z", True),
        ("2028-02-29", "2027-02-28T23:59:59.999Z", False),
        ("2028-02-29", "2027-03-01T00:00:00.000Z", True),
        ("2029-02-28", "2028-02-28T23:59:59.999Z", False),
        ("2029-02-28", "2028-02-29T00:00:00.000Z", True),
        ("2029-03-01", "2028-03-01T23:59:59.999Z", False),
    ],
)
def test_twelve_months_begin_the_day_after_today_a_year_ago(today: str, created: str, inside: bool) -> None:
    figures = shown([order("O1", "5", created)], date.fromisoformat(today), TODAY)

    assert figures["running12monthSpend"] == ("5.00" if inside else "0.00")
    assert figures["totalSpend"] == "5.00"


@pytest.mark.parametrize(
    ("created", "average"),
    [
        ("2027-01-01", "1000.00"),
        ("2026-11-24", "1000.00"),
        ("2025-11-24", "1000.00"),
        ("2025-11-23", "997.95"),
        ("2024-11-23", "499.66"),
        ("0001-01-01", "0.49"),
    ],
)
def test_the_first_year_counts_as_a_whole_one(created: str, average: str) -> None:
    figures = shown([order("O1", "1000", f"{created}T12:00:00.000Z")], TODAY)

    assert figures["averageSpendPerAnnum"] == average


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("0.004999", "0.00"),
        ("-0.004", "0.00"),
        ("-0", "0.00"),
        ("0.125", "0.13"),
        ("1E+3", "1000.00"),
    ],
)
def test_money_has_two_places(amount: str, text: str) -> None:
    assert money(Decimal(amount)) == text


def test_sums_of_the_largest_and_the_smallest_amounts_are_exact() -> None:
    largest = [order(f"L{n}", "999999999999999.99", "2026-11-24T00:00:00.000Z") for n in range(1000)]
    smallest = [order(f"S{n}", "0.000001", "2026-11-24T00:00:00.000Z") for n in range(5000)]

    figures = figures_of([*largest, *smallest], TODAY) or {}

    assert figures["totalSpend"] == figures["spendByDay"]["2026-11-24"] == "999999999999999990.005"
    assert present_figures(figures, TODAY)["totalSpend"] == "999999999999999990.01"


def test_the_last_of_two_orders_at_one_moment_is_the_one_with_the_greater_reference() -> None:
    moment = datetime(2026, 11, 24, tzinfo=UTC).isoformat()
    orders = [order("O2", "1", moment), order("O10", "1", moment)]

    assert shown(orders, TODAY)["lastOrderRef"] == "O2"
