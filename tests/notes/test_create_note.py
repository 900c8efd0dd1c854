"""POST /api/v2/customer/note."""

import re
from functools import partial
from typing import Any

import pytest

from functions.shared import clock, dynamo
from functions.shared.retry import ATTEMPTS
from tests.api import CUSTOMERS, NOTE, Api, Reply
from tests.interference import before, contended
from tests.notes.conftest import AddNote, delete_customer, stored_notes, texts

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def refused_fields(reply: Reply) -> list[str]:
    assert (reply.status, reply.json["code"]) == (400, "invalid_request"), reply.text
    return reply.fields


def test_a_note_never_takes_the_place_of_another(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    monkeypatch.setattr("secrets.token_hex", lambda _: "0123456789")
    replies = [api.post(NOTE, json_body={"customerId": customer["id"], "note": text}) for text in "ab"]

    assert [reply.status for reply in replies] == [200, 409]
    assert texts(api, customer) == ["a"]


def test_a_note_comes_back_with_what_the_server_adds(api: Api, customer: dict[str, Any]) -> None:
    reply = api.post(
        NOTE, json_body={"customerId": customer["id"], "note": " Likes\n\tblue ", "author": "Sam"}
    )

    note = reply.json
    assert reply.status == 200
    assert note == {
        "id": note["id"],
        "customerId": customer["id"],
        "customerRef": "a/b%25=c",
        "note": " Likes\n\tblue ",
        "author": "Sam",
        "createdDate": note["createdDate"],
        "lastModifiedDate": note["createdDate"],
    }
    assert list(note)[:4] == ["id", "customerId", "customerRef", "note"]
    assert TIMESTAMP.fullmatch(note["createdDate"])
    assert api.get(f"{NOTE}/{note['id']}").json == note


def test_absent_values_are_left_out(api: Api, add_note: AddNote) -> None:
    note = add_note(about=api.create()["id"], author=None)

    assert note.keys() == {"id", "customerId", "note", "createdDate", "lastModifiedDate"}


def test_unknown_and_read_only_fields_are_ignored_and_numbers_are_text(add_note: AddNote) -> None:
    note = add_note(42, id="mine", createdDate="1999", author=7, x=[None], customerKey="x", noteKey="x")

    assert (note["note"], note["author"]) == ("42", "7")
    assert note["id"] != "mine"
    assert note["createdDate"] > "2020"
    assert not {"x", "customerKey", "noteKey"} & note.keys()


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("?id={id}", {}),
        ("?id={id}&customerRef=nobody", {"customerId": "nobody", "customerRef": "nobody"}),
        ("?customerRef=a%2Fb%2525%3Dc", {"customerId": "nobody", "customerRef": "nobody"}),
        ("?id=&customerRef=a%2Fb%2525%3Dc", {}),
        ("?customerRef=", {"customerRef": "a/b%25=c"}),
        ("", {"customerId": "{id}", "customerRef": "nobody"}),
        ("", {"customerId": None, "customerRef": " a/b%25=c "}),
        ("", {"customerId": "", "customerRef": "a/b%25=c"}),
        ("", {"customerId": "  ", "customerRef": "a/b%25=c"}),
        ("/?id={id}", {}),
    ],
)
def test_the_first_name_in_query_then_body_decides(
    api: Api, customer: dict[str, Any], query: str, named: dict[str, Any]
) -> None:
    body = {field: value and value.replace("{id}", customer["id"]) for field, value in named.items()}

    reply = api.post(NOTE + query.format_map(customer), json_body={**body, "note": "Likes blue"})

    assert (reply.status, reply.json.get("customerId")) == (200, customer["id"]), reply.text


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("?id=nobody", {"customerRef": "a/b%25=c"}),
        ("?customerRef=nobody", {"customerRef": "a/b%25=c"}),
        ("", {"customerId": "nobody", "customerRef": "a/b%25=c"}),
        ("", {"customerRef": "A/B%25=C"}),
        ("", {"customerRef": "x" * 3000}),
    ],
)
def test_a_customer_who_is_not_there_is_not_found(
    api: Api, customer: dict[str, Any], query: str, named: dict[str, Any]
) -> None:
    reply = api.post(NOTE + query, json_body={**named, "note": "Likes blue"})

    assert (reply.status, reply.json["code"]) == (404, "not_found")
    assert stored_notes() == []


def test_another_tenants_customer_is_not_found(customer: dict[str, Any]) -> None:
    for named in ({"customerId": customer["id"]}, {"customerRef": customer["customerRef"]}):
        assert Api("other").post(NOTE, json_body={**named, "note": "Likes blue"}).status == 404
    assert stored_notes() == []


@pytest.mark.parametrize("body", [{}, {"customerId": None, "customerRef": ""}, {"email": "a@example.com"}])
def test_naming_no_customer_is_refused_with_what_to_give(api: Api, body: dict[str, Any]) -> None:
    reply = api.post(NOTE, json_body={**body, "note": "Likes blue"})

    assert refused_fields(reply) == ["customerId", "customerRef"]


def test_every_wrong_field_is_named_at_once(api: Api, customer: dict[str, Any]) -> None:
    def refused(**body: Any) -> set[str]:
        return set(refused_fields(api.post(NOTE, json_body=body)))

    assert refused() == {"note", "customerId", "customerRef"}
    assert refused(customerId=["x"], note="", author={}) == {"note", "customerId", "author"}
    assert refused(customerRef=True, note=None) == {"note", "customerRef"}
    assert stored_notes() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("note", None),
        ("note", ""),
        ("note", "x" * 5001),
        ("note", ["x"]),
        ("note", {}),
        ("note", True),
        ("note", "nul\x00"),
        ("note", "half\ud800"),
        ("author", "x" * 257),
        ("author", []),
        ("author", False),
        ("author", "escape\x1b"),
        ("author", "half\udfff"),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(
    api: Api, customer: dict[str, Any], field: str, value: Any
) -> None:
    body = {"customerId": customer["id"], "note": "Likes blue", field: value}

    assert refused_fields(api.post(NOTE, json_body=body)) == [field]
    assert stored_notes() == []


@pytest.mark.parametrize("text", ["x" * 5000, "😀" * 5000, "x"])
def test_a_note_may_be_as_long_as_the_contract_says(add_note: AddNote, text: str) -> None:
    assert add_note(text, author="y" * 256)["note"] == text


@pytest.mark.parametrize("field", ["customerId", "customerRef"])
@pytest.mark.parametrize("value", ["half\ud800", "nul\x00", ["x"], {}, True])
def test_a_name_that_is_no_plain_text_is_refused(api: Api, field: str, value: Any) -> None:
    assert refused_fields(api.post(NOTE, json_body={field: value, "note": "Likes blue"})) == [field]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "1", "[" * 5000, '{"note":NaN}', "\x00"])
def test_a_body_that_is_no_json_object_is_refused(api: Api, customer: dict[str, Any], text: str) -> None:
    assert api.post(f"{NOTE}?id={customer['id']}", text=text).status == 400


def test_the_customers_reference_is_the_one_of_today(
    api: Api, customer: dict[str, Any], note: dict[str, Any]
) -> None:
    api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"customerRef": "C2"})

    assert api.get(f"{NOTE}/{note['id']}").json == note | {"customerRef": "C2"}
    assert api.put(NOTE, json_body={"id": note["id"], "author": "Kim"}).json["customerRef"] == "C2"
    assert api.delete(f"{NOTE}/{note['id']}").json["customerRef"] == "C2"


def test_a_customer_deleted_meanwhile_gets_no_note(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for headers in ({}, {"Idempotency-Key": "k1"}):
        one = api.create()
        before(monkeypatch, "transact", partial(delete_customer, api, one))

        reply = api.post(NOTE, json_body={"customerId": one["id"], "note": "Likes blue"}, headers=headers)

        assert (reply.status, reply.json["code"]) == (404, "not_found")
    assert stored_notes() == []


def test_a_contended_note_is_tried_again(
    api: Api, customer: dict[str, Any], add_note: AddNote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    before(monkeypatch, "transact", contended)

    add_note("Likes red")

    assert texts(api, customer) == ["Likes red"]


def test_a_note_contended_every_time_is_a_conflict(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    monkeypatch.setattr(dynamo, "transact", contended)

    reply = api.post(NOTE, json_body={"customerId": customer["id"], "note": "Likes blue"})

    assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (409, "conflict", "1")
    assert len(waited) == ATTEMPTS
    assert stored_notes() == []


def keyed(api: Api, key: str, url: str = NOTE, **body: Any) -> Reply:
    return api.post(url, json_body=body, headers={"idempotency-key": key})


def assert_reused(reply: Reply) -> None:
    assert (reply.status, reply.json["code"]) == (422, "idempotency_key_reused"), reply.text


def test_the_same_key_and_request_create_once_and_show_what_stands_there_now(
    api: Api, customer: dict[str, Any]
) -> None:
    first = keyed(api, "k1", customerId=customer["id"], note="Likes blue")
    changed = api.put(NOTE, json_body={"id": first.json["id"], "note": "Likes red"})

    again = keyed(api, "k1", note="Likes blue", customerId=customer["id"])

    assert (first.status, again.status) == (200, 200)
    assert again.json == changed.json
    assert texts(api, customer) == ["Likes red"]


def test_requests_under_one_key_at_the_same_time_create_one_note(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def send() -> Reply:
        return keyed(api, "k1", customerId=customer["id"], note="Likes blue")

    others: list[Reply] = []
    before(monkeypatch, "transact", lambda: others.append(send()))

    reply = send()

    assert (reply.status, reply.json) == (200, others[0].json)
    assert texts(api, customer) == ["Likes blue"]


def test_without_a_key_or_with_another_one_each_request_creates_a_note(
    api: Api, customer: dict[str, Any], add_note: AddNote
) -> None:
    add_note()
    add_note()
    keyed(api, "k1", customerId=customer["id"], note="Likes blue")
    keyed(api, "k2", customerId=customer["id"], note="Likes blue")

    assert len(texts(api, customer)) == 4


def test_the_same_key_with_another_request_is_refused(api: Api, customer: dict[str, Any]) -> None:
    other = api.create()
    keyed(api, "k1", customerId=customer["id"], note="Likes blue")

    assert_reused(keyed(api, "k1", customerId=customer["id"], note="Likes red"))
    assert_reused(keyed(api, "k1", customerId=customer["id"], note="Likes blue", author="Sam"))
    assert_reused(keyed(api, "k1", customerId=other["id"], note="Likes blue"))
    assert_reused(keyed(api, "k1", f"{NOTE}?id={other['id']}", customerId=customer["id"], note="Likes blue"))
    assert_reused(keyed(api, "k1", customerId="nobody", note="Likes blue"))
    assert texts(api, customer) == ["Likes blue"]
    assert texts(api, other) == []


def test_a_customer_named_in_the_query_is_part_of_the_request(api: Api, customer: dict[str, Any]) -> None:
    other = api.create(customerRef="C2")
    first = keyed(api, "k1", f"{NOTE}?id={customer['id']}", note="Likes blue")

    assert keyed(api, "k1", f"{NOTE}?id={customer['id']}", note="Likes blue").json == first.json
    assert_reused(keyed(api, "k1", f"{NOTE}?customerRef=C2", note="Likes blue"))
    assert texts(api, other) == []


def test_a_key_whose_note_was_deleted_is_refused(api: Api, customer: dict[str, Any]) -> None:
    first = keyed(api, "k1", customerId=customer["id"], note="Likes blue").json
    api.delete(f"{NOTE}/{first['id']}")

    assert_reused(keyed(api, "k1", customerId=customer["id"], note="Likes blue"))
    assert texts(api, customer) == []


@pytest.mark.parametrize("named_by", [("customerId", "id"), ("customerRef", "customerRef")])
def test_a_key_whose_customer_was_deleted_is_refused(
    api: Api, customer: dict[str, Any], named_by: tuple[str, str]
) -> None:
    field, own = named_by
    body = {field: customer[own], "note": "Likes blue"}
    keyed(api, "k1", **body)
    delete_customer(api, customer)

    assert_reused(keyed(api, "k1", **body))
    follower = api.create(customerRef=customer["customerRef"])
    assert_reused(keyed(api, "k1", **body))
    assert texts(api, follower) == []
    assert keyed(api, "k2", **body).status == (404 if field == "customerId" else 200)


def test_a_key_whose_customer_is_deleted_meanwhile_is_refused(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"customerId": customer["id"], "note": "Likes blue"}
    keyed(api, "k1", **body)
    before(monkeypatch, "transact", lambda: delete_customer(api, customer))

    assert_reused(keyed(api, "k1", **body))


def test_a_repeat_is_known_after_the_customer_got_another_reference(
    api: Api, customer: dict[str, Any]
) -> None:
    body = {"customerRef": customer["customerRef"], "note": "Likes blue"}
    first = keyed(api, "k1", **body).json
    api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"customerRef": "C2"})

    assert keyed(api, "k1", **body).json == first | {"customerRef": "C2"}
    follower = api.create(customerRef=customer["customerRef"])
    assert keyed(api, "k1", **body).json == first | {"customerRef": "C2"}
    assert texts(api, follower) == []
    assert texts(api, customer) == ["Likes blue"]


def test_a_key_belongs_to_its_tenant(api: Api, customer: dict[str, Any]) -> None:
    other = Api("other")
    theirs = other.create(customerRef=customer["customerRef"])
    body = {"customerRef": customer["customerRef"], "note": "Likes blue"}

    first, second = keyed(api, "k1", **body), keyed(other, "k1", **body)

    assert (first.json["customerId"], second.json["customerId"]) == (customer["id"], theirs["id"])
    assert keyed(other, "k1", customerId=customer["id"], note="Likes blue").status == 422
    assert keyed(other, "k2", customerId=customer["id"], note="Likes blue").status == 404


def test_a_key_of_a_note_and_one_of_a_customer_are_two(api: Api) -> None:
    made = api.post(CUSTOMERS, json_body={"email": "a@example.com"}, headers={"Idempotency-Key": "k1"}).json

    assert keyed(api, "k1", customerId=made["id"], note="Likes blue").status == 200


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_of_wrong_length_is_refused(api: Api, customer: dict[str, Any], key: str) -> None:
    assert keyed(api, key, customerId=customer["id"], note="Likes blue").fields == ["Idempotency-Key"]
    assert stored_notes() == []


def test_a_failed_create_leaves_its_key_usable(api: Api, customer: dict[str, Any]) -> None:
    assert keyed(api, "k1", customerRef="nobody", note="Likes blue").status == 404

    assert keyed(api, "k1", customerId=customer["id"], note="Likes blue").status == 200


def test_a_key_is_known_for_ninety_days(api: Api, customer: dict[str, Any]) -> None:
    created = keyed(api, "k1", customerId=customer["id"], note="Likes blue").json["createdDate"]

    (record,) = [item for item in stored_notes() if "requestHash" in item]

    made = clock.moment(created).timestamp()
    assert int(record["expiresAt"]["N"]) == int(made) + 90 * 86_400


def test_what_stays_of_a_key_tells_nothing_of_the_note(api: Api, customer: dict[str, Any]) -> None:
    for key in ("k1", "k2"):
        keyed(api, key, customerId=customer["id"], note="Likes blue", author="Sam")

    records = [item for item in stored_notes() if "requestHash" in item]

    kept = {"customerKey", "noteKey", "noteId", "requestHash", "expiresAt"}
    assert all(record.keys() == kept for record in records)
    assert all(record["customerKey"]["S"].startswith("demo#") for record in records)
    # Equal words under two keys look different: who has the table cannot try words.
    assert len({record["requestHash"]["S"] for record in records}) == 2


@pytest.mark.parametrize(
    ("named_by", "lookups"),
    [(("customerId", "id"), ["get_item"]), (("customerRef", "customerRef"), ["query", "get_item"])],
)
def test_a_note_costs_its_lookup_and_one_transaction(
    api: Api,
    customer: dict[str, Any],
    dynamo_calls: list[str],
    named_by: tuple[str, str],
    lookups: list[str],
) -> None:
    field, own = named_by
    body = {field: customer[own], "note": "Likes blue"}
    dynamo_calls.clear()

    api.post(NOTE, json_body=body)
    assert dynamo_calls == [*lookups, "transact_write_items"]

    keyed(api, "k1", **body)
    dynamo_calls.clear()
    keyed(api, "k1", **body)
    assert dynamo_calls == [*lookups, "transact_write_items", "batch_get_item"]


def test_a_refused_note_costs_nothing(api: Api, dynamo_calls: list[str]) -> None:
    api.post(NOTE, json_body={"note": ""})

    assert dynamo_calls == []


def test_a_body_nested_as_deeply_as_can_be_parsed_is_no_fault_under_a_key(
    api: Api, customer: dict[str, Any]
) -> None:
    for depth in range(900, 1010, 5):
        nested = "[" * depth + "]" * depth
        text = f'{{"customerId": "{customer["id"]}", "note": "n", "more": {nested}}}'
        reply = api.post(NOTE, text=text, headers={"Idempotency-Key": str(depth)})
        assert reply.status in {200, 400}, depth
