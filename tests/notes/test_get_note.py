"""GET /api/v2/customer/note/{key}."""

from typing import Any

from tests.api import NOTE, Api, value
from tests.notes.conftest import AddNote, delete_customer, no_such_note


def test_a_note_is_found_by_its_id(api: Api, note: dict[str, Any], add_note: AddNote) -> None:
    add_note("Likes red")

    reply = api.get(f"{NOTE}/{note['id']}")

    assert (reply.status, reply.json) == (200, note)
    assert api.get(f"{NOTE}/{note['id']}/").json == note
    assert api.get(f"{NOTE}/{note['id'].replace('-', '%2D')}").json == note


def test_what_is_no_notes_id_is_not_found(api: Api, customer: dict[str, Any], note: dict[str, Any]) -> None:
    for wrong in (*no_such_note(customer), note["id"].upper(), f" {note['id']}", f"{note['id']}\n"):
        reply = api.get(f"{NOTE}/{value(wrong)}")
        assert (reply.status, reply.json["code"]) == (404, "not_found"), wrong


def test_a_record_of_a_request_is_no_note(api: Api, customer: dict[str, Any]) -> None:
    body = {"customerId": customer["id"], "note": "Likes blue"}
    api.post(NOTE, json_body=body, headers={"Idempotency-Key": "k1"})

    for wrong in ("request", "request#k1-request", f"{customer['id']}-request"):
        assert api.get(f"{NOTE}/{value(wrong)}").status == 404


def test_another_tenant_sees_nothing(note: dict[str, Any]) -> None:
    assert Api("other").get(f"{NOTE}/{note['id']}").status == 404


def test_a_note_of_a_deleted_customer_is_not_found(
    api: Api, customer: dict[str, Any], note: dict[str, Any]
) -> None:
    delete_customer(api, customer)
    api.create(email=customer["email"], customerRef=customer["customerRef"])

    assert api.get(f"{NOTE}/{note['id']}").status == 404


def test_a_note_costs_one_call(api: Api, note: dict[str, Any], dynamo_calls: list[str]) -> None:
    dynamo_calls.clear()
    api.get(f"{NOTE}/{note['id']}")
    assert dynamo_calls == ["batch_get_item"]

    dynamo_calls.clear()
    api.get(f"{NOTE}/x")
    assert dynamo_calls == []
