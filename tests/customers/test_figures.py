"""A customer's figures, against plain fractions."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.customers.figures import figures_of, money, oldest_day_kept, present_figures
from tests.customers.expected_figures import Counted, expected_figures

TODAY = date(2026, 11, 24)

amounts = st.decimals(-(10**6), 10**9, places=6, allow_nan=False).map(lambda amount: f"{amount:f}")
moments = st.datetimes(datetime(2023, 1, 1), datetime(2030, 1, 1))
orders_of_a_customer = st.lists(
    st.builds(
        lambda number, total, refunded, moment, counts: order(
            str(number), total, f"{moment.isoformat(timespec='milliseconds')}Z", refunded, counts
        ),
        st.integers(0, 10**6),
        amounts,
        st.just("0") | amounts,
        moments,
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda one: one["orderRef"],
)


def order(ref: str, total: str, created: str, refunded: str = "0", counts: bool = True) -> dict[str, Any]:
    return {
        "orderRef": ref,
        "totalAmount": total,
        "refundedAmount": refunded,
        "createdAt": created,
        "counts": counts,
    }


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
        )
        for one in orders
        if one["counts"]
    ]

    assert shown(orders, today, written) == expected_figures(counting, today)


@given(orders_of_a_customer, st.randoms(use_true_random=False))
def test_they_do_not_depend_on_the_order_of_orders(
    orders: list[dict[str, Any]], chance: random.Random
) -> None:
    shuffled = chance.sample(orders, len(orders))

    assert figures_of(shuffled, TODAY) == figures_of(orders, TODAY)


@given(orders_of_a_customer)
def test_what_is_stored_is_plain_text(orders: list[dict[str, Any]]) -> None:
    figures = figures_of(orders, TODAY) or {}
    amounts = [figures.get("lifetimeOrderValue", "0"), *figures.get("spendByDay", {}).values()]

    assert all(isinstance(value, str) for name, value in figures.items() if name != "spendByDay")
    assert [amount for amount in amounts if set(amount) - set("-0123456789.")] == []
    assert all(day >= oldest_day_kept(TODAY).isoformat() for day in figures.get("spendByDay", {}))


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

    assert figures["totalSpend"] == figures["spendByDay"]["2026-11-24"] == "999999999999999990.005000"
    assert present_figures(figures, TODAY)["totalSpend"] == "999999999999999990.01"


def test_the_last_of_two_orders_at_one_moment_is_the_one_with_the_greater_reference() -> None:
    moment = datetime(2026, 11, 24, tzinfo=UTC).isoformat()
    orders = [order("O2", "1", moment), order("O10", "1", moment)]

    assert shown(orders, TODAY)["lastOrderRef"] == "O2"
