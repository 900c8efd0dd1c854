"""One bound for a customer, however it is written: whatever an answer shows can be sent back."""

import json
from typing import Any

import pytest

from functions.customers.customer import (
    ANSWER_FIELDS,
    INTERNAL_FIELDS,
    Customer,
    changed_customer,
    new_customer,
)
from functions.customers.item import customer_item, live
from functions.customers.size import MAX_CUSTOMER_BYTES, customer_bytes
from functions.orders.figures import MAX_FIGURES_BYTES
from functions.shared.endpoint import MAX_BODY_BYTES
from functions.shared.item import item_bytes
from tests.api import CUSTOMERS, UPLOADS, Api, Reply
from tests.builders import new_email
from tests.orders.events import deliver, event
from tests.orders.kept import stored

DYNAMODB_ITEM_BYTES = 400 * 1024
LETTERS = ["x", "\u00e9", "\U0001d160", '"', "x\n"]


def body(letter: str, size: int) -> dict[str, Any]:
    """A create whose attributes take about so many bytes of JSON in UTF-8."""
    one = len(json.dumps(letter, ensure_ascii=False).encode()) - 2
    attributes = {"a": letter * (size // one)}
    return {
        "email": new_email(),
        "addresses": [{"city": "x"}] * 50,
        "attributeGroups": {"g": {"attributes": attributes}},
    }


def post(api: Api, fields: dict[str, Any], *, ascii_only: bool = True) -> Reply:
    return api.post(CUSTOMERS, text=json.dumps(fields, ensure_ascii=ascii_only))


def only_stored_customer() -> Customer:
    (item,) = stored("customers")
    customer = live(item)
    assert customer
    return customer


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_the_largest_customer_can_be_read_changed_and_sent_back_whole(
    api: Api, letter: str, ascii_only: bool
) -> None:
    created = post(api, body(letter, MAX_CUSTOMER_BYTES - 8 * 1024), ascii_only=ascii_only)
    assert created.status == 201, created.text[:200]
    url = f"{CUSTOMERS}/{created.json['id']}"

    shown = api.get(url)
    again = api.put(url, text=json.dumps(shown.json, ensure_ascii=ascii_only))
    changed = api.put(url, text=json.dumps(shown.json | {"firstName": "Ann"}, ensure_ascii=ascii_only))

    assert (again.status, again.json) == (200, shown.json)
    assert (changed.status, changed.json["firstName"]) == (200, "Ann")
    assert len(shown.text.encode()) < MAX_BODY_BYTES


def test_a_consent_withdrawn_and_given_again_takes_no_more_room() -> None:
    def opted(active: bool) -> dict[str, Any]:
        return {"optin_preferences": {"email": {"opt_in_active": active}}}

    now = "2026-11-27T00:00:00.000Z"
    customer = new_customer("id", {"email": new_email(), **opted(True)}, now=now, new_id=str)
    withdrawn = changed_customer(customer, opted(False), now=now, new_id=str)
    given_again = changed_customer(withdrawn, opted(True), now=now, new_id=str)

    assert customer_bytes(given_again) == customer_bytes(customer)


@pytest.mark.parametrize("letter", LETTERS)
def test_a_larger_one_is_refused_by_create_update_and_upload_alike(api: Api, letter: str) -> None:
    large = body(letter, MAX_CUSTOMER_BYTES)
    customer = api.create()

    replies = [
        post(api, large),
        api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"attributeGroups": large["attributeGroups"]}),
        api.post(UPLOADS, json_body=[large]),
    ]

    assert [reply.status for reply in replies] == [400, 400, 400]
    assert api.customer(customer["id"]) == customer


def test_what_the_service_keeps_with_a_customer_takes_none_of_its_room(api: Api) -> None:
    customer = api.create()
    api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"firstName": "Ann"})
    deliver(event(customerId=customer["id"]))

    kept = only_stored_customer()

    assert kept.keys() - set(ANSWER_FIELDS) == INTERNAL_FIELDS
    own = {name: value for name, value in kept.items() if name in ANSWER_FIELDS}
    assert customer_bytes(kept) == customer_bytes(own)


def test_an_item_with_order_figures_fits_dynamodb(api: Api) -> None:
    customer = {
        "id": "x",
        "version": 1,
        **body("x", MAX_CUSTOMER_BYTES - 8 * 1024),
        "customerRef": "\U0001d160" * 128,
    }

    assert customer_bytes(customer) <= MAX_CUSTOMER_BYTES
    assert item_bytes(customer_item("t" * 64, customer)) + MAX_FIGURES_BYTES < DYNAMODB_ITEM_BYTES
