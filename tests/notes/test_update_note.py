"""PUT /api/v2/customer/note."""

from typing import Any

import pytest

from functions.shared import dynamo
from tests.api import NOTE, NOTES, Api, Reply
from tests.interference import before, contended
from tests.notes.conftest import delete_customer, no_such_note, stored_notes, texts


def put(api: Api, note: dict[str, Any], /, **changes: Any) -> Reply:
    return api.put(NOTE, json_body={"id": note["id"], **changes})


@pytest.mark.parametrize(
    "changes", [{"note": "Likes red"}, {"author": "Kim"}, {"note": "Likes red", "author": "Kim"}]
)
def test_what_is_given_changes_and_the_rest_stays(
    api: Api, note: dict[str, Any], changes: dict[str, str]
) -> None:
    reply = put(api, note, **changes)

    assert reply.status == 200
    assert reply.json == {**note, **changes, "lastModifiedDate": reply.json["lastModifiedDate"]}
    assert reply.json["lastModifiedDate"] > note["lastModifiedDate"]
    assert api.get(f"{NOTE}/{note['id']}").json == reply.json


def test_null_clears_the_author(api: Api, note: dict[str, Any]) -> None:
    cleared = put(api, note, author=None).json

    assert cleared.keys() == note.keys() - {"author"}
    assert api.get(f"{NOTE}/{note['id']}").json == cleared
    assert put(api, note, author=None).json["note"] == "Likes blue"
    assert put(api, note, author="Kim").json["author"] == "Kim"


def test_getting_changing_and_putting_the_whole_note_back_works(api: Api, note: dict[str, Any]) -> None:
    whole = api.get(f"{NOTE}/{note['id']}").json | {
        "note": "Likes red",
        "createdDate": "1999",
        "customerId": "nobody",
        "customerRef": [],
        "noteKey": "x",
    }

    changed = api.put(NOTE, json_body=whole).json

    assert changed == note | {"note": "Likes red", "lastModifiedDate": changed["lastModifiedDate"]}


def test_an_update_must_give_something(api: Api, note: dict[str, Any]) -> None:
    reply = put(api, note)

    assert (reply.status, reply.fields) == (400, ["note", "author"])


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": ""}, {"id": []}, {"id": "half\ud800"}])
def test_an_update_must_name_its_note(api: Api, note: dict[str, Any], body: dict[str, Any]) -> None:
    reply = api.put(NOTE, json_body={**body, "note": "Likes red"})

    assert (reply.status, reply.fields) == (400, ["id"])


def test_every_wrong_field_is_named_at_once(api: Api) -> None:
    assert set(api.put(NOTE, json_body={}).fields) == {"id", "note", "author"}
    assert set(api.put(NOTE, json_body={"note": None, "author": {}}).fields) == {"id", "note", "author"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("note", None),
        ("note", ""),
        ("note", "x" * 5001),
        ("note", ["x"]),
        ("note", "nul\x00"),
        ("note", "half\ud800"),
        ("author", "x" * 257),
        ("author", {}),
        ("author", "nul\x00"),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(
    api: Api, note: dict[str, Any], field: str, value: Any
) -> None:
    reply = put(api, note, **{field: value})

    assert (reply.status, reply.json["code"], reply.fields) == (400, "invalid_request", [field])
    assert api.get(f"{NOTE}/{note['id']}").json == note


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "[" * 5000, '{"id":NaN}', "\x00"])
def test_a_body_that_is_no_json_object_is_refused(api: Api, note: dict[str, Any], text: str) -> None:
    assert api.put(NOTE, text=text).status == 400


def test_a_note_that_is_not_there_is_not_found_and_not_made(
    api: Api, customer: dict[str, Any], note: dict[str, Any]
) -> None:
    before = stored_notes()

    for wrong in no_such_note(customer):
        reply = api.put(NOTE, json_body={"id": wrong, "note": "Likes red"})
        assert reply.status == (400 if "\x00" in wrong else 404), wrong
    assert stored_notes() == before


def test_another_tenant_changes_nothing(api: Api, note: dict[str, Any]) -> None:
    assert put(Api("other"), note, note="Likes red").status == 404
    assert api.get(f"{NOTE}/{note['id']}").json == note


def test_a_note_of_a_deleted_customer_is_not_found(
    api: Api, customer: dict[str, Any], note: dict[str, Any]
) -> None:
    delete_customer(api, customer)

    assert put(api, note, note="Likes red").status == 404


def test_updates_of_different_fields_at_once_both_stay(
    api: Api, note: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before(monkeypatch, "transact", lambda: put(api, note, author="Kim"))

    changed = put(api, note, note="Likes red").json

    assert (changed["note"], changed["author"]) == ("Likes red", "Kim")
    assert api.get(f"{NOTE}/{note['id']}").json == changed


def test_a_note_deleted_meanwhile_does_not_come_back(
    api: Api, customer: dict[str, Any], note: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before(monkeypatch, "transact", lambda: api.delete(f"{NOTES}/{customer['id']}"))

    assert put(api, note, note="Likes red").status == 404
    assert texts(api, customer) == []
    assert "Likes red" not in str(stored_notes())


def test_a_contended_update_is_tried_again(
    api: Api, customer: dict[str, Any], note: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    before(monkeypatch, "transact", contended)

    assert put(api, note, note="Likes red").status == 200
    assert texts(api, customer) == ["Likes red"]


def test_losing_every_race_is_a_conflict_and_changes_nothing(
    api: Api, note: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(dynamo, "transact", contended)

    reply = put(api, note, note="Likes red")

    assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (409, "conflict", "1")
    assert api.get(f"{NOTE}/{note['id']}").json == note


def test_an_update_costs_two_calls(api: Api, note: dict[str, Any], dynamo_calls: list[str]) -> None:
    dynamo_calls.clear()
    put(api, note, note="Likes red")
    assert dynamo_calls == ["batch_get_item", "transact_write_items"]

    dynamo_calls.clear()
    api.put(NOTE, json_body={"id": "x", "note": "Likes red"})
    assert dynamo_calls == []
