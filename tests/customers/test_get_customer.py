"""GET of one customer: by id, customerRef, email and alternateCustomerRef."""

from typing import Any

import pytest

from functions.customers.item import claim_key
from functions.shared import dynamo
from functions.shared.dynamo import Write
from tests.api import CUSTOMERS, Api, value

LOOKUPS = {
    "id": "",
    "customerRef": "/ref",
    "email": "/email",
    "alternateCustomerRef": "/alternateCustomerRef",
}


def url(field: str, identifier: str) -> str:
    return f"{CUSTOMERS}/{value(identifier)}{LOOKUPS[field]}"


@pytest.fixture
def customer(api: Api) -> dict[str, Any]:
    return api.create(email="Zoë+1@example.com", customerRef="a/b c%25+d", alternateCustomerRef="№ 7")


@pytest.mark.parametrize("field", LOOKUPS)
def test_every_lookup_shows_the_customer_and_its_tag(api: Api, customer: dict[str, Any], field: str) -> None:
    reply = api.get(url(field, customer[field]))

    assert (reply.status, reply.json, reply.headers["etag"]) == (200, customer, '"1"')


@pytest.mark.parametrize("field", LOOKUPS)
@pytest.mark.parametrize("identifier", ["nobody", "x" * 3000, " ", "\x00", "%", "é" * 254])
def test_an_unknown_identifier_is_not_found(api: Api, field: str, identifier: str) -> None:
    reply = api.get(url(field, identifier))

    assert (reply.status, reply.json["code"]) == (404, "not_found")


def test_a_trailing_slash_is_the_same_resource(api: Api, customer: dict[str, Any]) -> None:
    assert api.get(url("id", customer["id"]) + "/").json == customer
    assert api.get(url("email", customer["email"]) + "/").json == customer


def test_an_email_is_found_in_any_case_and_a_reference_only_in_its_own(api: Api) -> None:
    api.create(email="Ann@Example.com", customerRef="C1")

    assert api.get(url("email", "aNN@eXAMPLE.COM")).status == 200
    assert api.get(url("customerRef", "c1")).status == 404


def test_path_values_are_decoded_once(api: Api, customer: dict[str, Any]) -> None:
    assert api.get(f"{CUSTOMERS}/Zo%C3%AB+1@example.com/email").json == customer
    assert api.get(f"{CUSTOMERS}/Zo%C3%AB%2B1%40example.com/email").json == customer
    assert api.get(f"{CUSTOMERS}/a%2Fb%20c%2525+d/ref").json == customer
    assert api.get(f"{CUSTOMERS}/a%2Fb%20c%25+d/ref").status == 404


@pytest.mark.parametrize("stale", ["empty", "someone else"])
@pytest.mark.parametrize("field", [field for field in LOOKUPS if field != "id"])
def test_a_stale_index_hides_nobody_and_shows_nobody_else(
    api: Api, customer: dict[str, Any], field: str, stale: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = api.create()
    entries = {"empty": [], "someone else": [{"customerKey": f"demo#{other['id']}"}]}
    monkeypatch.setattr(dynamo, "query", lambda *_, **__: {"Items": entries[stale]})

    assert api.get(url(field, customer[field])).json == customer
    assert api.get(url(field, "x@example.com")).status == 404


def test_a_lookup_costs_two_reads_and_a_get_by_id_one(
    api: Api, customer: dict[str, Any], dynamo_calls: list[str]
) -> None:
    dynamo_calls.clear()

    api.get(url("id", customer["id"]))
    api.get(url("email", customer["email"]))

    assert dynamo_calls == ["get_item", "query", "get_item"]


@pytest.mark.parametrize("by", ["ref", "email", "alternateCustomerRef"])
def test_a_value_longer_than_any_key_is_nobodys(api: Api, by: str) -> None:
    for text in ("x" * 3000, "\U0001d160" * 254):
        assert api.get(f"{CUSTOMERS}/{value(text)}/{by}").status == 404


def test_a_value_that_moves_on_between_two_reads_is_never_shown_with_its_former_owner(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    former, later = api.create(customerRef="R"), api.create()
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr("functions.customers.directory._in_index", lambda *_: None)
    real = dynamo.get
    moved: list[bool] = []

    def get(table: str, key: dict[str, Any]) -> Any:
        found = real(table, key)
        if table == "claims" and not moved:
            moved.append(True)
            api.put(f"{CUSTOMERS}/{former['id']}", json_body={"customerRef": None})
            api.put(f"{CUSTOMERS}/{later['id']}", json_body={"customerRef": "R"})
        return found

    monkeypatch.setattr(dynamo, "get", get)

    assert api.get(f"{CUSTOMERS}/R/ref").json["id"] == later["id"]


@pytest.mark.parametrize("field", ["id", "customerRef", "email", "alternateCustomerRef"])
def test_a_version_the_caller_has_is_not_sent_again(api: Api, customer: dict[str, Any], field: str) -> None:
    where = url(field, customer[field])
    tag = api.get(where).headers["etag"]

    known = api.get(where, headers={"If-None-Match": f'"7", W/{tag}'})
    assert (known.status, known.text, known.headers["etag"]) == (304, "", tag)

    api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"firstName": "New"})
    changed = api.get(where, headers={"If-None-Match": tag})
    assert (changed.status, changed.json["firstName"]) == (200, "New")


@pytest.mark.parametrize("field", ["id", "customerRef", "email", "alternateCustomerRef"])
def test_a_head_is_a_get_without_its_body(api: Api, customer: dict[str, Any], field: str) -> None:
    where = url(field, customer[field])

    got, head = api.get(where), api.send("HEAD", where)

    assert (head.status, head.text, head.headers) == (200, "", got.headers)
    assert api.send("HEAD", url(field, "nobody@example.com")).status == 404


def test_naming_nobody_is_refused(api: Api) -> None:
    assert api.get(f"{CUSTOMERS}?email=").status == 400


def test_a_reference_is_measured_in_bytes(api: Api, dynamo_calls: list[str]) -> None:
    dynamo_calls.clear()

    assert api.get(f"{CUSTOMERS}/{value('€' * 700)}/ref").status == 404
    assert dynamo_calls == []


def test_a_claim_whose_owner_never_shows_the_value_is_a_conflict(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = api.create(customerRef="R")
    monkeypatch.setattr("time.sleep", lambda _: None)
    dynamo.write(
        Write("Put", "claims", claim_key("demo", "customerRef", "S") | {"customerId": customer["id"]})
    )

    reply = api.get(f"{CUSTOMERS}/S/ref")

    assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (409, "conflict", "1")
