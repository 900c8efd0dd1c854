"""PUT with createIfMissing=true: the customer of a reference or email is changed, or made."""

from typing import Any

import pytest

from functions.shared import dynamo, retry
from tests.api import CUSTOMERS, Api, Reply, value
from tests.interference import before, contended

NAMES = [("customerRef", "a/b%25=c"), ("alternateCustomerRef", "A 1"), ("email", "Ann+1@example.com")]


def upsert(api: Api, field: str, text: str, body: dict[str, Any] | None = None, **more: Any) -> Reply:
    return api.put(f"{CUSTOMERS}/{field}={value(text)}?createIfMissing=true", json_body=body or {}, **more)


@pytest.mark.parametrize(("field", "text"), NAMES)
def test_where_there_is_none_the_customer_is_made_with_the_value_that_names_it(
    api: Api, field: str, text: str
) -> None:
    body = {"firstName": "Ann", **({} if field == "email" else {"email": "ann@example.com"})}

    reply = upsert(api, field, text, body)

    assert (reply.status, reply.headers["etag"]) == (201, '"1"')
    assert (reply.json[field], reply.json["firstName"]) == (text, "Ann")
    assert reply.headers["location"].endswith(f"{CUSTOMERS}/{reply.json['id']}")
    assert api.get(f"{CUSTOMERS}/{field}={value(text)}").json == reply.json


@pytest.mark.parametrize(("field", "text"), NAMES)
def test_where_there_is_one_it_is_changed(api: Api, field: str, text: str) -> None:
    customer = api.create(**{field: text})

    reply = upsert(api, field, text, {"firstName": "Ann"})

    assert (reply.status, reply.json) == (200, api.customer(customer["id"]))
    assert (reply.json["firstName"], "location" in reply.headers) == ("Ann", False)


def test_the_query_may_name_it_too_and_sending_it_again_changes_nothing(api: Api) -> None:
    url = f"{CUSTOMERS}?createIfMissing=true&email=ann+1@example.com"

    first, again = (api.put(url, json_body={"firstName": "Ann"}) for _ in range(2))

    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json
    assert first.json["email"] == "ann+1@example.com"


@pytest.mark.parametrize("query", ["", "?createIfMissing=false", "?createIfMissing="])
def test_without_it_all_stays_as_it_was(api: Api, query: str) -> None:
    assert api.put(f"{CUSTOMERS}/email=ann@example.com{query}", json_body={"firstName": "Ann"}).status == 404


def test_with_if_match_it_only_changes(api: Api) -> None:
    assert upsert(api, "email", "ann@example.com", headers={"If-Match": '"1"'}).status == 404
    api.create(email="ann@example.com")
    assert upsert(api, "email", "ann@example.com", headers={"If-Match": '"7"'}).status == 412


@pytest.mark.parametrize(
    ("url", "body", "field"),
    [
        ("/x?createIfMissing=true", {}, "createIfMissing"),
        ("/id=x?createIfMissing=true", {}, "createIfMissing"),
        ("?createIfMissing=true", {"email": "ann@example.com"}, "createIfMissing"),
        ("?createIfMissing=true&customerRef=R&email=ann@example.com", {}, "createIfMissing"),
        ("/customerRef=%20?createIfMissing=true", {"email": "ann@example.com"}, "createIfMissing"),
        ("/email=ann@example.com?createIfMissing=yes", {}, "createIfMissing"),
        ("/email=ann@example.com?createIfMissing=true", {"email": "bea@example.com"}, "email"),
        ("/customerRef=R?createIfMissing=true", {}, "email"),
        ("/customerRef=R?createIfMissing=true", {"email": "ann@example.com", "dob": "x"}, "dob"),
        ("/email=no-address?createIfMissing=true", {}, "email"),
    ],
)
def test_what_cannot_be_made_is_refused(api: Api, url: str, body: dict[str, Any], field: str) -> None:
    reply = api.put(CUSTOMERS + url, json_body=body)

    assert (reply.status, reply.fields) == (400, [field])
    assert dynamo.call("scan", TableName="customers")["Items"] == []


def test_a_value_of_somebody_else_is_taken(api: Api) -> None:
    other = api.create(email="ann@example.com")

    reply = upsert(api, "customerRef", "R", {"email": "ann@example.com"})

    assert (reply.status, reply.json["code"], reply.fields) == (400, "duplicate_value", ["email"])
    assert api.customer(other["id"]) == other


def test_who_comes_second_changes_what_the_first_has_made(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    first: list[Reply] = []
    before(
        monkeypatch,
        "transact",
        lambda: first.append(upsert(api, "email", "a@example.com", {"firstName": "A"})),
    )

    second = upsert(api, "email", "a@example.com", {"lastName": "B"})

    assert (first[0].status, second.status) == (201, 200)
    assert (second.json["id"], second.json["firstName"], second.json["lastName"]) == (
        first[0].json["id"],
        "A",
        "B",
    )


def test_others_who_stay_at_the_same_value_are_a_conflict(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(dynamo, "transact", contended)

    reply = upsert(api, "email", "a@example.com")

    assert (reply.status, reply.headers["retry-after"]) == (409, "1")


def test_whoever_always_comes_too_late_to_make_and_to_change_it_hears_of_a_conflict(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(retry, "ATTEMPTS", 2)
    monkeypatch.setattr("time.sleep", waited.append)
    real = dynamo.transact

    def too_late(writes: Any) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(dynamo, "transact", real)
            other = api.create(email="a@example.com")
            try:
                real(writes)
            finally:
                assert api.delete(f"{CUSTOMERS}/{other['id']}").status == 204

    monkeypatch.setattr(dynamo, "transact", too_late)

    reply = upsert(api, "email", "a@example.com")

    assert (reply.status, reply.headers["retry-after"]) == (409, "1")
    assert len(waited) == 2


def test_it_costs_a_lookup_and_one_write(api: Api, dynamo_calls: list[str]) -> None:
    upsert(api, "email", "a@example.com")
    assert dynamo_calls == ["query", "get_item", "transact_write_items"]

    dynamo_calls.clear()
    upsert(api, "email", "a@example.com", {"firstName": "Ann"})
    assert dynamo_calls == ["query", "get_item", "update_item"]
