"""Events of the bus, as orders."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.orders.order import InvalidOrderError, parse
from functions.shared.json_text import NumberText
from tests.orders.events import LATE, event


def order(**detail: Any) -> Any:
    return event(**{"customerRef": "C1", **detail})


def wrong_fields(given_event: Any) -> list[str]:
    with pytest.raises(InvalidOrderError) as raised:
        parse(given_event, queued_at=LATE)
    return raised.value.fields


def test_an_order_is_what_its_event_says() -> None:
    parsed = parse(
        event(
            "OrderUpdated",
            event_id="e1",
            tenantId="acme",
            orderRef=" 1001 ",
            customerRef="C1",
            email="ann@example.com",
            totalAmount="100.50",
            refundedAmount="20",
            created_at="2026-11-20T10:00:00+10:00",
            updated_at="2026-11-21T00:00:00Z",
            orderStatus="PAID",
            paymentStatus="PARTIALLY_REFUNDED",
            cancelled=False,
            returned=False,
            currencyCode="aud",
            lines=[{"sku": "x"}],
        ),
        queued_at=LATE,
    )

    assert (parsed.tenant_id, parsed.order_ref, parsed.customer) == ("acme", "1001", ("customerRef", "C1"))
    assert parsed.facts == {
        "orderRef": "1001",
        "totalAmount": "100.5",
        "refundedAmount": "20",
        "createdAt": "2026-11-20T00:00:00.000Z",
        "counts": True,
        "currencyCode": "AUD",
    }
    assert parsed.revision == "2026-11-21T00:00:00.000000 1 2026-11-24T00:00:00.000000 004102444800000 e1"


@pytest.mark.parametrize(
    "name",
    [
        "customerId",
        "email",
        "refundedAmount",
        "currencyCode",
        "updated_at",
        "orderStatus",
        "paymentStatus",
        "cancelled",
        "returned",
    ],
)
@pytest.mark.parametrize("blank", ["left out", None, "", " "])
def test_some_fields_may_be_left_out(name: str, blank: str | None) -> None:
    given_event = order()
    if blank != "left out":
        given_event["detail"][name] = blank

    parsed = parse(given_event, queued_at=LATE)

    assert parsed.customer == ("customerRef", "C1")
    assert (parsed.facts["refundedAmount"], parsed.facts["counts"]) == ("0", True)
    assert "currencyCode" not in parsed.facts
    # Without a time of its own, an order that was placed is as old as the order.
    assert parsed.revision.startswith("2026-11-20T10:00:00.000000 0 2026-11-24T00:00:00.000000 ")


@pytest.mark.parametrize("name", ["tenantId", "orderRef", "totalAmount", "created_at"])
@pytest.mark.parametrize("value", [None, "", " ", True, [], {}, "x" * 257, "\ud800"])
def test_others_may_not(name: str, value: Any) -> None:
    given_event = order()
    given_event["detail"][name] = value

    assert wrong_fields(given_event) == [name]


@pytest.mark.parametrize("name", ["id", "time", "detail-type"])
@pytest.mark.parametrize("value", [None, "", 1, "\ud800"])
def test_the_envelope_must_be_whole(name: str, value: Any) -> None:
    assert wrong_fields(order() | {name: value}) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tenantId", "Demo"),
        ("tenantId", "demo#order"),
        ("orderStatus", {"name": "paid"}),
        ("orderStatus", True),
        ("paymentStatus", ["PAID"]),
        ("cancelled", "perhaps"),
        ("cancelled", "2"),
        ("cancelled", []),
        ("returned", "2026-11-20T10:00:00Z"),
        ("currencyCode", "AU"),
        ("currencyCode", "AUDX"),
        ("currencyCode", "A$"),
        ("currencyCode", "036"),
        ("currencyCode", "a\N{LATIN SMALL LETTER SHARP S}"),
        ("currencyCode", True),
        ("customerId", ["1"]),
        ("customerRef", 1.5),
        ("updated_at", "yesterday"),
        ("created_at", "2026-02-30"),
        ("created_at", "0001-01-01T00:00:00+10:00"),
        ("created_at", "9999-12-31T23:00:00-10:00"),
    ],
)
def test_a_wrong_value_is_blamed_by_its_fields_name(name: str, value: Any) -> None:
    assert wrong_fields(order(**{name: value})) == [name]


def test_all_wrong_fields_are_named_at_once() -> None:
    given_event = event("OrderShipped", tenantId="", orderRef=None, totalAmount="x", created_at="y")

    wrong = wrong_fields(given_event)

    assert wrong == ["detail-type", "tenantId", "orderRef", "customerId", "created_at", "totalAmount"]
    with pytest.raises(InvalidOrderError, match="not an order: detail-type, tenantId"):
        parse(given_event, queued_at=LATE)


@pytest.mark.parametrize("given_event", [None, [], "text", {}, {"detail": []}, {"detail": None}])
def test_what_is_not_even_an_event_is_no_order(given_event: Any) -> None:
    assert wrong_fields(given_event) in (["event"], ["detail"])


@pytest.mark.parametrize(
    ("given_amount", "kept"),
    [
        ("0", "0"),
        ("0e99", "0"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("12.50", "12.5"),
        ("-12.5", "-12.5"),
        ("0.30000000000000004", "0.3"),
        ("1e-999", "0"),
        ("999999999999999.99", "999999999999999.99"),
    ],
)
def test_an_amount_is_a_plain_decimal(given_amount: str, kept: str) -> None:
    assert parse(order(totalAmount=given_amount), queued_at=LATE).facts["totalAmount"] == kept


@pytest.mark.parametrize(
    "amount",
    [
        "1e15",
        "-1e15",
        "1e999999999",
        "NaN",
        "Infinity",
        "-Infinity",
        "1,000",
        "$5",
        "1_000",
        "٣",
        "0x1",
        ".5",
    ],
)
def test_another_amount_is_refused(amount: str) -> None:
    assert wrong_fields(order(totalAmount=amount)) == ["totalAmount"]
    assert wrong_fields(order(refundedAmount=amount)) == ["refundedAmount"]


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), 1.5])
def test_a_float_never_gets_in(amount: float) -> None:
    assert wrong_fields(order(totalAmount=amount)) == ["totalAmount"]


def test_a_refund_is_not_negative() -> None:
    assert wrong_fields(order(refundedAmount="-0.01")) == ["refundedAmount"]


@given(st.decimals(-(10**15) + 1, 10**15 - 1, allow_nan=False))
def test_an_amount_is_kept_to_a_millionth(amount: Decimal) -> None:
    text = f"{amount:f}"[:200]

    kept = parse(order(totalAmount=text), queued_at=LATE).facts["totalAmount"]

    assert Decimal(kept) == Decimal(text).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    assert not set(kept) - set("-0123456789.")


@pytest.mark.parametrize("name", ["orderStatus", "paymentStatus"])
@pytest.mark.parametrize(
    "status", ["cancelled", "canceled", "CANCELLED", "CANCELED", " Declined ", "DECLINED", "VOIDED", "void"]
)
def test_a_cancelled_declined_or_voided_order_counts_nothing(name: str, status: str) -> None:
    said = {"orderStatus": "PAID", "paymentStatus": "PAID", "cancelled": False} | {name: status}

    assert parse(order(**said), queued_at=LATE).facts["counts"] is False


@pytest.mark.parametrize("true", [True, "true", "TRUE", " True ", "1"])
def test_cancelled_may_be_said_by_a_boolean(true: bool | str) -> None:
    said = order(orderStatus="PAID", paymentStatus="REFUNDED", cancelled=true)

    assert parse(said, queued_at=LATE).facts["counts"] is False


@pytest.mark.parametrize("false", [False, "false", "FALSE", " False ", "0"])
def test_an_order_that_is_said_not_to_be_cancelled_or_returned_counts(false: bool | str) -> None:
    facts = parse(order(cancelled=false, returned=false), queued_at=LATE).facts

    assert (facts["counts"], facts["refundedAmount"]) == (True, "0")


@pytest.mark.parametrize(
    "said",
    [
        {"orderStatus": "RETURNED"},
        {"orderStatus": " refunded "},
        {"paymentStatus": "REFUNDED"},
        {"paymentStatus": "Fully Refunded"},
        {"paymentStatus": "FULLY_REFUNDED", "orderStatus": "PAID"},
        {"returned": True, "orderStatus": "PAID"},
        {"returned": "TRUE", "refundedAmount": "99"},
        {"returned": "1", "refundedAmount": "101"},
        {"refundedAmount": "100"},
    ],
)
def test_of_a_refunded_or_returned_order_nothing_is_spent(said: dict[str, Any]) -> None:
    facts = parse(order(totalAmount="100", **said), queued_at=LATE).facts

    assert (facts["counts"], facts["totalAmount"], facts["refundedAmount"]) == (True, "100", "100")


@pytest.mark.parametrize("name", ["orderStatus", "paymentStatus"])
@pytest.mark.parametrize("status", ["PAID", "PARTIALLY_REFUNDED", "Partially Returned", "not cancelled", "5"])
def test_an_order_of_any_other_status_counts_less_its_refund(name: str, status: str) -> None:
    facts = parse(order(**{name: status}, refundedAmount="20"), queued_at=LATE).facts

    assert (facts["counts"], facts["refundedAmount"]) == (True, "20")


@pytest.mark.parametrize("code", ["AUD", "aud", " Aud "])
def test_a_currency_is_three_letters_in_capitals(code: str) -> None:
    assert parse(order(currencyCode=code), queued_at=LATE).facts["currencyCode"] == "AUD"


BEYOND_DECIMALS = "1e9999999999999999999"
"""A number of JSON whose exponent Python does not compute with."""


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (NumberText("1001.0"), "1001"),
        (NumberText("1E3"), "1000"),
        (NumberText("1001.5"), "1001.5"),
        (NumberText(BEYOND_DECIMALS), BEYOND_DECIMALS),
        ("1001.0", "1001.0"),
        ("\N{ZERO WIDTH SPACE} 1001 \N{ZERO WIDTH SPACE}", "1001"),
        ("e\N{COMBINING ACUTE ACCENT}", "\N{LATIN SMALL LETTER E WITH ACUTE}"),
    ],
)
def test_a_reference_is_the_same_however_it_is_written(written: str, kept: str) -> None:
    parsed = parse(order(orderRef=written, customerRef=written), queued_at=LATE)

    assert (parsed.order_ref, parsed.facts["orderRef"], parsed.customer) == (
        kept,
        kept,
        ("customerRef", kept),
    )


@pytest.mark.parametrize("name", ["orderRef", "customerRef"])
def test_a_reference_that_was_damaged_on_its_way_is_refused(name: str) -> None:
    assert wrong_fields(order(**{name: "Caf\N{REPLACEMENT CHARACTER}"})) == [name]
    assert parse(order(orderStatus="Pay\N{REPLACEMENT CHARACTER}"), queued_at=LATE).facts["counts"] is True


def test_a_customers_id_counts_in_either_case() -> None:
    customer_id = "7c14445d-c9fb-457d-90ec-114a04e57bc3"

    assert parse(order(customerId=customer_id.upper()), queued_at=LATE).customer == ("id", customer_id)


def test_versions_compare_by_their_own_time_then_by_the_events() -> None:
    ascending = [
        order(updated_at="2026-11-20T23:59:59.999999Z", time="2026-12-01T00:00:00Z"),
        order(updated_at="2026-11-21T00:00:00+00:00", time="2026-11-21T00:00:02Z"),
        event("OrderUpdated", customerRef="C1", updated_at="2026-11-21", time="2026-11-21T00:00:01Z"),
        event(
            "OrderUpdated",
            customerRef="C1",
            updated_at="2026-11-21",
            time="2026-11-21T00:00:03Z",
            event_id="a",
        ),
        event(
            "OrderUpdated",
            customerRef="C1",
            updated_at="2026-11-21",
            time="2026-11-21T00:00:03Z",
            event_id="b",
        ),
        order(updated_at="2026-11-20T23:00:00.0000010-02:00"),
        event("OrderUpdated", customerRef="C1", time="2026-11-22T00:00:00Z"),
    ]

    revisions = [parse(one, queued_at=LATE).revision for one in ascending]

    assert revisions == sorted(set(revisions))


def test_an_order_is_not_made_after_its_event() -> None:
    assert wrong_fields(order(created_at="2026-11-25T00:00:01Z")) == ["created_at"]
    assert parse(order(created_at="2026-11-25T00:00:00Z"), queued_at=LATE)


def test_nor_is_it_made_after_that_was_queued_whatever_time_the_event_names() -> None:
    later = order(created_at="2031-01-02T00:00:00Z") | {"time": "2031-01-01T00:00:00Z"}
    queued_at = int(datetime(2030, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp() * 1000)

    assert parse(later, queued_at=queued_at + 1000)
    with pytest.raises(InvalidOrderError) as raised:
        parse(later, queued_at=queued_at)
    assert raised.value.fields == ["created_at"]


def test_a_reference_has_room_in_a_key_behind_currency_and_time() -> None:
    longest = "\N{MONEY BAG}" * 225

    assert parse(order(orderRef=longest), queued_at=LATE).order_ref == longest
    assert wrong_fields(order(orderRef=f"{longest}a")) == ["orderRef"]


@pytest.mark.parametrize("odd", ["\0", "\x7f", "a\nb"])
def test_a_reference_holds_no_control_characters(odd: str) -> None:
    assert wrong_fields(order(orderRef=f"a{odd}")) == ["orderRef"]


def test_of_events_of_one_second_the_one_that_was_queued_later_is_the_newer() -> None:
    first, second = (
        parse(order(event_id=name), queued_at=at) for name, at in (("z", LATE + 9), ("a", LATE + 10))
    )

    assert first.revision < second.revision
