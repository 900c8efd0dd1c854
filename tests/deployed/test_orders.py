"""Orders put on the bus, counted in figures that HTTP shows: rule, queue, worker and their rights."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.local.stack import LocalStack
from infra.settings import BUS_OUTPUT
from tests.api import CUSTOMERS
from tests.builders import new_email
from tests.deployed.conditions import eventually
from tests.deployed.http_api import HttpApi

Place = Callable[..., None]


@pytest.fixture
def place(stack: LocalStack, demo: Any) -> Place:
    """Put an order of the tenant `demo` on the bus, as another service would."""

    def put(detail_type: str, **detail: Any) -> None:
        order = {"tenantId": "demo", "created_at": "2026-11-20T10:00:00Z", **detail}
        entry = {
            "EventBusName": stack.outputs[BUS_OUTPUT],
            "Source": "shop",
            "DetailType": detail_type,
            "Detail": json.dumps(order),
        }
        answer = stack.emulator.client("events").put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0

    return put


def with_spend(api: HttpApi, customer_id: str, spend: str, **figures: str) -> dict[str, Any]:
    """The customer, once the figures say so."""
    wanted = {"totalSpend": spend, **figures}

    def found() -> dict[str, Any] | None:
        customer = api.customer(customer_id)
        return customer if wanted.items() <= customer.items() else None

    return eventually(found)


def test_an_order_its_update_and_its_move_to_another_customer(api: HttpApi, place: Place) -> None:
    ref, order_ref = new_email(), new_email()
    customer, other = api.create(customerRef=ref), api.create()
    etag = api.get(f"{CUSTOMERS}/{customer['id']}").headers["etag"]

    place("OrderPlaced", orderRef=order_ref, customerRef=ref, totalAmount=120.5)
    placed = with_spend(api, customer["id"], "120.50")
    assert (placed["totalOrders"], placed["lastOrderRef"]) == ("1", order_ref)
    assert placed["lastModifiedDate"] == customer["lastModifiedDate"]
    assert api.get(f"{CUSTOMERS}/{customer['id']}").headers["etag"] == etag

    order = {"orderRef": order_ref, "totalAmount": "120.5", "refundedAmount": "20"}
    place("OrderUpdated", **order, email=customer["email"], updated_at="2099-01-01T00:00:00Z")
    assert with_spend(api, customer["id"], "100.50")["lifetimeOrderValue"] == "120.50"

    place("OrderUpdated", **order, customerId=other["id"], updated_at="2099-01-02T00:00:00Z")
    with_spend(api, other["id"], "100.50")
    assert api.customer(customer["id"]) == customer


def test_what_the_platform_says_of_its_orders_in_several_currencies(api: HttpApi, place: Place) -> None:
    ref = new_email()
    customer = api.create(customerRef=ref)

    def placed(number: int, **order: Any) -> None:
        place("OrderPlaced", orderRef=f"{ref}-{number}", customerRef=ref, **order)

    placed(1, totalAmount=9000, currencyCode="JPY", orderStatus="PAID", paymentStatus="PAID")
    with_spend(api, customer["id"], "9000.00")
    placed(2, totalAmount=5, currencyCode="JPY", orderStatus="CANCELLED", cancelled=True)
    placed(3, totalAmount=5, currencyCode="JPY", paymentStatus="VOIDED", cancelled=False)
    placed(4, totalAmount=80.5, currencyCode="aud", orderStatus="RETURNED", returned=True)
    placed(5, totalAmount=19.5, currencyCode="AUD", cancelled="false", returned="")

    # The last order may be counted before the one that was returned.
    figures = {"orderFiguresCurrency": "AUD", "totalOrders": "2", "lifetimeOrderValue": "100.00"}
    with_spend(api, customer["id"], "19.50", **figures)


def test_an_order_that_comes_before_its_customer_is_counted_when_the_customer_comes(
    api: HttpApi, place: Place
) -> None:
    email = new_email()
    place("OrderPlaced", orderRef=email, email=email, totalAmount=5)
    # Behind the first one in the queue: once this is counted, the other has been tried.
    known = api.create()
    place("OrderPlaced", orderRef=new_email(), customerId=known["id"], totalAmount=1)
    with_spend(api, known["id"], "1.00")

    customer = api.create(email=email)

    assert with_spend(api, customer["id"], "5.00")["lastOrderRef"] == email


def test_what_is_no_order_waits_with_the_dead_letters(api: HttpApi, stack: LocalStack, place: Place) -> None:
    sqs = stack.emulator.client("sqs")
    urls = sqs.list_queues()["QueueUrls"]
    queue = next(url for url in urls if "OrdersQueue" in url)
    dead_letters = next(url for url in urls if "OrdersDeadLetters" in url)
    before = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["RedrivePolicy"])["Attributes"]
    soon = json.loads(before["RedrivePolicy"]) | {"maxReceiveCount": 2}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": json.dumps(soon)})
    marker = new_email()

    place("OrderPlaced", orderRef=marker, totalAmount="much", customerRef="C1")

    def dead() -> list[str]:
        found = sqs.receive_message(QueueUrl=dead_letters, MaxNumberOfMessages=10).get("Messages", [])
        return [message["Body"] for message in found]

    try:
        (letter,) = eventually(dead)
    finally:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes=before)
    assert json.loads(letter)["detail"]["orderRef"] == marker
