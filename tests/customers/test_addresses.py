"""POST and DELETE of one address of a customer."""

from typing import Any

import pytest

from tests.api import CUSTOMERS, Api
from tests.interference import before


@pytest.fixture
def customer(api: Api) -> dict[str, Any]:
    return api.create(customerRef="C1", addresses=[{"addressID": "home", "city": "Perth"}])


def url(customer: dict[str, Any]) -> str:
    return f"{CUSTOMERS}/{customer['id']}/address"


def test_an_address_is_added_beside_the_others(api: Api, customer: dict[str, Any]) -> None:
    reply = api.post(url(customer), json_body={"city": "Hobart", "countryCode": "au", "name": " "})

    assert reply.status == 201
    assert reply.json == {"city": "Hobart", "countryCode": "AU", "addressID": reply.json["addressID"]}
    assert reply.headers["etag"] == '"2"'
    assert api.customer(customer["id"])["addresses"] == [*customer["addresses"], reply.json]


def test_the_customer_may_be_named_by_any_identifier(api: Api, customer: dict[str, Any]) -> None:
    assert api.post(f"{CUSTOMERS}/customerRef=C1/address", json_body={"city": "Hobart"}).status == 201
    assert api.delete(f"{CUSTOMERS}/customerRef=C1/address/home").status == 204
    assert [one["city"] for one in api.customer(customer["id"])["addresses"]] == ["Hobart"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, []),
        ({"city": " "}, []),
        ({"countryCode": "ZZ"}, ["countryCode"]),
        ({"addressID": "home"}, ["addressID"]),
    ],
)
def test_a_wrong_address_is_refused(
    api: Api, customer: dict[str, Any], body: dict[str, Any], fields: list[str]
) -> None:
    reply = api.post(url(customer), json_body=body)

    assert (reply.status, reply.fields) == (400, fields)
    assert api.customer(customer["id"]) == customer


def test_no_customer_has_more_than_fifty(api: Api) -> None:
    customer = api.create(addresses=[{"city": "x"}] * 49)

    assert api.post(url(customer), json_body={"city": "x"}).status == 201
    assert api.post(url(customer), json_body={"city": "x"}).status == 400


def test_an_address_is_taken_away(api: Api, customer: dict[str, Any]) -> None:
    assert api.delete(f"{url(customer)}/home").status == 204
    assert api.customer(customer["id"])["addresses"] == []
    assert api.delete(f"{url(customer)}/home").status == 404


def test_nobodys_addresses_are_not_found(api: Api, customer: dict[str, Any]) -> None:
    assert api.post(f"{CUSTOMERS}/nobody/address", json_body={"city": "x"}).status == 404
    assert Api("other").post(url(customer), json_body={"city": "x"}).status == 404
    assert Api("other").delete(f"{url(customer)}/home").status == 404


def test_if_match_guards_both(api: Api, customer: dict[str, Any]) -> None:
    stale = {"If-Match": '"7"'}

    assert api.post(url(customer), json_body={"city": "x"}, headers=stale).status == 412
    assert api.delete(f"{url(customer)}/home", headers=stale).status == 412
    assert api.customer(customer["id"]) == customer


def test_an_address_added_meanwhile_stays(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before(monkeypatch, "write", lambda: api.post(url(customer), json_body={"city": "Hobart"}))

    api.post(url(customer), json_body={"city": "Darwin"})

    cities = [one["city"] for one in api.customer(customer["id"])["addresses"]]
    assert cities == ["Perth", "Hobart", "Darwin"]
