"""A note's versions: ETag, If-Match, If-None-Match, Location and HEAD, as of customers."""

from typing import Any

import pytest

from functions.customers.item import customer_key
from functions.shared import clock, dynamo
from functions.shared.dynamo import Write
from tests.api import NOTE, Api, Reply
from tests.interference import before
from tests.notes.conftest import texts


def update(api: Api, known: dict[str, Any], tag: str | None = None, **changes: Any) -> Reply:
    headers = {"If-Match": tag} if tag else None
    return api.put(NOTE, json_body={"id": known["id"], **changes}, headers=headers)


def test_a_new_note_says_where_it_is_and_in_which_version(api: Api, customer: dict[str, Any]) -> None:
    reply = api.post(NOTE, json_body={"customerId": customer["id"], "note": "x"})

    assert reply.headers["location"].endswith(f"{NOTE}/{reply.json['id']}")
    assert reply.headers["etag"] == '"1"'
    assert api.get(f"{NOTE}/{reply.json['id']}").headers["etag"] == '"1"'


def test_a_change_moves_the_version_by_one(api: Api, note: dict[str, Any]) -> None:
    assert update(api, note, note="y").headers["etag"] == '"2"'
    assert update(api, note, author="Kim").headers["etag"] == '"3"'


@pytest.mark.parametrize(("tag", "status"), [('"1"', 200), ("*", 200), ('"2"', 412), ('W/"1"', 412)])
def test_if_match_guards_update_and_delete(
    api: Api, customer: dict[str, Any], note: dict[str, Any], tag: str, status: int
) -> None:
    assert update(api, note, tag, author="Kim").status == status
    tag = tag if status == 412 else tag.replace("1", "2")
    wrong = '"9"' if status == 412 else tag

    assert api.delete(f"{NOTE}/{note['id']}", headers={"If-Match": wrong}).status == status
    assert len(texts(api, customer)) == (1 if status == 412 else 0)


def test_a_change_made_meanwhile_is_another_version(
    api: Api, note: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    before(monkeypatch, "transact", lambda: update(api, note, author="Kim"))

    assert update(api, note, '"1"', note="y").status == 412
    assert api.get(f"{NOTE}/{note['id']}").json["author"] == "Kim"


def test_two_changes_in_one_millisecond_are_both_kept(
    api: Api, note: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    update(api, note, author="Lee")
    before(monkeypatch, "transact", lambda: update(api, note, author="Kim"))

    assert update(api, note, note="y").json["author"] == "Kim"


def test_a_version_the_caller_has_is_not_sent_again(api: Api, note: dict[str, Any]) -> None:
    known = api.get(f"{NOTE}/{note['id']}", headers={"If-None-Match": '"1"'})

    assert (known.status, known.text, known.headers["etag"]) == (304, "", '"1"')
    assert api.get(f"{NOTE}/{note['id']}", headers={"If-None-Match": '"2"'}).status == 200


def test_a_head_is_a_get_without_its_body(api: Api, note: dict[str, Any]) -> None:
    got, head = api.get(f"{NOTE}/{note['id']}"), api.send("HEAD", f"{NOTE}/{note['id']}")

    assert (head.status, head.text, head.headers) == (200, "", got.headers)


def test_a_note_older_than_versions_is_changed_and_deleted_as_the_others(
    api: Api, customer: dict[str, Any]
) -> None:
    date = "2026-01-01T00:00:00.000Z"
    for key in ("0" * 24, "1" * 24):
        item = {
            **customer_key("demo", customer["id"]),
            "noteKey": key,
            "note": "old",
            "createdDate": date,
            "lastModifiedDate": date,
        }
        dynamo.write(Write("Put", "notes", item))
    first, second = ({"id": f"{customer['id']}-{key}"} for key in ("0" * 24, "1" * 24))

    assert update(api, first, '"1"', note="new").headers["etag"] == '"2"'
    assert api.delete(f"{NOTE}/{second['id']}", headers={"If-Match": '"1"'}).status == 200


@pytest.mark.parametrize("blank", ["", "  ", "\u200b\n", None])
def test_a_note_of_nothing_is_refused_and_a_blank_author_is_none(
    api: Api, customer: dict[str, Any], note: dict[str, Any], blank: str | None
) -> None:
    created = api.post(NOTE, json_body={"customerId": customer["id"], "note": blank})
    changed = update(api, note, note=blank)

    for reply in (created, changed):
        assert (reply.status, reply.json["errors"]) == (
            400,
            [{"field": "note", "message": "must not be empty"}],
        )
    assert "author" not in update(api, note, author=blank).json
