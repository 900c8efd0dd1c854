"""What every route says of its query: a name it does not know never changes or shows somebody else."""

from typing import Any

import pytest

from tests.api import CUSTOMERS, NOTE, NOTES, Api, value
from tests.every_route.conftest import ROUTES, Call


def with_query(url: str, query: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{query}"


@pytest.mark.parametrize("route", ROUTES)
def test_an_unknown_name_is_refused_and_named_before_any_table_is_asked(
    route: str, calls: dict[str, Call], api: Api, dynamo_calls: list[str]
) -> None:
    call = calls[route]
    dynamo_calls.clear()

    reply = api.send(call.method, with_query(call.url, "customerref=C1&x=1"), json_body=call.json_body)

    assert (reply.status, sorted(reply.fields)) == (400, ["customerref", "x"])
    assert dynamo_calls == []


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("PUT", CUSTOMERS),
        ("DELETE", CUSTOMERS),
        ("GET", CUSTOMERS),
        ("GET", NOTES),
        ("DELETE", NOTES),
        ("GET", f"{CUSTOMERS}/search"),
    ],
)
def test_a_name_given_twice_with_two_values_is_refused(api: Api, method: str, url: str) -> None:
    api.create(email="a@example.com")
    name = "email"

    reply = api.send(method, f"{url}?{name}=a@example.com&{name}=b@example.com", json_body={"firstName": "x"})
    same = api.send(method, f"{url}?{name}=a@example.com&{name}=a@example.com", json_body={"firstName": "x"})

    assert (reply.status, reply.fields) == (400, [name])
    assert same.status < 300


NAMES = {
    "id": "{id}",
    "customerRef": "a%2Fb%2525%3Dc",
    "alternateCustomerRef": "A1",
    "email": "ann%2B1@example.com",
}


@pytest.fixture
def customer(api: Api) -> dict[str, Any]:
    return api.create(email="Ann+1@example.com", customerRef="a/b%25=c", alternateCustomerRef="A1")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["/{name}={value}", "?{name}={value}"])
@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", CUSTOMERS, 200),
        ("PUT", CUSTOMERS, 200),
        ("DELETE", CUSTOMERS, 204),
        ("GET", NOTES, 200),
        ("DELETE", NOTES, 200),
    ],
)
def test_each_identifier_names_the_customer_in_path_and_query(
    api: Api, customer: dict[str, Any], method: str, url: str, status: int, form: str, name: str
) -> None:
    where = form.format(name=name, value=NAMES[name].format_map(customer))

    reply = api.send(method, url + where, json_body={"firstName": "New"} if method == "PUT" else None)

    assert reply.status == status, reply.text


def test_a_path_that_names_the_customer_takes_no_other_name_in_the_query(
    api: Api, customer: dict[str, Any]
) -> None:
    other = api.create(customerRef="other")

    for method in ("GET", "PUT", "DELETE"):
        reply = api.send(
            method, f"{CUSTOMERS}/{customer['id']}?customerRef=other", json_body={"firstName": "x"}
        )
        assert (reply.status, reply.fields) == (400, ["customerRef"])
    assert api.customer(other["id"]) == other


def test_a_form_that_is_none_is_an_id_that_nobody_has(api: Api, customer: dict[str, Any]) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert api.send(method, f"{CUSTOMERS}/foo=bar", json_body={"firstName": "x"}).status == 404


def test_a_search_by_a_misspelt_or_unknown_criterion_is_refused(api: Api, customer: dict[str, Any]) -> None:
    for name in ("firstname", "customerRef", "e-mail"):
        reply = api.get(f"{CUSTOMERS}/search?{name}=x&email={value('ann+1@example.com')}")
        assert (reply.status, reply.fields) == (400, [name])


def test_page_size_is_another_name_for_limit(api: Api, customer: dict[str, Any]) -> None:
    for text in ("one", "two", "three"):
        api.post(NOTE, json_body={"customerId": customer["id"], "note": text})
    url = f"{NOTES}/{customer['id']}"

    assert len(api.get(f"{url}?pageSize=2").json) == 2
    assert len(api.get(f"{url}?pageSize=2&limit=2").json) == 2
    assert api.get(f"{url}?pageSize=2&limit=1").fields == ["pageSize"]
    assert api.get(f"{url}?pageSize=0").fields == ["pageSize"]


@pytest.mark.parametrize("name", ["id", "customerRef", "email"])
def test_damaged_bytes_in_what_names_a_customer_are_refused(api: Api, name: str) -> None:
    assert api.get(f"{CUSTOMERS}?{name}=caf%EF%BF%BD").fields == [name]
    assert api.get(f"{CUSTOMERS}/{name}=caf%E9").status == 400
    assert api.put(CUSTOMERS, json_body={name: "\ufffd"}).fields == [name]
