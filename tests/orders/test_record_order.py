"""Orders from the bus: what they do to a customer's figures, however and whenever they come."""

import contextlib
import io
import itertools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from functions.orders import record_order, store
from functions.shared import aws as aws_calls
from functions.shared import clock, dynamo, retry, sqs
from functions.shared.errors import UnavailableError
from functions.shared.settings import queue_url
from infra.queues import ORDERS
from tests.api import CUSTOMERS, Api
from tests.customers.expected_figures import NO_FIGURES, figures
from tests.interference import before, before_call
from tests.orders.events import Event, deliver, event
from tests.queues import messages_in

Customer = dict[str, Any]

ONE_ORDER = {
    "lifetimeOrderValue": "100.00",
    "averageSpendPerAnnum": "100.00",
    "running12monthSpend": "100.00",
    "totalOrders": "1",
    "totalSpend": "100.00",
    "lastOrderDate": "2026-11-20T10:00:00.000Z",
    "lastOrderRef": "O1",
}


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 24, 12, tzinfo=UTC))
    monkeypatch.setattr("time.sleep", lambda _: None)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seconds that messages were put off for."""
    waits: list[int] = []

    def put_off(queue: str, receipt_handle: str, seconds: int) -> None:
        assert (queue, receipt_handle) == ("orders", "receipt-0")
        waits.append(seconds)

    monkeypatch.setattr(sqs, "put_off", put_off)
    return waits


@pytest.fixture
def customer(api: Api) -> Customer:
    return api.create(email="Ann@example.com", customerRef="C1")


def shown(api: Api, customer: Customer) -> dict[str, str]:
    return figures(api.customer(customer["id"]))


def test_a_first_order_is_shown(api: Api, customer: Customer) -> None:
    assert shown(api, customer) == NO_FIGURES

    assert deliver(event(customerId=customer["id"])) == []

    assert shown(api, customer) == ONE_ORDER


@pytest.mark.parametrize(
    "named",
    [{"customerRef": "C1"}, {"email": " ann@EXAMPLE.com "}, {"customerRef": "C1", "email": "bob@x.com"}],
)
def test_its_customer_is_found_by_reference_or_email(
    api: Api, customer: Customer, named: dict[str, str]
) -> None:
    assert deliver(event(**named)) == []

    assert shown(api, customer) == ONE_ORDER


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_the_first_identifier_present_decides(api: Api, customer: Customer, blank: str | None) -> None:
    other = api.create(customerRef="C2")
    order = event(customerRef="C2", email="ann@example.com")
    order["detail"]["customerId"] = blank

    assert deliver(order) == []

    assert (shown(api, other), shown(api, customer)) == (ONE_ORDER, NO_FIGURES)


def test_orders_add_up(api: Api, customer: Customer) -> None:
    second = event(
        customerRef="C1",
        orderRef="O2",
        totalAmount=50.25,
        refundedAmount="10.255",
        created_at="2024-11-24T23:30:00-01:00",
    )

    assert deliver(event(customerRef="C1"), second) == []

    assert shown(api, customer) == {
        "lifetimeOrderValue": "150.25",
        "averageSpendPerAnnum": "70.14",
        "running12monthSpend": "100.00",
        "totalOrders": "2",
        "totalSpend": "140.00",
        "lastOrderDate": "2026-11-20T10:00:00.000Z",
        "lastOrderRef": "O1",
    }


def test_a_reference_that_a_spreadsheet_made_a_number_is_found(api: Api) -> None:
    customer = api.create(customerRef="77")

    assert deliver(event(customerRef=77.0, orderRef=1001.0), event(customerRef=77, orderRef=1001)) == []

    assert shown(api, customer) == ONE_ORDER | {"lastOrderRef": "1001"}


def test_an_update_replaces_the_order(api: Api, customer: Customer) -> None:
    update = event(
        "OrderUpdated",
        customerRef="C1",
        totalAmount=80,
        refundedAmount=80,
        updated_at="2026-11-23",
        created_at="2026-11-21T00:00:00.123456+10:00",
    )

    deliver(event(customerRef="C1", updated_at="2026-11-22T00:00:00Z"), update)

    assert shown(api, customer) == ONE_ORDER | {
        "lifetimeOrderValue": "80.00",
        "averageSpendPerAnnum": "0.00",
        "running12monthSpend": "0.00",
        "totalSpend": "0.00",
        "lastOrderDate": "2026-11-20T14:00:00.123Z",
    }


@pytest.mark.parametrize(
    "cancelled",
    [
        {"orderStatus": "CANCELLED"},
        {"orderStatus": " Declined "},
        {"paymentStatus": "VOIDED"},
        {"cancelled": True, "orderStatus": "PAID"},
    ],
)
def test_a_cancelled_order_counts_nothing_until_it_is_taken_up_again(
    api: Api, customer: Customer, cancelled: dict[str, Any]
) -> None:
    earlier = event(customerRef="C1", orderRef="O0", totalAmount=1, created_at="2026-11-19T00:00:00Z")
    deliver(earlier)
    before = shown(api, customer)
    deliver(event(customerRef="C1", updated_at="2026-11-20T10:00:00Z"))
    assert shown(api, customer)["lastOrderRef"] == "O1"

    deliver(event("OrderUpdated", customerRef="C1", **cancelled, updated_at="2026-11-21T00:00:00Z"))
    assert shown(api, customer) == before

    taken_up = {"orderStatus": "PAID", "paymentStatus": "PAID", "updated_at": "2026-11-22T00:00:00Z"}
    deliver(event("OrderUpdated", customerRef="C1", cancelled=False, **taken_up))
    assert shown(api, customer)["lifetimeOrderValue"] == "101.00"
    assert shown(api, customer)["lastOrderRef"] == "O1"


@pytest.mark.parametrize("refunded", [{"paymentStatus": "REFUNDED"}, {"returned": True}])
def test_a_refunded_order_is_still_an_order_but_nothing_was_spent(
    api: Api, customer: Customer, refunded: dict[str, Any]
) -> None:
    deliver(event(customerRef="C1", **refunded))

    assert shown(api, customer) == ONE_ORDER | {
        "averageSpendPerAnnum": "0.00",
        "running12monthSpend": "0.00",
        "totalSpend": "0.00",
    }


def test_figures_are_those_of_the_currency_of_most_orders(api: Api, customer: Customer) -> None:
    in_yen = event(customerRef="C1", orderRef="O2", totalAmount=9000, currencyCode="jpy")
    deliver(event(customerRef="C1", currencyCode="AUD"), in_yen)
    assert shown(api, customer)["orderFiguresCurrency"] == "JPY"

    deliver(event(customerRef="C1", orderRef="O0", totalAmount=7, currencyCode=" aud "))

    assert shown(api, customer) == ONE_ORDER | {
        "orderFiguresCurrency": "AUD",
        "lifetimeOrderValue": "107.00",
        "averageSpendPerAnnum": "107.00",
        "running12monthSpend": "107.00",
        "totalOrders": "2",
        "totalSpend": "107.00",
    }


def test_a_customer_whose_only_order_is_cancelled_has_no_figures(api: Api, customer: Customer) -> None:
    deliver(
        event(customerRef="C1", updated_at="2026-11-20T10:00:00Z"),
        event("OrderUpdated", customerRef="C1", orderStatus="cancelled", updated_at="2026-11-21T00:00:00Z"),
    )

    assert shown(api, customer) == NO_FIGURES


def test_an_order_counts_once_however_often_it_comes(api: Api, customer: Customer) -> None:
    order = event(customerRef="C1")

    assert deliver(order, order, order) == []
    assert deliver(order, receives=9) == []

    assert shown(api, customer) == ONE_ORDER


@pytest.mark.parametrize(
    "times",
    [
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00.000001Z", "2026-11-20T10:00:00.00001Z"),
        ("2026-11-20T09:00:00Z", "2026-11-20T20:00:00+10:00", "2026-11-20T10:00:01"),
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"),
        (None, None, None),
    ],
    ids=["microseconds", "zones", "same time", "no time"],
)
def test_versions_end_in_the_last_one_in_whichever_order_they_come(
    api: Api, times: tuple[str | None, ...]
) -> None:
    for number, order in enumerate(itertools.permutations(range(3))):
        customer = api.create(customerRef=f"R{number}")
        versions = [
            event(
                "OrderUpdated" if version else "OrderPlaced",
                time=f"2026-11-20T10:00:{version if time is None else 0:02d}Z",
                event_id=str(version or 9),
                customerRef=f"R{number}",
                orderRef=f"O{number}",
                totalAmount=version + 1,
                updated_at=time,
            )
            for version, time in enumerate(times)
        ]

        deliver(*(versions[version] for version in order), *versions)

        assert shown(api, customer)["totalSpend"] == "3.00", order


def test_an_order_moves_to_the_customer_that_its_update_names(api: Api, customer: Customer) -> None:
    other = api.create(customerRef="C2")
    placed = event(customerRef="C1", updated_at="2026-11-20T10:00:00Z")
    moved = event("OrderUpdated", customerRef="C2", updated_at="2026-11-21T00:00:00Z")
    kept = event(customerRef="C1", orderRef="O2", totalAmount=7)
    deliver(placed, kept, moved)

    assert (shown(api, other), shown(api, customer)["totalSpend"]) == (ONE_ORDER, "7.00")

    deliver(placed, moved)
    assert (shown(api, other), shown(api, customer)["totalSpend"]) == (ONE_ORDER, "7.00")

    deliver(event("OrderUpdated", customerId=customer["id"], updated_at="2026-11-22T00:00:00Z"))
    assert (shown(api, other), shown(api, customer)["totalSpend"]) == (NO_FIGURES, "107.00")


@pytest.mark.parametrize("status", [None, "cancelled"])
def test_an_order_stays_with_its_customer_whoever_has_the_email_it_was_placed_with(
    api: Api, customer: Customer, status: str | None
) -> None:
    placed = event(email="ann@example.com", updated_at="2026-11-20T10:00:00Z")
    deliver(placed)
    api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"email": "new@example.com"})
    refunded = event(
        "OrderUpdated",
        email="ann@example.com",
        refundedAmount="30",
        orderStatus=status,
        updated_at="2026-11-21T00:00:00Z",
    )

    assert deliver(refunded) == []
    assert shown(api, customer)["totalSpend"] == ("0.00" if status else "70.00")

    stranger = api.create(email="ann@example.com")
    later = event("OrderUpdated", email="ann@example.com", totalAmount=5, updated_at="2026-11-22T00:00:00Z")
    assert deliver(later) == []
    assert shown(api, stranger) == NO_FIGURES
    assert shown(api, customer)["totalSpend"] == "5.00"


@pytest.mark.parametrize("erased", [False, True])
def test_a_deleted_customers_order_counts_for_nobody_who_takes_over_its_reference(
    api: Api, customer: Customer, erased: bool
) -> None:
    placed = event(customerRef="C1", updated_at="2026-11-20T10:00:00Z")
    deliver(placed)
    api.delete(f"{CUSTOMERS}/{customer['id']}")
    if erased:
        assert store.delete_all("demo", customer["id"]) == 1
    other = api.create(customerRef="C1")

    assert deliver(placed, event("OrderUpdated", customerRef="C1", updated_at="2026-11-21T00:00:00Z")) == []

    assert shown(api, other) == NO_FIGURES
    by_id = event("OrderUpdated", customerId=other["id"], updated_at="2026-11-22T00:00:00Z")
    assert deliver(by_id) == []
    assert shown(api, other) == ONE_ORDER


@pytest.mark.parametrize("erased", [False, True])
@pytest.mark.parametrize("taken_over", [False, True])
@pytest.mark.parametrize(
    "named", [{"customerRef": "C1"}, {"email": "ann@example.com"}, {"customerRef": "C2"}]
)
def test_a_deleted_customers_order_stays_with_it_whatever_reference_or_email_an_update_names(
    api: Api, customer: Customer, named: dict[str, str], taken_over: bool, erased: bool
) -> None:
    others = [api.create(customerRef="C2")]
    deliver(event(customerId=customer["id"], updated_at="2026-11-20T10:00:00Z"))
    api.delete(f"{CUSTOMERS}/{customer['id']}")
    if erased:
        assert store.delete_all("demo", customer["id"]) == 1
    if taken_over:
        others.append(api.create(email="ann@example.com", customerRef="C1"))

    assert deliver(event("OrderUpdated", **named, updated_at="2026-11-22T00:00:00Z")) == []
    assert deliver(event("OrderUpdated", **named, updated_at="2026-11-21T00:00:00Z")) == []

    assert [shown(api, other) for other in others] == [NO_FIGURES] * len(others)
    by_id = event("OrderUpdated", customerId=others[0]["id"].upper(), updated_at="2026-11-23T00:00:00Z")
    assert deliver(by_id) == []
    assert shown(api, others[0]) == ONE_ORDER


def test_an_order_that_moves_to_a_deleted_customer_counts_for_nobody(api: Api, customer: Customer) -> None:
    gone = api.create()
    deliver(event(customerRef="C1", updated_at="2026-11-20T10:00:00Z"))
    api.delete(f"{CUSTOMERS}/{gone['id']}")

    moved = event("OrderUpdated", customerId=gone["id"].upper(), updated_at="2026-11-21T00:00:00Z")
    assert deliver(moved) == []

    assert (shown(api, customer), stored_orders()) == (NO_FIGURES, [])
    back = event("OrderUpdated", customerId=customer["id"], updated_at="2026-11-22T00:00:00Z")
    assert deliver(back) == []
    assert shown(api, customer) == ONE_ORDER


@pytest.mark.parametrize("last", ["live", "gone"])
def test_versions_that_name_a_deleted_customer_end_in_the_last_one_in_whichever_order_they_come(
    api: Api, last: str
) -> None:
    gone = api.create()
    api.delete(f"{CUSTOMERS}/{gone['id']}")
    names = ("gone", "live", "gone", "live")[slice(None) if last == "live" else slice(3)]
    for number, order in enumerate(itertools.permutations(range(len(names)))):
        ref = f"O{number}"
        live = api.create()
        versions = [
            event(
                "OrderUpdated",
                orderRef=ref,
                customerId=live["id"] if name == "live" else gone["id"],
                updated_at=f"2026-11-2{version}T00:00:00Z",
            )
            for version, name in enumerate(names)
        ]

        assert deliver(*(versions[version] for version in order)) == []

        counted = ONE_ORDER | {"lastOrderRef": ref} if last == "live" else NO_FIGURES
        assert shown(api, live) == counted, order


def test_versions_of_one_second_end_in_the_one_that_came_last(api: Api, customer: Customer) -> None:
    for number in range(6):
        ref = f"O{number}"
        placed, packed = (
            event(customerRef="C1", orderRef=ref),
            event("OrderUpdated", customerRef="C1", orderRef=ref),
        )
        cancelled = event("OrderUpdated", customerRef="C1", orderRef=ref, orderStatus="cancelled")
        deliver(placed, packed, cancelled, packed, placed)

    assert shown(api, customer) == NO_FIGURES


def test_a_placed_order_that_is_put_on_the_bus_again_revives_nothing(api: Api, customer: Customer) -> None:
    deliver(event(customerRef="C1", time="2026-11-20T10:00:01Z"))
    deliver(event("OrderUpdated", customerRef="C1", orderStatus="cancelled", time="2026-11-21T00:00:00Z"))

    deliver(event(customerRef="C1", time="2026-11-22T00:00:00Z"))

    assert shown(api, customer) == NO_FIGURES


def test_tenants_have_orders_of_their_own(api: Api, customer: Customer) -> None:
    other = Api("other").create(email="ann@example.com", customerRef="C1")

    deliver(event(customerRef="C1"), event(customerRef="C1", tenantId="other", totalAmount=3))

    assert shown(api, customer) == ONE_ORDER
    assert figures(Api("other").customer(other["id"]))["totalSpend"] == "3.00"


def test_an_order_of_another_tenants_customer_waits(api: Api, customer: Customer, waits: list[int]) -> None:
    assert deliver(event(customerId=customer["id"], tenantId="other")) == [0]

    assert shown(api, customer) == NO_FIGURES


def test_an_order_waits_for_its_customer(api: Api, waits: list[int]) -> None:
    order = event(email="late@example.com")
    for receives in range(1, 15):
        assert deliver(order, receives=receives) == [0]
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600]

    customer = api.create(email="late@example.com")
    assert deliver(order, receives=15) == []

    assert shown(api, customer) == ONE_ORDER


def test_it_waits_for_four_days_of_the_fourteen_that_a_message_lives(aws: None, waits: list[int]) -> None:
    for receives in range(1, ORDERS.max_receives + 1):
        deliver(event(customerRef="nobody"), receives=receives)

    assert 4 * 86_400 <= sum(waits) <= 4.1 * 86_400
    assert max(waits) <= 12 * 3600


@pytest.mark.parametrize("body", [event(customerRef="nobody"), event(totalAmount="much"), "{"])
def test_what_cannot_be_counted_ends_among_the_dead_letters(
    aws: None, monkeypatch: pytest.MonkeyPatch, body: Event | str
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    real = sqs.call
    monkeypatch.setattr(sqs, "call", lambda name, **given: real(name, **{**given, "VisibilityTimeout": 0}))
    real("send_message", QueueUrl=queue_url(ORDERS.name), MessageBody=text)

    deliveries = 0
    while records := messages_in(ORDERS.name):
        failures = record_order.handler({"Records": records}, None)["batchItemFailures"]
        assert failures == [{"itemIdentifier": records[0]["messageId"]}]
        deliveries += 1

    assert deliveries == ORDERS.max_receives
    (letter,) = messages_in(ORDERS.dead_letters)
    assert letter["body"] == text


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "[" * 100_000, event(tenantId="NO"), event()])
def test_what_is_no_order_is_given_up_fast(aws: None, waits: list[int], body: Event | str) -> None:
    assert deliver(body, receives=9) == [0]

    assert waits == [1]


@pytest.mark.parametrize("body", [event(customerRef="nobody"), "{"])
def test_a_message_that_cannot_be_put_off_comes_again(
    aws: None, monkeypatch: pytest.MonkeyPatch, body: Event | str
) -> None:
    def failing(*_: Any) -> None:
        raise UnavailableError

    monkeypatch.setattr(sqs, "put_off", failing)

    assert deliver(body) == [0]


def test_one_bad_message_holds_up_no_other(api: Api, customer: Customer, waits: list[int]) -> None:
    assert deliver("{", event(customerRef="C1")) == [0]

    assert shown(api, customer) == ONE_ORDER


def test_an_order_of_a_deleted_customer_is_done_and_leaves_nothing(
    api: Api, customer: Customer, log: io.StringIO
) -> None:
    api.delete(f"{CUSTOMERS}/{customer['id']}")

    assert deliver(event(customerId=customer["id"])) == []

    assert stored_orders() == []
    (tombstone,) = dynamo.call("scan", TableName="customers")["Items"]
    assert set(tombstone) == {"customerKey", "tenantId", "id", "version", "deletedDate"}
    assert "order of a deleted customer" in log.getvalue()


def test_a_delete_takes_the_figures_away(api: Api, customer: Customer) -> None:
    deliver(event(customerRef="C1"))
    api.delete(f"{CUSTOMERS}/{customer['id']}")

    (tombstone,) = dynamo.call("scan", TableName="customers")["Items"]
    assert set(tombstone) == {"customerKey", "tenantId", "id", "version", "deletedDate"}


def test_a_delete_meanwhile_leaves_no_order(
    api: Api, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before(monkeypatch, "transact", lambda: api.delete(f"{CUSTOMERS}/{customer['id']}"))

    assert deliver(event(customerId=customer["id"])) == []

    assert stored_orders() == []


@pytest.mark.parametrize("by_id", [True, False])
def test_a_customer_that_an_order_leaves_may_be_deleted_meanwhile(
    api: Api, customer: Customer, monkeypatch: pytest.MonkeyPatch, by_id: bool
) -> None:
    other = api.create(customerRef="C2")
    deliver(event(customerRef="C1", updated_at="2026-11-20T10:00:00Z"))
    named = {"customerId": other["id"]} if by_id else {"customerRef": "C2"}
    before(monkeypatch, "transact", lambda: api.delete(f"{CUSTOMERS}/{customer['id']}"))

    assert deliver(event("OrderUpdated", **named, updated_at="2026-11-21T00:00:00Z")) == []

    assert shown(api, other) == (ONE_ORDER if by_id else NO_FIGURES)


@pytest.mark.parametrize("deleted", [True, False])
def test_an_order_is_of_who_has_the_reference_even_where_another_had_it_a_moment_ago(
    api: Api, customer: Customer, deleted: bool
) -> None:
    other = api.create()

    def taken_over() -> None:
        url = f"{CUSTOMERS}/{customer['id']}"
        assert (api.delete(url) if deleted else api.put(url, json_body={"customerRef": "C0"})).status < 300
        assert api.put(f"{CUSTOMERS}/{other['id']}", json_body={"customerRef": "C1"}).status == 200

    with before_call(1, taken_over):
        assert deliver(event(customerRef="C1")) == []

    assert shown(api, other) == ONE_ORDER
    assert deleted or shown(api, customer) == NO_FIGURES


def test_figures_are_no_change_of_the_customer(api: Api, customer: Customer) -> None:
    url = f"{CUSTOMERS}/{customer['id']}"
    before = api.get(url)

    deliver(event(customerRef="C1"), event(customerRef="C1", orderRef="O2"))

    after = api.get(url)
    assert after.headers["etag"] == before.headers["etag"]
    assert {**after.json, **figures(before.json)} == {
        **before.json,
        "lastOrderDate": "2026-11-20T10:00:00.000Z",
        "lastOrderRef": "O2",
    }
    changed = api.put(url, json_body={"firstName": "Ann"}, headers={"If-Match": before.headers["etag"]})
    assert (changed.status, figures(changed.json)) == (200, figures(after.json))
    assert api.put(url, json_body=changed.json).json == changed.json
    assert api.delete(url, headers={"If-Match": changed.headers["etag"]}).status == 204


def test_an_update_that_changes_nothing_is_still_none_after_an_order(api: Api, customer: Customer) -> None:
    deliver(event(customerRef="C1"))
    url = f"{CUSTOMERS}/{customer['id']}"

    again = api.put(url, json_body=api.customer(customer["id"]))

    assert again.headers["etag"] == '"1"'


@pytest.mark.parametrize("changes", [{"firstName": "Ann"}, {"customerRef": "C2"}, {"customerRef": None}])
def test_an_update_between_an_orders_read_and_write_is_kept(
    api: Api, customer: Customer, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    url = f"{CUSTOMERS}/{customer['id']}"
    before(monkeypatch, "transact", lambda: api.put(url, json_body=changes))

    assert deliver(event(customerId=customer["id"])) == []

    assert shown(api, customer) == ONE_ORDER
    assert all(api.customer(customer["id"]).get(name) == value for name, value in changes.items())


@pytest.mark.parametrize(
    ("function", "changes"), [("write", {"firstName": "Ann"}), ("transact", {"customerRef": "C2"})]
)
def test_an_order_between_an_updates_read_and_write_is_kept(
    api: Api, customer: Customer, monkeypatch: pytest.MonkeyPatch, function: str, changes: dict[str, Any]
) -> None:
    before(monkeypatch, function, lambda: deliver(event(customerId=customer["id"])))

    assert api.put(f"{CUSTOMERS}/{customer['id']}", json_body=changes).status == 200

    assert shown(api, customer) == ONE_ORDER
    assert changes.items() <= api.customer(customer["id"]).items()


@pytest.mark.parametrize("first", [None, "O0"])
def test_orders_of_one_customer_at_once_are_all_counted(
    api: Api, customer: Customer, monkeypatch: pytest.MonkeyPatch, first: str | None
) -> None:
    if first:
        deliver(event(customerRef="C1", orderRef=first, totalAmount=0))
    before(monkeypatch, "transact", lambda: deliver(event(customerRef="C1", orderRef="O2", totalAmount=5)))

    assert deliver(event(customerRef="C1")) == []

    assert shown(api, customer)["totalSpend"] == "105.00"


@pytest.mark.parametrize("newer", [True, False])
def test_versions_of_one_order_at_once_end_in_the_newer(
    api: Api, customer: Customer, monkeypatch: pytest.MonkeyPatch, newer: bool
) -> None:
    other = api.create(customerRef="C2")
    old = event(customerRef="C1", updated_at="2026-11-20T10:00:00Z", totalAmount=1)
    new = event("OrderUpdated", customerRef="C2", updated_at="2026-11-21T10:00:00Z")
    first, second = (new, old) if newer else (old, new)
    before(monkeypatch, "transact", lambda: deliver(first))

    assert deliver(second) == []

    assert (shown(api, customer), shown(api, other)) == (NO_FIGURES, ONE_ORDER)


@pytest.mark.parametrize("newer", [True, False])
@pytest.mark.parametrize("deleted", [True, False])
def test_two_moves_of_one_order_at_once_end_with_one_customer(
    api: Api, customer: Customer, monkeypatch: pytest.MonkeyPatch, deleted: bool, newer: bool
) -> None:
    deliver(event(customerRef="C1", updated_at="2026-11-20T10:00:00Z"))
    if deleted:
        api.delete(f"{CUSTOMERS}/{customer['id']}")
    earlier, later = api.create(), api.create()
    moves = [
        event("OrderUpdated", customerId=earlier["id"], updated_at="2026-11-21T00:00:00Z"),
        event("OrderUpdated", customerId=later["id"], updated_at="2026-11-22T00:00:00Z"),
    ]
    first, second = reversed(moves) if newer else moves
    before(monkeypatch, "transact", lambda: deliver(first))

    assert deliver(second) == []

    assert (shown(api, earlier), shown(api, later)) == (NO_FIGURES, ONE_ORDER)
    # Each with its place among those that count.
    assert len(stored_orders()) == 2 * (2 if deleted else 1)


@pytest.mark.parametrize("error", [dynamo.ContendedError(), dynamo.TransactionFailedError({0: None})])
def test_a_lost_race_is_run_again_after_a_pause(
    api: Api, customer: Customer, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    real, outcomes = dynamo.transact, [error] * (retry.ATTEMPTS - 1)
    waited: list[float] = []

    def contended(writes: Any) -> None:
        if outcomes:
            raise outcomes.pop()
        real(writes)

    monkeypatch.setattr(dynamo, "transact", contended)
    monkeypatch.setattr("time.sleep", waited.append)

    assert deliver(event(customerRef="C1")) == []

    assert shown(api, customer) == ONE_ORDER
    assert len(waited) == retry.ATTEMPTS - 1


def test_a_race_that_is_always_lost_brings_the_message_again(
    api: Api, customer: Customer, monkeypatch: pytest.MonkeyPatch, waits: list[int]
) -> None:
    def contended(_: Any) -> None:
        raise dynamo.ContendedError

    with monkeypatch.context() as patch:
        patch.setattr(dynamo, "transact", contended)
        assert deliver(event(customerRef="C1")) == [0]

    assert (shown(api, customer), waits) == (NO_FIGURES, [])


class Crash(BaseException):
    """The function's end, wherever it stood."""


def interrupted(
    monkeypatch: pytest.MonkeyPatch, work: Callable[[], Any], *, at: int, after: bool, error: BaseException
) -> bool:
    """Do `work`, with an error before or after its AWS call number `at`; answers whether it came so far."""
    real, calls = aws_calls.call, itertools.count()
    struck = False

    def call(*arguments: Any, **named: Any) -> Any:
        nonlocal struck
        due = next(calls) == at
        struck = struck or due
        if due and not after:
            raise error
        answer = real(*arguments, **named)
        if due:
            raise error
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(aws_calls, "call", call)
        with contextlib.suppress(Crash, UnavailableError):
            work()
    return struck


@pytest.mark.parametrize("error", [Crash(), UnavailableError()], ids=["crash", "throttled"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whatever_call_it_ends_at_the_next_delivery_counts_the_order_once(
    api: Api, monkeypatch: pytest.MonkeyPatch, error: BaseException, after: bool
) -> None:
    for at in itertools.count():
        one, other = api.create(customerRef=f"A{at}"), api.create(customerRef=f"B{at}")
        placed = event(orderRef=f"O{at}", customerRef=f"A{at}", updated_at="2026-11-20T10:00:00Z")
        moved = event(
            "OrderUpdated", orderRef=f"O{at}", customerRef=f"B{at}", updated_at="2026-11-21T10:00:00Z"
        )
        deliver(event(orderRef=f"P{at}", customerRef=f"A{at}", totalAmount=1))
        both = partial(deliver, placed, moved)

        struck = interrupted(monkeypatch, both, at=at, after=after, error=error)
        both()

        assert shown(api, one)["totalSpend"] == "1.00", at
        assert shown(api, other) == ONE_ORDER | {"lastOrderRef": f"O{at}"}, at
        if not struck:
            assert at == 7
            return


@pytest.mark.parametrize("error", [Crash(), UnavailableError()], ids=["crash", "throttled"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whatever_call_an_erasure_ends_at_the_next_one_finishes_it(
    api: Api, monkeypatch: pytest.MonkeyPatch, error: BaseException, after: bool
) -> None:
    for at in itertools.count():
        customer = api.create()
        deliver(*(event(orderRef=f"O{at}-{number}", customerId=customer["id"]) for number in range(3)))
        api.delete(f"{CUSTOMERS}/{customer['id']}")
        erase = partial(store.delete_all, "demo", customer["id"])

        struck = interrupted(monkeypatch, erase, at=at, after=after, error=error)
        erase()

        assert stored_orders() == [], at
        if not struck:
            assert at == 4
            return


def stored_orders() -> list[Any]:
    """What is kept of orders, and for figures, beside whose they are."""
    items = dynamo.call("scan", TableName="orders")["Items"]
    return [item for item in items if item["orderRef"]["S"] != "owner"]


def test_the_calls_it_takes(api: Api, customer: Customer, dynamo_calls: list[str], waits: list[int]) -> None:
    other = api.create()

    def calls(order: Event) -> list[str]:
        dynamo_calls.clear()
        deliver(order)
        return list(dynamo_calls)

    read, look, write = "batch_get_item", "query", "transact_write_items"
    placed = event(customerId=customer["id"], updated_at="2026-11-20T10:00:00Z")
    assert calls(placed) == [read, write]
    assert calls(placed) == [read]
    assert calls(event(customerRef="C1", orderRef="O0", created_at="2026-11-19T10:00:00Z")) == [
        read,
        read,
        write,
    ]
    update = event("OrderUpdated", email="ann@example.com", updated_at="2026-11-21T00:00:00Z")
    assert calls(update) == [read, read, write]
    by_id = event("OrderUpdated", customerId=customer["id"], updated_at="2026-11-21T02:00:00Z")
    assert calls(by_id) == [read, read, write]
    # The last order of two: who is the last now?
    moved = event("OrderUpdated", customerId=other["id"], updated_at="2026-11-22T00:00:00Z")
    assert calls(moved) == [read, read, look, write]
    api.delete(f"{CUSTOMERS}/{other['id']}")
    late = event("OrderUpdated", email="ann@example.com", updated_at="2026-11-23T00:00:00Z")
    assert calls(late) == [read, read, write]
    assert calls(event(orderRef="O2", customerId="0" * 36)) == [read]
    assert calls(event(orderRef="O2", customerRef="nobody")) == [read]


def test_who_is_last_now_is_read_as_it_stands(
    api: Api, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(*(event(customerRef="C1", orderRef=ref) for ref in ("O1", "O2")))
    real, asked = dynamo.query, []

    def query(table: str, **more: Any) -> Any:
        asked.append(more)
        return real(table, **more)

    monkeypatch.setattr(dynamo, "query", query)
    deliver(event("OrderUpdated", customerRef="C1", orderRef="O2", cancelled=True))

    assert {one.get("ConsistentRead") for one in asked} == {True}
    assert shown(api, customer)["lastOrderRef"] == "O1"


PERSONAL = ("ann@example.com", "C-secret", "REF-77", "123.45", "2026-11-20T10:11")


def bodies() -> Iterator[Event | str]:
    personal: Event = {
        "email": "ann@example.com",
        "orderRef": "REF-77",
        "totalAmount": "123.45",
        "created_at": "2026-11-20T10:11:00Z",
    }
    yield event(**personal)
    yield event(**personal, customerRef="C-secret")
    yield event(**personal, orderStatus={"email": "ann@example.com"}, updated_at="2026-11-20T10:11 ")
    yield event(**{**personal, "tenantId": "ann@example.com", "totalAmount": "123.45 AUD"})
    yield '{"detail": "ann@example.com REF-77'


@pytest.mark.parametrize("known", [True, False])
def test_the_log_says_nothing_of_the_order(
    api: Api, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    if known:
        api.create(email="ann@example.com")

    for body in bodies():
        deliver(body)
    with monkeypatch.context() as patch:
        patch.setattr(dynamo, "call", lambda *_, **__: 1 / 0)
        for body in bodies():
            deliver(body)

    logged = log.getvalue()
    assert "message failed" in logged
    assert "orderStatus" in logged
    assert [value for value in PERSONAL if value.casefold() in logged.casefold()] == []


def test_twelve_months_end_without_another_order(
    api: Api, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(event(customerRef="C1", created_at="2026-11-24T23:59:59.999Z"))

    spends = {}
    for day in ("2026-11-24", "2027-11-23", "2027-11-24", "2036-11-24"):
        monkeypatch.setattr(clock, "now", lambda day=day: datetime.fromisoformat(day).replace(tzinfo=UTC))
        now = api.customer(customer["id"])
        spends[day] = (now["running12monthSpend"], now["totalSpend"], now["averageSpendPerAnnum"])
    assert spends == {
        "2026-11-24": ("100.00", "100.00", "100.00"),
        "2027-11-23": ("100.00", "100.00", "100.00"),
        "2027-11-24": ("0.00", "100.00", "100.00"),
        "2036-11-24": ("0.00", "100.00", "10.00"),
    }


def test_orders_beyond_one_page_are_all_counted_and_all_erased(
    api: Api, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = dynamo.query
    monkeypatch.setattr(
        dynamo,
        "query",
        lambda table, **given: real(table, **{**given, "Limit": 2 if table == "orders" else 1}),
    )

    deliver(*(event(customerRef="C1", orderRef=f"O{number}") for number in range(5)))
    assert shown(api, customer)["totalOrders"] == "5"

    api.delete(f"{CUSTOMERS}/{customer['id']}")
    assert store.delete_all("demo", customer["id"]) == 5
    assert store.delete_all("demo", customer["id"]) == 0
    assert stored_orders() == []
