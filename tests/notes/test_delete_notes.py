"""DELETE /api/v2/customer/notes, by every way to name the customer; and the erasure that follows."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.erasure import erase_customer
from functions.events.changes import change_in
from functions.notes import store
from functions.shared import clock, dynamo
from functions.shared.errors import UnavailableError
from functions.shared.retry import ATTEMPTS
from tests.api import CUSTOMERS, NOTE, NOTES, Api, Reply, next_url
from tests.interference import before_call, contended
from tests.notes.conftest import AddNote, delete_customer, erase, store_notes, stored_notes, tally, texts
from tests.notes.test_list_notes import WAYS
from tests.streams import records


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


@pytest.mark.parametrize("number", [1, 100, 10_000])
def test_every_call_costs_the_same_before_and_after_a_delete_of_however_many(
    api: Api,
    customer: dict[str, Any],
    dynamo_costs: list[tuple[str, int]],
    number: int,
) -> None:
    store_notes(customer, number, counted=True)
    newest = f"{customer['id']}-{number - 1:024x}"

    def cost(reply: Callable[[], Reply]) -> tuple[int, list[tuple[str, int]]]:
        dynamo_costs.clear()
        return reply().status, list(dynamo_costs)

    def get() -> Reply:
        return api.get(f"{NOTE}/{newest}")

    def list_one() -> Reply:
        return api.get(f"{NOTES}?id={customer['id']}&limit=1")

    def create() -> Reply:
        return api.post(NOTE, json_body={"customerId": customer["id"], "note": "n"})

    assert cost(get) == (200, [("batch_get_item", 2)])
    assert cost(list_one) == (200, [("get_item", 1), ("query", min(number, 2))])
    dynamo_costs.clear()

    assert api.delete(f"{NOTES}?id={customer['id']}").json == {"deleted": number}

    assert dynamo_costs == [("get_item", 1), ("query", 1), ("transact_write_items", 1)]
    assert cost(get) == (404, [("batch_get_item", 2)])
    assert cost(list_one) == (200, [("get_item", 1), ("query", 0)])
    assert cost(create) == (200, [("get_item", 1), ("transact_write_items", 2)])
    assert cost(list_one) == (200, [("get_item", 1), ("query", 1)])
    assert len(texts(api, customer)) == 1


@pytest.mark.parametrize("counted", [True, False])
def test_notes_older_than_tallies_are_counted_once(
    api: Api, customer: dict[str, Any], dynamo_calls: list[str], *, counted: bool
) -> None:
    first = "" if counted else "query"
    store_notes(customer, 5, counted=counted)
    dynamo_calls.clear()

    made = api.post(NOTE, json_body={"customerId": customer["id"], "note": "n"}).json
    assert dynamo_calls == ["get_item", *filter(None, [first]), "transact_write_items"]
    dynamo_calls.clear()
    api.delete(f"{NOTE}/{made['id']}")
    assert dynamo_calls == ["batch_get_item", "transact_write_items"]

    assert tally(customer) == {"made": 6, "deleted": 1}
    assert api.delete(f"{NOTES}/{customer['id']}").json == {"deleted": 5}


def test_the_first_to_delete_one_or_all_counts_too(api: Api) -> None:
    one, another = api.create(), api.create()
    for customer in (one, another):
        store_notes(customer, 3, counted=False)

    assert api.delete(f"{NOTE}/{one['id']}-{0:024x}").status == 200
    assert [api.delete(f"{NOTES}/{customer['id']}").json for customer in (one, another)] == [
        {"deleted": 2},
        {"deleted": 3},
    ]


@pytest.mark.parametrize(
    ("call", "counted"), [*((call, True) for call in range(2)), *((call, False) for call in range(3))]
)
def test_a_note_made_while_all_are_deleted_lives(
    api: Api, customer: dict[str, Any], call: int, *, counted: bool
) -> None:
    store_notes(customer, 3, counted=counted)
    deleted: list[int] = []

    def delete_all() -> None:
        deleted.append(api.delete(f"{NOTES}/{customer['id']}").json["deleted"])

    with before_call(call, delete_all):
        assert api.post(NOTE, json_body={"customerId": customer["id"], "note": "new"}).status == 200

    assert deleted == [3]
    assert texts(api, customer) == ["new"]
    assert api.delete(f"{NOTES}/{customer['id']}").json == {"deleted": 1}


@pytest.mark.parametrize(
    ("call", "counted"), [*((call, True) for call in range(3)), *((call, False) for call in range(4))]
)
def test_two_who_delete_all_at_once_never_count_a_note_twice(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch, call: int, *, counted: bool
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    store_notes(customer, 3, counted=counted)
    deleted: list[int] = []

    def delete_all() -> None:
        deleted.append(api.delete(f"{NOTES}/{customer['id']}").json["deleted"])

    with before_call(call, delete_all):
        delete_all()

    assert deleted == [3, 0]


def test_a_clock_that_is_behind_makes_no_note_that_is_gone(
    api: Api, customer: dict[str, Any], note: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    api.delete(f"{NOTES}/{customer['id']}")
    behind = clock.now() - timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: behind)

    made = api.post(NOTE, json_body={"customerId": customer["id"], "note": "new"}).json

    assert api.get(f"{NOTE}/{made['id']}").json == made
    assert texts(api, customer) == ["new"]


def test_a_page_behind_notes_that_are_gone_is_empty(
    api: Api, customer: dict[str, Any], add_note: AddNote, dynamo_calls: list[str]
) -> None:
    for _ in range(3):
        add_note()
    link = next_url(api.get(f"{NOTES}/{customer['id']}?limit=1"))
    assert link
    api.delete(f"{NOTES}/{customer['id']}")
    add_note("new")
    dynamo_calls.clear()

    assert (api.get(link).status, api.get(link).json) == (200, [])
    # DynamoDB refuses a query that starts outside of what it asks for.
    assert dynamo_calls == ["get_item"] * 2


def test_a_key_whose_note_is_gone_makes_no_other(api: Api, customer: dict[str, Any]) -> None:
    def keyed() -> Reply:
        body = {"customerId": customer["id"], "note": "n"}
        return api.post(NOTE, json_body=body, headers={"Idempotency-Key": "k1"})

    assert keyed().status == 200
    api.delete(f"{NOTES}/{customer['id']}")

    assert (keyed().status, keyed().json["code"]) == (422, "idempotency_key_reused")


def test_losing_every_race_is_a_conflict_and_deletes_nothing(
    api: Api, customer: dict[str, Any], note: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    with monkeypatch.context() as patch:
        patch.setattr(dynamo, "transact", contended)
        assert api.delete(f"{NOTES}/{customer['id']}").status == 409

    assert texts(api, customer) == ["Likes blue"]
    assert len(waited) == ATTEMPTS


def test_a_customers_version_and_events_know_nothing_of_its_notes(
    api: Api, customer: dict[str, Any], note: dict[str, Any]
) -> None:
    api.delete(f"{NOTES}/{customer['id']}")

    assert api.get(f"{CUSTOMERS}/{customer['id']}").headers["etag"] == '"1"'
    assert [change.type for record in records() if (change := change_in(record))] == ["CustomerCreated"]


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


def test_the_erasure_takes_what_is_gone_out_of_the_table_and_nothing_else(
    api: Api, customer: dict[str, Any], add_note: AddNote
) -> None:
    other = api.create()
    add_note("of another", about=other["id"])
    for _ in range(30):
        add_note("gone")
    api.delete(f"{NOTES}/{customer['id']}")
    add_note("new")

    for _ in range(2):
        assert erase() == []
        assert "gone" not in str(stored_notes())
    assert (texts(api, customer), texts(api, other)) == (["new"], ["of another"])


def test_an_erasure_that_ends_at_any_call_goes_on_where_it_was(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for failing in itertools.count():
        customer = api.create()
        store_notes(customer, 60, counted=True)
        api.delete(f"{NOTES}/{customer['id']}")
        api.post(NOTE, json_body={"customerId": customer["id"], "note": "new"})
        failed: list[bool] = []

        def end(failed: list[bool] = failed) -> None:
            failed.append(True)
            raise UnavailableError

        with before_call(failing, end):
            again = erase(customer["id"])
        assert bool(again) == bool(failed)
        assert erase(customer["id"]) == []
        assert [note["note"]["S"] for note in stored_notes() if customer["id"] in str(note)] == ["new"]
        if not failed:
            break
    assert failing > 3


def test_an_invocation_erases_so_many_notes_and_asks_to_go_on(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erase_customer, "MAX_NOTES", 50)
    other = api.create()
    for one in (customer, other):
        store_notes(one, 40, counted=True)
        api.delete(f"{NOTES}/{one['id']}")

    assert len(erase()) == 1
    assert erase() == []
    assert stored_notes() == []


def test_a_deleted_customers_notes_are_erased_however_often_the_worker_is_told(
    api: Api, customer: dict[str, Any], add_note: AddNote
) -> None:
    other = api.create()
    for _ in range(30):
        add_note()
    add_note("of another", about=other["id"])
    delete_customer(api, customer)

    assert store.erase("other", customer["id"], through=None, most=100) == 0
    assert store.erase("demo", customer["id"], through=None, most=100) == 30
    assert store.erase("demo", customer["id"], through=None, most=100) == 0
    assert texts(api, other) == ["of another"]


def test_an_erasure_of_more_than_it_is_to_take_stops_in_between(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    store_notes(customer, 8, counted=True)
    real = dynamo.query
    monkeypatch.setattr(dynamo, "query", lambda table, **more: real(table, **more | {"Limit": 3}))

    assert store.erase("demo", customer["id"], through=None, most=4) == 6
    assert store.erase("demo", customer["id"], through=None, most=4) == 2


def test_notes_left_unerased_by_a_batch_are_sent_again(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    store_notes(customer, 3, counted=True)
    api.delete(f"{NOTES}/{customer['id']}")
    real = dynamo.call

    def half_done(operation: str, **arguments: Any) -> Any:
        if operation != "batch_write_item":
            return real(operation, **arguments)
        first, *rest = arguments["RequestItems"]["notes"]
        real(operation, RequestItems={"notes": [first]})
        return {"UnprocessedItems": {"notes": rest} if rest else {}}

    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(dynamo, "call", half_done)

    assert erase() == []
    assert stored_notes() == []
