"""GET /api/v2/customers/search."""

import json
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest

from functions.customers.item import customer_item
from functions.customers.keys import SEARCH_FIELDS, search_key
from functions.customers.search import search as search_page
from functions.shared import dynamo
from functions.shared.endpoint import JsonText
from functions.shared.paging import Page
from tests.api import CUSTOMERS, Api, Reply, next_url
from tests.tables import put_items


def search(api: Api, **query: Any) -> Reply:
    return api.get(f"{CUSTOMERS}/search?{urlencode(query)}")


def found(api: Api, **query: Any) -> set[str]:
    reply = search(api, **query)
    assert reply.status == 200, reply.text
    return {customer["id"] for customer in reply.json}


@pytest.fixture
def ann(api: Api) -> dict[str, Any]:
    api.create(firstName="Bob", lastName="Lee", mobile="0400 111 111", phone="9")
    return api.create(
        email="Ann+x@Example.com",
        firstName=" Ánn ",
        lastName="LEE",
        mobile="+61 (400) 000-000",
        phone="02 9999",
    )


@pytest.mark.parametrize(
    "query",
    [
        {"email": " ann+X@example.COM "},
        {"firstName": "a\u0301NN"},
        {"mobile": "61400000000"},
        {"phone": "0 2 9 9 9 9"},
        {"lastName": " lee ", "firstName": "ánn"},
        {"lastName": "Lee", "phone": "029999"},
        {
            "email": "ann+x@example.com",
            "mobile": "61400000000",
            "phone": "029999",
            "firstName": "Ánn",
            "lastName": "Lee",
        },
    ],
)
def test_all_criteria_match_as_the_contract_compares(
    api: Api, ann: dict[str, Any], query: dict[str, str]
) -> None:
    reply = search(api, **query)

    assert (reply.status, reply.json) == (200, [ann])
    assert "link" not in reply.headers


@pytest.mark.parametrize(
    "query",
    [
        {"email": "ann@example.com"},
        {"firstName": "An"},
        {"lastName": "Lee", "firstName": "Zed"},
        {"mobile": "61400000000", "lastName": "Smith"},
        {"email": "ann+x@example.com", "phone": "1"},
        {"mobile": "no digits"},
        {"firstName": "x" * 5000},
        {"email": "é" * 3000},
    ],
)
def test_one_criterion_that_does_not_match_finds_nobody(
    api: Api, ann: dict[str, Any], query: dict[str, str]
) -> None:
    assert found(api, **query) == set()


def test_a_plus_in_the_query_is_a_plus(api: Api, ann: dict[str, Any]) -> None:
    assert api.get(f"{CUSTOMERS}/search?email=ann+x@example.com").json == [ann]


@pytest.mark.parametrize(
    "query", [{}, {"email": " "}, {"firstName": "", "lastName": ""}, {"customerRef": "C1"}]
)
def test_no_criterion_is_refused(api: Api, query: dict[str, str]) -> None:
    assert search(api, **query).status == 400


def test_a_change_is_found_by_its_new_value_only(api: Api, ann: dict[str, Any]) -> None:
    api.put(f"{CUSTOMERS}/{ann['id']}", json_body={"mobile": None, "lastName": "Poe"})

    assert found(api, mobile="61400000000") == set()
    assert found(api, lastName="Poe") == {ann["id"]}


def test_another_tenants_customers_are_never_found(api: Api, ann: dict[str, Any]) -> None:
    assert found(Api("other"), lastName="Lee") == set()


def test_a_stale_index_never_shows_a_customer_that_no_longer_matches(
    api: Api, ann: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = api.create(lastName="Lee")
    api.delete(f"{CUSTOMERS}/{gone['id']}")
    stale = [{"customerKey": f"demo#{one['id']}"} for one in (gone, ann)]
    monkeypatch.setattr(dynamo, "query", lambda *_, **__: {"Items": stale})

    assert found(api, lastName="Lee") == {ann["id"]}
    assert found(api, lastName="Kay") == set()


@pytest.mark.parametrize(
    "query",
    [
        {"lastName": "Lee"},
        {"firstName": "Ann"},
        {"lastName": "Lee", "firstName": "Ann"},
        {"mobile": "04"},
        {"phone": "05"},
        {"phone": "05", "lastName": "Lee"},
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_the_pages_together_hold_everyone_once(api: Api, query: dict[str, str], limit: int) -> None:
    everyone = {api.create(lastName="Lee", firstName="Ann", mobile="04", phone="05")["id"] for _ in range(5)}
    pages = [search(api, **query, limit=limit)]
    while link := next_url(pages[-1]):
        pages.append(api.get(link))

    ids = [customer["id"] for page in pages for customer in page.json]
    assert (len(ids), set(ids)) == (5, everyone)
    assert len(pages) == -(-5 // limit)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1.5", "²"])
def test_a_limit_out_of_range_is_refused(api: Api, limit: str) -> None:
    assert search(api, lastName="Lee", limit=limit).fields == ["limit"]


def test_a_page_token_is_bound_to_tenant_and_criteria_and_cannot_be_changed(api: Api) -> None:
    for _ in range(2):
        api.create(lastName="Lee", firstName="Ann")
    link = next_url(search(api, lastName="Lee", limit=1))
    assert link is not None
    last = link[-1]

    assert api.get(link).status == 200
    assert api.get(link.replace("lastName=Lee", "lastName=lee")).status == 200
    for tampered in (
        link.replace("Lee", "Poe"),
        f"{link}&firstName=Ann",
        link[:-1] + ("A" if last != "A" else "B"),
        link[:-1],
        f"{link}A",
        f"{CUSTOMERS}/search?lastName=Lee&nextToken=",
        f"{CUSTOMERS}/search?lastName=Lee&nextToken=%FF%00",
    ):
        assert api.get(tampered).fields == ["nextToken"], tampered
    assert Api("other").get(link).fields == ["nextToken"]


def test_a_page_too_large_for_one_answer_is_cut_short_and_goes_on(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    everyone = {api.create(lastName="Lee", joinedStoreId="x" * 200)["id"] for _ in range(4)}
    monkeypatch.setattr("functions.customers.page.MAX_PAGE_BYTES", 1000)

    pages = [search(api, lastName="Lee")]
    while link := next_url(pages[-1]):
        pages.append(api.get(link))

    assert {customer["id"] for page in pages for customer in page.json} == everyone
    assert 1 < len(pages) <= 4


def test_a_page_of_customers_full_of_quotes_is_measured_as_lambda_hands_it_on(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.customers.page.MAX_PAGE_BYTES", 100_000)
    for _ in range(4):
        api.create(lastName="Quote", attributeGroups={"g": {"attributes": {"a": '"' * 9000}}})

    page = api.get(f"{CUSTOMERS}/search?lastName=quote")

    assert len(page.json) == 2
    assert len(json.dumps(page.text, ensure_ascii=False).encode()) < 100_000


def test_names_longer_than_any_key_find_who_has_them(api: Api) -> None:
    """Folding may make twelve bytes of a character; both names are in one key of an index."""
    long = {"firstName": "\U0001d160" * 256, "lastName": "\U0001d160" * 256}
    ann = api.create(**long)
    api.create(**long | {"firstName": "\U0001d160" * 255})

    for criteria in (long, {"firstName": long["firstName"]}):
        assert found(api, **criteria) == {ann["id"]}


@pytest.mark.parametrize("name", ["firstName", "lastName", "email", "mobile"])
def test_a_criterion_longer_than_any_key_finds_nobody(api: Api, name: str) -> None:
    for text in ("1" * 3000, "🎂" * 1000):
        reply = search(api, **{name: text})
        assert (reply.status, reply.json) == (200, [])


def test_matches_that_lie_behind_many_candidates_are_found_in_several_rounds(
    api: Api, dynamo_calls: list[str]
) -> None:
    for _ in range(12):
        api.create(mobile="04", lastName="Lee")
    wanted = {api.create(mobile="04", lastName="Poe")["id"] for _ in range(3)}
    dynamo_calls.clear()

    reply = search(api, mobile="04", lastName="Poe", limit=3)
    pages = [reply]
    while link := next_url(pages[-1]):
        pages.append(api.get(link))

    assert {one["id"] for page in pages for one in page.json} == wanted
    assert dynamo_calls.count("query") > len(pages)


def test_a_page_that_would_cost_too_many_rounds_is_short_and_goes_on(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.customers.page.MAX_ROUNDS", 1)
    for _ in range(4):
        api.create(mobile="04", lastName="Lee")
    wanted = api.create(mobile="04", lastName="Poe")["id"]

    pages = [search(api, mobile="04", lastName="Poe", limit=1)]
    while link := next_url(pages[-1]):
        pages.append(api.get(link))

    assert [one["id"] for page in pages for one in page.json] == [wanted]
    assert len(pages) >= 4


@pytest.mark.parametrize("fields", [*((field,) for field in SEARCH_FIELDS), ("lastName", "firstName")])
def test_every_search_goes_on_behind_a_position_of_its_own_index(api: Api, fields: tuple[str, ...]) -> None:
    """By the exact key of the index, which DynamoDB demands; no page of an email links so far."""
    value = "a@example.com" if "email" in fields else "0400"
    given = dict.fromkeys(fields, value)
    ids = sorted(api.create(**given)["id"] for _ in range(1 if "email" in fields else 3))

    def behind(position: str | None) -> list[str]:
        criteria = {field: search_key(field, value) for field in fields}
        found, _ = search_page("demo", criteria, Page(100, position), lambda one: JsonText(one["id"]))
        return [str(one) for one in found]

    assert sorted(behind(None)) == ids
    assert behind(ids[-1]) == []
    assert len(behind(ids[0])) == len(ids) - 1


def add_customers(number: int, **fields: Any) -> None:
    """So many customers as the table holds them, whom no request made."""
    some = ({"id": str(uuid.uuid4()), "version": 1, **fields} for _ in range(number))
    put_items("customers", (customer_item("demo", one) for one in some))


@pytest.mark.parametrize("namesakes", [1, 100, 10_000])
def test_both_names_are_found_at_one_price_however_many_share_the_last(
    api: Api, dynamo_costs: list[tuple[str, int]], namesakes: int
) -> None:
    wanted = {api.create(lastName="Lee", firstName="Zoë")["id"] for _ in range(3)}
    add_customers(namesakes, lastName="Lee", firstName="Ann")
    dynamo_costs.clear()

    pages = [search(api, lastName="lee", firstName="zoë", limit=2)]
    while link := next_url(pages[-1]):
        pages.append(api.get(link))

    assert [len(page.json) for page in pages] == [2, 1]
    assert {one["id"] for page in pages for one in page.json} == wanted
    assert dynamo_costs == [("query", 3), ("batch_get_item", 2), ("query", 1), ("batch_get_item", 1)]
