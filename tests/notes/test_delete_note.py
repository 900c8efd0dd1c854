"""DELETE /api/v2/customer/note/{key}."""

from typing import Any

import pytest

from functions.shared import dynamo
from functions.shared.retry import ATTEMPTS
from tests.api import NOTE, Api, Reply, value
from tests.interference import before, contended
from tests.notes.conftest import AddNote, delete_customer, no_such_note, stored_notes, texts


def test_the_deleted_note_is_shown_a_last_time_and_gone(
    api: Api, customer: dict[str, Any], note: dict[str, Any], add_note: AddNote
) -> None:
    add_note("Likes red")

    reply = api.delete(f"{NOTE}/{note['id']}")

    assert (reply.status, reply.json) == (200, note)
    assert api.get(f"{NOTE}/{note['id']}").status == 404
    assert api.put(NOTE, json_body={"id": note["id"], "note": "x"}).status == 404
    assert texts(api, customer) == ["Likes red"]
    assert "Likes blue" not in str(stored_notes())


def test_a_second_delete_finds_nothing(api: Api, note: dict[str, Any]) -> None:
    assert api.delete(f"{NOTE}/{note['id']}").status == 200
    assert api.delete(f"{NOTE}/{note['id']}").status == 404


def test_of_two_deletes_at_once_one_has_deleted(
    api: Api, note: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[Reply] = []
    before(monkeypatch, "transact", lambda: first.append(api.delete(f"{NOTE}/{note['id']}")))

    second = api.delete(f"{NOTE}/{note['id']}")

    assert (first[0].status, first[0].json) == (200, note)
    assert (second.status, second.json["code"]) == (404, "not_found")


def test_the_last_word_is_what_was_deleted(
    api: Api, note: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    change = {"id": note["id"], "note": "Likes red"}
    before(monkeypatch, "transact", lambda: api.put(NOTE, json_body=change))

    assert api.delete(f"{NOTE}/{note['id']}").json["note"] == "Likes red"


def test_what_is_no_notes_id_is_not_found(api: Api, customer: dict[str, Any], note: dict[str, Any]) -> None:
    for wrong in no_such_note(customer):
        assert api.delete(f"{NOTE}/{value(wrong)}").status == 404, wrong
    assert texts(api, customer) == ["Likes blue"]


def test_another_tenant_deletes_nothing(api: Api, customer: dict[str, Any], note: dict[str, Any]) -> None:
    assert Api("other").delete(f"{NOTE}/{note['id']}").status == 404
    assert texts(api, customer) == ["Likes blue"]


def test_a_note_of_a_deleted_customer_is_not_found(
    api: Api, customer: dict[str, Any], note: dict[str, Any]
) -> None:
    delete_customer(api, customer)

    assert api.delete(f"{NOTE}/{note['id']}").status == 404


def test_losing_every_race_is_a_conflict_and_deletes_nothing(
    api: Api, note: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    monkeypatch.setattr(dynamo, "transact", contended)

    assert api.delete(f"{NOTE}/{note['id']}").status == 409
    assert len(waited) == ATTEMPTS
    assert api.get(f"{NOTE}/{note['id']}").json == note


def test_a_delete_costs_two_calls(api: Api, note: dict[str, Any], dynamo_calls: list[str]) -> None:
    dynamo_calls.clear()
    api.delete(f"{NOTE}/{note['id']}")
    assert dynamo_calls == ["batch_get_item", "transact_write_items"]
