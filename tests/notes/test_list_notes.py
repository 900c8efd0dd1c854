"""GET /api/v2/customer/notes, by every way to name the customer."""

from typing import Any

import pytest

from functions.shared import clock, dynamo
from tests.api import CUSTOMERS, NOTE, NOTES, Api, Reply, next_url, value
from tests.notes.conftest import AddNote, delete_customer, texts

WAYS = [
    "/{id}",
    "/id={id}",
    "/customerRef=a%2Fb%2525%3Dc",
    "/email=ann%2B1%40example.com",
    "/email=ANN+1@example.com",
    "?id={id}",
    "?customerRef=a%2Fb%2525%3Dc",
    "?email=ann%2B1@example.com",
    "?email=ann+1@example.com",
    "?id={id}&customerRef=nobody",
    "/?id={id}",
]


def pages_from(api: Api, url: str) -> list[Reply]:
    pages = [api.get(url)]
    while link := next_url(pages[-1]):
        pages.append(api.get(link))
    return pages


@pytest.mark.parametrize("way", WAYS)
def test_a_customers_notes_are_listed_the_newest_first(
    api: Api, customer: dict[str, Any], add_note: AddNote, way: str
) -> None:
    first, second, third = add_note("one"), add_note("two"), add_note("three")
    add_note("of another", about=api.create()["id"])

    reply = api.get(NOTES + way.format_map(customer))

    assert (reply.status, reply.json) == (200, [third, second, first])
    assert "link" not in reply.headers


def test_an_update_does_not_move_a_note(api: Api, customer: dict[str, Any], add_note: AddNote) -> None:
    first, _ = add_note("one"), add_note("two")
    api.put(NOTE, json_body={"id": first["id"], "note": "one again"})

    assert texts(api, customer) == ["two", "one again"]


def test_notes_of_one_moment_are_all_there(
    api: Api, customer: dict[str, Any], add_note: AddNote, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    for number in range(5):
        add_note(str(number))

    assert sorted(texts(api, customer)) == ["0", "1", "2", "3", "4"]


def test_a_customer_without_notes_has_an_empty_list(api: Api, customer: dict[str, Any]) -> None:
    assert texts(api, customer) == []


@pytest.mark.parametrize("way", ["/nobody", "/email=nobody@example.com", "?customerRef=nobody", "?id=x"])
def test_an_unknown_customer_is_not_found(api: Api, customer: dict[str, Any], way: str) -> None:
    assert api.get(NOTES + way).status == 404


@pytest.mark.parametrize("query", ["", "?id=", "?customerId=x", "?Email=ann%2B1@example.com"])
def test_naming_nobody_is_refused(api: Api, customer: dict[str, Any], query: str) -> None:
    assert api.get(NOTES + query).status == 400


def test_another_tenant_sees_nothing(customer: dict[str, Any], note: dict[str, Any]) -> None:
    other = Api("other")
    theirs = other.create(customerRef=customer["customerRef"])

    assert other.get(f"{NOTES}/{customer['id']}").status == 404
    assert texts(other, theirs) == []


def test_records_of_requests_are_not_listed(api: Api, customer: dict[str, Any]) -> None:
    body = {"customerId": customer["id"], "note": "Likes blue"}
    api.post(NOTE, json_body=body, headers={"Idempotency-Key": "k1"})

    assert texts(api, customer) == ["Likes blue"]
    assert api.get(f"{NOTES}/id=request%23k1").status == 404


def test_a_new_customer_of_the_same_names_has_none_of_a_deleted_ones_notes(
    api: Api, customer: dict[str, Any], note: dict[str, Any]
) -> None:
    delete_customer(api, customer)
    assert api.get(f"{NOTES}/{customer['id']}").status == 404
    assert api.get(f"{NOTES}/email=ann%2B1@example.com").status == 404

    follower = api.create(email=customer["email"], customerRef=customer["customerRef"])

    assert texts(api, follower) == []
    assert api.get(f"{NOTES}/customerRef=a%2Fb%2525%3Dc").json == []


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 100])
@pytest.mark.parametrize("way", ["/{id}?", "/email=ann%2B1%40example.com?", "?customerRef=a%2Fb%2525%3Dc&"])
def test_the_pages_together_hold_every_note_once_in_order(
    api: Api, customer: dict[str, Any], add_note: AddNote, limit: int, way: str
) -> None:
    made = [add_note(str(number)) for number in range(6)]

    pages = pages_from(api, f"{NOTES}{way.format_map(customer)}limit={limit}")

    assert [note for page in pages for note in page.json] == made[::-1]
    assert len(pages) == -(-6 // limit)


def test_a_page_holds_a_hundred_of_the_longest_notes(
    api: Api, customer: dict[str, Any], add_note: AddNote
) -> None:
    # DynamoDB ends a Query at 1 MB, which is half of that.
    for _ in range(101):
        add_note("😀" * 5000, author="😀" * 256)

    pages = pages_from(api, f"{NOTES}/{customer['id']}")

    assert [len(page.json) for page in pages] == [100, 1]
    assert len(pages[0].text.encode()) < 4 * 1024 * 1024


def test_a_note_deleted_between_pages_does_not_break_them(
    api: Api, customer: dict[str, Any], add_note: AddNote
) -> None:
    for number in range(3):
        add_note(str(number))
    page = api.get(f"{NOTES}/{customer['id']}?limit=1")
    api.delete(f"{NOTE}/{page.json[0]['id']}")
    link = next_url(page)
    assert link

    assert [note["note"] for note in api.get(link).json] == ["1"]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1.5", "²"])
def test_a_limit_out_of_range_is_refused(api: Api, customer: dict[str, Any], limit: str) -> None:
    reply = api.get(f"{NOTES}/{customer['id']}?limit={limit}")

    assert (reply.status, reply.fields) == (400, ["limit"])


def test_a_page_token_is_bound_to_its_customer_and_cannot_be_changed(
    api: Api, customer: dict[str, Any], add_note: AddNote
) -> None:
    other = api.create()
    for _ in range(3):
        add_note()
        add_note(about=other["id"])
    link = next_url(api.get(f"{NOTES}?id={customer['id']}&limit=1"))
    assert link
    token = link.partition("nextToken=")[2]

    assert api.get(link).status == 200
    assert api.get(f"{NOTES}/customerRef=a%2Fb%2525%3Dc?nextToken={token}").status == 200
    for tampered in (
        link.replace(customer["id"], other["id"]),
        link[:-1] + ("A" if link[-1] != "A" else "B"),
        link[:-1],
        f"{link}A",
        f"{NOTES}/{customer['id']}?nextToken=",
        f"{NOTES}/{customer['id']}?nextToken=%FF%00",
        f"{CUSTOMERS}/search?lastName=Lee&nextToken={token}",
    ):
        reply = api.get(tampered)
        assert (reply.status, reply.fields) == (400, ["nextToken"]), tampered


@pytest.mark.parametrize(
    ("way", "calls"),
    [("/{id}", ["get_item"]), ("/email=ann+1@example.com", ["query", "get_item"])],
)
def test_a_list_costs_its_lookup_and_one_consistent_query(
    api: Api,
    customer: dict[str, Any],
    add_note: AddNote,
    dynamo_calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    calls: list[str],
) -> None:
    for _ in range(4):
        add_note()
    asked: list[dict[str, Any]] = []
    real = dynamo.query

    def recorded(table: str, **arguments: Any) -> Any:
        asked.append({"table": table, **arguments})
        return real(table, **arguments)

    monkeypatch.setattr(dynamo, "query", recorded)

    for limit in (2, 100):
        dynamo_calls.clear()
        api.get(f"{NOTES}{way.format_map(customer)}?limit={limit}")
        assert dynamo_calls == [*calls, "query"]
        assert (asked[-1]["table"], asked[-1]["ConsistentRead"]) == ("notes", True)


def test_the_next_page_of_a_customer_named_by_an_encoded_reference_is_found(api: Api) -> None:
    customer = api.create(customerRef="a/b c")
    for number in range(3):
        api.post(NOTE, json_body={"customerId": customer["id"], "note": str(number)})

    first = api.get(f"{NOTES}/customerRef={value('a/b c')}?limit=2")
    following = next_url(first)

    assert following is not None
    assert [note["note"] for note in api.get(following).json] == ["0"]
