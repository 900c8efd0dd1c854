"""DELETE /api/v2/customers, by every way to name the customer."""

from typing import Any

import pytest

from functions.customers.item import customer_key
from functions.shared import dynamo
from tests.api import CUSTOMERS, Api
from tests.builders import document_sample
from tests.interference import before


@pytest.fixture
def customer(api: Api) -> dict[str, Any]:
    return api.create(**document_sample(customerRef="C1", alternateCustomerRef="A1"))


@pytest.mark.parametrize(
    "path",
    [
        "/{id}",
        "/id={id}",
        "/customerRef=C1",
        "/email=TEST@customer.com",
        "?id={id}",
        "?customerRef=C1",
        "/?id={id}",
    ],
)
def test_a_deleted_customer_is_gone_from_every_lookup(api: Api, customer: dict[str, Any], path: str) -> None:
    reply = api.delete(CUSTOMERS + path.format_map(customer))

    assert (reply.status, reply.text) == (204, "")
    for lookup in (customer["id"], "C1/ref", "test@customer.com/email", "A1/alternateCustomerRef"):
        assert api.get(f"{CUSTOMERS}/{lookup}").status == 404
    for query in ("email=test@customer.com", "mobile=623362386238", "firstName=FirstName"):
        assert api.get(f"{CUSTOMERS}/search?{query}").json == []


def test_its_values_are_free_at_once(api: Api, customer: dict[str, Any]) -> None:
    api.delete(f"{CUSTOMERS}/{customer['id']}")

    again = api.create(**document_sample(customerRef="C1", alternateCustomerRef="A1"))

    assert again["id"] != customer["id"]
    assert api.get(f"{CUSTOMERS}/C1/ref").json == again


def test_what_stays_holds_nothing_personal(api: Api, customer: dict[str, Any]) -> None:
    api.delete(f"{CUSTOMERS}/{customer['id']}")

    tombstone = dynamo.get("customers", customer_key("demo", customer["id"]))

    assert tombstone is not None
    assert tombstone.keys() == {"customerKey", "tenantId", "id", "version", "deletedDate"}
    assert tombstone["version"] == 2
    assert dynamo.call("scan", TableName="claims")["Items"] == []


def test_it_costs_a_read_and_a_write(api: Api, customer: dict[str, Any], dynamo_calls: list[str]) -> None:
    dynamo_calls.clear()

    assert api.delete(f"{CUSTOMERS}/{customer['id']}").status == 204

    assert dynamo_calls == ["get_item", "transact_write_items"]


def test_a_second_delete_finds_nothing(api: Api, customer: dict[str, Any]) -> None:
    assert api.delete(f"{CUSTOMERS}?id={customer['id']}").status == 204
    assert api.delete(f"{CUSTOMERS}?id={customer['id']}").status == 404


@pytest.mark.parametrize("query", ["", "?id=", "?mail=test@customer.com", "?customerref=C1"])
def test_naming_nobody_is_refused(api: Api, customer: dict[str, Any], query: str) -> None:
    assert api.delete(CUSTOMERS + query).status == 400
    assert api.customer(customer["id"]) == customer


def test_if_match_guards_the_delete(api: Api, customer: dict[str, Any]) -> None:
    url = f"{CUSTOMERS}/{customer['id']}"

    assert api.delete(url, headers={"If-Match": '"2"'}).status == 412
    assert api.customer(customer["id"]) == customer
    assert api.delete(url, headers={"If-Match": '"1"'}).status == 204


def test_a_change_made_meanwhile_does_not_leave_a_claim_behind(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{CUSTOMERS}/{customer['id']}"
    before(monkeypatch, "transact", lambda: api.put(url, json_body={"customerRef": "C2"}))

    assert api.delete(url).status == 204
    assert dynamo.call("scan", TableName="claims")["Items"] == []


@pytest.mark.parametrize("if_match", [None, '"1"'])
def test_a_change_between_a_deletes_read_and_write_is_not_deleted_unseen(
    api: Api, monkeypatch: pytest.MonkeyPatch, if_match: str | None
) -> None:
    customer = api.create()
    url = f"{CUSTOMERS}/{customer['id']}"
    before(monkeypatch, "transact", lambda: api.put(url, json_body={"customerRef": "new"}))

    reply = api.delete(url, headers={"If-Match": if_match} if if_match else None)

    if if_match:
        assert (reply.status, api.get(f"{CUSTOMERS}/new/ref").status) == (412, 200)
    else:
        assert (reply.status, api.get(f"{CUSTOMERS}/new/ref").status) == (204, 404)
        assert api.create(customerRef="new")


@pytest.mark.parametrize("way", ["/email=x@example.com", "?email=x@example.com", "/C1/ref"])
def test_whoever_took_the_value_over_meanwhile_is_not_deleted(
    api: Api, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    first, second = api.create(email="x@example.com", customerRef="C1"), api.create()
    monkeypatch.setattr("time.sleep", lambda _: None)

    def pass_on() -> None:
        api.put(f"{CUSTOMERS}/{first['id']}", json_body={"email": "y@example.com", "customerRef": "C2"})
        api.put(f"{CUSTOMERS}/{second['id']}", json_body={"email": "x@example.com", "customerRef": "C1"})

    before(monkeypatch, "transact", pass_on)

    reply = api.delete(CUSTOMERS + way)

    assert (reply.status, reply.headers["retry-after"]) == (409, "1")
    assert api.customer(first["id"])["email"] == "y@example.com"
    assert api.customer(second["id"])["email"] == "x@example.com"


def test_a_customer_is_deleted_by_its_reference(api: Api, customer: dict[str, Any]) -> None:
    assert api.delete(f"{CUSTOMERS}/C1/ref", headers={"If-Match": '"7"'}).status == 412
    assert api.delete(f"{CUSTOMERS}/C1/ref").status == 204
    assert api.get(f"{CUSTOMERS}/{customer['id']}").status == 404
    assert api.delete(f"{CUSTOMERS}/C1/ref").status == 404
