"""DELETE /api/v2/customer/notes, by every way to name the customer; and what a worker does the same way."""

from typing import Any

import pytest

from functions.notes import store as notes
from functions.shared import dynamo
from functions.shared.errors import UnavailableError
from tests.api import NOTE, NOTES, Api
from tests.notes.conftest import AddNote, delete_customer, stored_notes, texts
from tests.notes.test_list_notes import WAYS


@pytest.mark.parametrize("way", WAYS)
def test_all_notes_of_the_customer_go_and_no_others(
    api: Api, customer: dict[str, Any], add_note: AddNote, way: str
) -> None:
    other = api.create()
    gone = [add_note("one"), add_note("two")]
    add_note("of another", about=other["id"])

    reply = api.delete(NOTES + way.format_map(customer))

    assert (reply.status, reply.json) == (200, {"deleted": 2})
    assert [api.get(f"{NOTE}/{note['id']}").status for note in gone] == [404, 404]
    assert texts(api, customer) == []
    assert texts(api, other) == ["of another"]


def test_a_second_delete_finds_none(api: Api, customer: dict[str, Any], note: dict[str, Any]) -> None:
    assert api.delete(f"{NOTES}/{customer['id']}").json == {"deleted": 1}
    assert api.delete(f"{NOTES}/{customer['id']}").json == {"deleted": 0}


def test_more_notes_than_one_batch_or_one_query_holds_go_at_once(
    api: Api, customer: dict[str, Any], add_note: AddNote, dynamo_calls: list[str]
) -> None:
    for _ in range(63):
        add_note("😀" * 5000)
    dynamo_calls.clear()

    reply = api.delete(f"{NOTES}/{customer['id']}")

    assert reply.json == {"deleted": 63}
    assert stored_notes() == []
    assert dynamo_calls.count("batch_write_item") <= 3 + dynamo_calls.count("query") - 1


def test_a_few_notes_cost_the_lookup_a_query_and_a_batch(
    api: Api, customer: dict[str, Any], add_note: AddNote, dynamo_calls: list[str]
) -> None:
    for _ in range(25):
        add_note()

    dynamo_calls.clear()
    api.delete(f"{NOTES}?id={customer['id']}")
    assert dynamo_calls == ["get_item", "query", "batch_write_item"]

    dynamo_calls.clear()
    api.delete(f"{NOTES}?id={customer['id']}")
    assert dynamo_calls == ["get_item", "query"]


def test_notes_left_undeleted_are_sent_again(
    api: Api, customer: dict[str, Any], add_note: AddNote, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        add_note()
    real = dynamo.call

    def half_done(operation: str, **arguments: Any) -> Any:
        if operation != "batch_write_item":
            return real(operation, **arguments)
        first, *rest = arguments["RequestItems"]["notes"]
        real(operation, RequestItems={"notes": [first]})
        return {"UnprocessedItems": {"notes": rest} if rest else {}}

    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(dynamo, "call", half_done)

    assert api.delete(f"{NOTES}/{customer['id']}").json == {"deleted": 3}
    assert stored_notes() == []


def test_notes_that_stay_undeleted_are_unavailable(
    api: Api, customer: dict[str, Any], note: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = dynamo.call

    def refusing(operation: str, **arguments: Any) -> Any:
        if operation != "batch_write_item":
            return real(operation, **arguments)
        return {"UnprocessedItems": arguments["RequestItems"]}

    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(dynamo, "call", refusing)

    reply = api.delete(f"{NOTES}/{customer['id']}")

    assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (503, "unavailable", "1")
    assert texts(api, customer) == ["Likes blue"]


@pytest.mark.parametrize("way", ["/nobody", "/email=nobody@example.com", "?customerRef=nobody"])
def test_an_unknown_customer_is_not_found(api: Api, customer: dict[str, Any], way: str) -> None:
    assert api.delete(NOTES + way).status == 404


@pytest.mark.parametrize("query", ["", "?id=", "?customerId=x", "?Email=ann%2B1@example.com"])
def test_naming_nobody_is_refused(
    api: Api, customer: dict[str, Any], note: dict[str, Any], query: str
) -> None:
    assert api.delete(NOTES + query).status == 400
    assert texts(api, customer) == ["Likes blue"]


def test_another_tenant_deletes_nothing(api: Api, customer: dict[str, Any], note: dict[str, Any]) -> None:
    other = Api("other")
    other.create(customerRef=customer["customerRef"])

    assert other.delete(f"{NOTES}/{customer['id']}").status == 404
    assert other.delete(f"{NOTES}/customerRef=a%2Fb%2525%3Dc").json == {"deleted": 0}
    assert texts(api, customer) == ["Likes blue"]


def test_a_deleted_customers_notes_are_out_of_reach_here(
    api: Api, customer: dict[str, Any], note: dict[str, Any]
) -> None:
    delete_customer(api, customer)

    assert api.delete(f"{NOTES}/{customer['id']}").status == 404


def test_a_worker_deletes_a_deleted_customers_notes_however_often_it_is_told(
    api: Api, customer: dict[str, Any], add_note: AddNote
) -> None:
    other = api.create()
    for _ in range(30):
        add_note()
    add_note("of another", about=other["id"])
    delete_customer(api, customer)

    assert notes.delete_all("other", customer["id"]) == 0
    assert notes.delete_all("demo", customer["id"]) == 30
    assert notes.delete_all("demo", customer["id"]) == 0
    assert texts(api, other) == ["of another"]


def test_a_worker_that_was_stopped_half_way_finishes_when_told_again(
    api: Api, customer: dict[str, Any], add_note: AddNote, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(30):
        add_note()
    real = dynamo.call
    batches: list[str] = []

    def failing(operation: str, **arguments: Any) -> Any:
        if operation == "batch_write_item":
            batches.append(operation)
            if len(batches) == 2:
                raise UnavailableError
        return real(operation, **arguments)

    monkeypatch.setattr(dynamo, "call", failing)

    with pytest.raises(UnavailableError):
        notes.delete_all("demo", customer["id"])
    assert notes.delete_all("demo", customer["id"]) == 5
    assert stored_notes() == []
