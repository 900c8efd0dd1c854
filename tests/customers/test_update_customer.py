"""PUT /api/v2/customers, by every way to name the customer."""

import uuid
from typing import Any

import pytest

from functions.shared import dynamo, retry
from tests.api import CUSTOMERS, Api, Reply, value
from tests.builders import document_sample, new_email
from tests.interference import before, contended


@pytest.fixture
def customer(api: Api) -> dict[str, Any]:
    return api.create(
        **document_sample(email="Ann+1@example.com", customerRef="a/b%25=c", alternateCustomerRef="A1")
    )


def put(api: Api, customer: dict[str, Any], **changes: Any) -> Reply:
    return api.put(f"{CUSTOMERS}/{customer['id']}", json_body=changes)


@pytest.mark.parametrize(
    "path",
    [
        "/{id}",
        "/id={id}",
        "/customerRef=a%2Fb%2525%3Dc",
        "/email=ann%2B1%40example.com",
        "/email=ANN+1@example.com",
        "?id={id}",
        "?customerRef=a%2Fb%2525%3Dc",
        "?id={id}&customerRef=nobody",
        "/",
    ],
)
def test_a_customer_is_named_in_path_or_query(api: Api, customer: dict[str, Any], path: str) -> None:
    body = {"firstName": "New", **({"id": customer["id"]} if path == "/" else {})}

    reply = api.put(CUSTOMERS + path.format_map(customer), json_body=body)

    assert (reply.status, reply.json["firstName"]) == (200, "New")
    assert api.customer(customer["id"]) == reply.json


@pytest.mark.parametrize("fields", [("id", "customerRef", "email"), ("customerRef", "email"), ("email",)])
def test_the_first_identifier_in_the_body_decides(
    api: Api, customer: dict[str, Any], fields: tuple[str, ...]
) -> None:
    other = {"id": "x", "customerRef": "other-ref", "email": "other@example.com"}
    named = {name: other[name] for name in fields} | {fields[0]: customer[fields[0]]}

    reply = api.put(CUSTOMERS, json_body={**named, "firstName": "New"})

    assert (reply.status, reply.json["id"]) == (200, customer["id"])
    if len(fields) > 1:
        assert reply.json["email"] == "other@example.com"


@pytest.mark.parametrize(
    "path",
    [
        "/nobody",
        "/id=nobody",
        "/email=nobody@example.com",
        "/customerRef=nobody",
        "?id=nobody",
        f"/{'x' * 3000}",
    ],
)
def test_an_unknown_customer_is_not_found(api: Api, customer: dict[str, Any], path: str) -> None:
    assert api.put(CUSTOMERS + path, json_body={"firstName": "New"}).status == 404


def test_naming_nobody_is_refused(api: Api) -> None:
    assert api.put(CUSTOMERS, json_body={"firstName": "New"}).status == 400


def test_what_is_left_out_stays_and_null_clears(api: Api, customer: dict[str, Any]) -> None:
    reply = put(api, customer, firstName=None, addresses=None, vipStatus=True, active=False)

    changed = reply.json
    assert not {"firstName", "addresses"} & changed.keys()
    assert (changed["lastName"], changed["vipStatus"], changed["active"]) == ("LastName", True, False)
    assert put(api, customer, active=None).json["active"] is True


def test_the_email_cannot_be_cleared(api: Api, customer: dict[str, Any]) -> None:
    assert put(api, customer, email=None).fields == ["email"]


def test_arrays_are_replaced(api: Api, customer: dict[str, Any]) -> None:
    changed = put(api, customer, addresses=[{"city": "Perth"}], taxExemptions=["X"]).json

    assert [address["city"] for address in changed["addresses"]] == ["Perth"]
    assert put(api, customer, addresses=[], taxExemptions=None).json["taxExemptions"] == []


def test_attribute_groups_merge_by_name(api: Api, customer: dict[str, Any]) -> None:
    put(api, customer, attributeGroups={"new": {"attributes": {"a": 1}}, "empty": {}})

    changed = put(
        api,
        customer,
        attributeGroups={"retailer_additional_info": None, "new": {"attributes": {"b": "2"}}},
    ).json

    assert changed["attributeGroups"] == {"new": {"attributes": {"a": "1", "b": "2"}}, "empty": {}}


def test_getting_and_putting_the_whole_customer_changes_nothing(
    api: Api, customer: dict[str, Any], dynamo_calls: list[str]
) -> None:
    before = api.get(f"{CUSTOMERS}/{customer['id']}")
    dynamo_calls.clear()

    after = put(api, customer, **before.json)

    assert dynamo_calls == ["get_item"]
    assert after.json == before.json
    assert after.headers["etag"] == before.headers["etag"]


def test_a_change_moves_the_dates_and_the_tag(api: Api, customer: dict[str, Any]) -> None:
    reply = put(api, customer, firstName="New")

    assert reply.headers["etag"] == '"2"'
    assert reply.json["lastModifiedDate"] == reply.json["lastModified"] > customer["lastModifiedDate"]
    assert reply.json["createdDate"] == customer["createdDate"]


def test_opt_in_times_follow_the_value(api: Api, customer: dict[str, Any]) -> None:
    first = customer["optin_preferences"]["email"]

    out = put(api, customer, optin_preferences={"email": {"opt_in_active": False}}).json
    again = put(api, customer, optin_preferences={"email": {"opt_in_active": False}}).json

    changed = out["optin_preferences"]["email"]
    assert changed["opted_in_at"] == first["opted_in_at"]
    assert changed["opt_in_updated_at"] == out["lastModifiedDate"] > first["opt_in_updated_at"]
    assert out["marketing_preferences_updated_at"] == out["lastModifiedDate"]
    assert again == out


def test_an_opt_out_sent_with_the_times_shown_before_moves_the_time(
    api: Api, customer: dict[str, Any]
) -> None:
    shown = customer["optin_preferences"]
    shown["email"]["opt_in_active"] = False

    changed = put(api, customer, **customer).json

    assert changed["optin_preferences"]["email"]["opt_in_updated_at"] == changed["lastModifiedDate"]
    assert changed["optin_preferences"]["sms"] == {"opt_in_active": False}


def test_an_older_time_of_the_same_choice_is_taken_but_the_first_never_moves(
    api: Api, customer: dict[str, Any]
) -> None:
    given = {
        "opt_in_active": True,
        "opted_in_at": "2001-01-01T00:00:00Z",
        "opt_in_updated_at": "2002-02-02T00:00:00Z",
    }

    changed = put(api, customer, optin_preferences={"email": given, "sms": given}).json["optin_preferences"]

    assert changed["email"]["opted_in_at"] == customer["optin_preferences"]["email"]["opted_in_at"]
    assert changed["email"]["opt_in_updated_at"] == "2002-02-02T00:00:00.000Z"
    assert changed["sms"]["opted_in_at"] == "2001-01-01T00:00:00.000Z"


def test_marketing_time_moves_with_accepts_marketing_alone(api: Api, customer: dict[str, Any]) -> None:
    before = customer["marketing_preferences_updated_at"]

    assert put(api, customer, firstName="New").json["marketing_preferences_updated_at"] == before
    assert put(api, customer, accepts_marketing=True).json["marketing_preferences_updated_at"] > before


def test_new_unique_values_are_found_at_once_and_the_old_ones_are_free(
    api: Api, customer: dict[str, Any], dynamo_calls: list[str]
) -> None:
    dynamo_calls.clear()

    put(api, customer, email="new@example.com", customerRef="N1", alternateCustomerRef=None)

    assert dynamo_calls == ["get_item", "transact_write_items"]
    assert api.get(f"{CUSTOMERS}/NEW@example.com/email").json["id"] == customer["id"]
    assert api.get(f"{CUSTOMERS}/N1/ref").json["id"] == customer["id"]
    for path in (f"{value('Ann+1@example.com')}/email", "a%2Fb%2525%3Dc/ref", "A1/alternateCustomerRef"):
        assert api.get(f"{CUSTOMERS}/{path}").status == 404
    assert api.create(email="ann+1@example.com", customerRef="a/b%25=c", alternateCustomerRef="A1")


def test_a_taken_value_changes_nothing(api: Api, customer: dict[str, Any]) -> None:
    api.create(email="taken@example.com", customerRef="T1")

    reply = put(api, customer, email="Taken@example.com", customerRef="T1", firstName="New")

    assert (reply.status, reply.json["code"]) == (400, "duplicate_value")
    assert sorted(reply.fields) == ["customerRef", "email"]
    assert api.customer(customer["id"]) == customer


def test_an_email_in_other_letters_is_the_same_email_written_anew(
    api: Api, customer: dict[str, Any], dynamo_calls: list[str]
) -> None:
    dynamo_calls.clear()

    changed = put(api, customer, email="ann+1@EXAMPLE.com").json

    assert changed["email"] == "ann+1@EXAMPLE.com"
    assert dynamo_calls == ["get_item", "update_item"]
    assert api.get(f"{CUSTOMERS}/{value('ANN+1@example.com')}/email").json == changed


@pytest.mark.parametrize(
    ("tag", "status"), [('"1"', 200), ("*", 200), ('"0", "1"', 200), ('"2"', 412), ('W/"1"', 412)]
)
def test_if_match_guards_the_change(api: Api, customer: dict[str, Any], tag: str, status: int) -> None:
    reply = api.put(
        f"{CUSTOMERS}/{customer['id']}", json_body={"firstName": "New"}, headers={"IF-MATCH": tag}
    )

    assert reply.status == status
    assert api.customer(customer["id"])["firstName"] == ("New" if status == 200 else "FirstName")


@pytest.mark.parametrize("letter", ["x", "é", "\U0001d160"])
def test_a_customer_does_not_outgrow_its_bound(api: Api, customer: dict[str, Any], letter: str) -> None:
    def grow(group: str) -> Reply:
        text = letter * (200_000 // len(letter.encode()))
        return put(api, customer, attributeGroups={group: {"attributes": {"a": text}}})

    assert grow("one").status == 200
    assert grow("two").status == 400
    assert "two" not in api.customer(customer["id"])["attributeGroups"]


def test_a_change_made_meanwhile_is_kept(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before(monkeypatch, "write", lambda: put(api, customer, lastName="Other", email=new_email()))

    changed = put(api, customer, firstName="New").json

    assert (changed["firstName"], changed["lastName"]) == ("New", "Other")


def test_what_if_match_says_comes_before_what_is_taken_when_the_customer_changes_meanwhile(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    api.create(email="taken@example.com")
    before(monkeypatch, "transact", lambda: put(api, customer, firstName="Other"))

    reply = api.put(
        f"{CUSTOMERS}/{customer['id']}",
        json_body={"email": "taken@example.com"},
        headers={"If-Match": '"1"'},
    )

    assert reply.status == 412


def test_losing_every_race_is_a_conflict_and_changes_nothing(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(dynamo, "write", contended)
    monkeypatch.setattr("time.sleep", waited.append)

    reply = put(api, customer, firstName="New")

    assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (409, "conflict", "1")
    assert len(waited) == retry.ATTEMPTS
    assert api.customer(customer["id"]) == customer


def test_a_write_whose_answer_was_lost_is_recognised(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = dynamo.write

    def sent_twice(*arguments: Any, **more: Any) -> Any:
        real(*arguments, **more)
        return real(*arguments, **more)

    monkeypatch.setattr(dynamo, "write", sent_twice)

    reply = api.put(
        f"{CUSTOMERS}/{customer['id']}", json_body={"firstName": "New"}, headers={"If-Match": '"1"'}
    )

    assert (reply.status, reply.headers["etag"]) == (200, '"2"')


@pytest.mark.parametrize("field", ["id", "customerRef", "email"])
def test_a_customer_named_by_what_is_no_text_is_a_bad_request_before_any_table_is_asked(
    api: Api, dynamo_calls: list[str], field: str
) -> None:
    reply = api.put(CUSTOMERS, json_body={field: "\ud800" * 36})

    assert (reply.status, reply.fields) == (400, [field])
    assert dynamo_calls == []


@pytest.mark.parametrize(
    "fields",
    [
        {"taxExemptions": [1] * 55_000},
        {"attributeGroups": {"g": {"attributes": {"a": "\u200b" * 40_000}}}},
        {"attributeGroups": {"g": {"attributes": {str(number): "" for number in range(20_000)}}}},
    ],
    ids=["list", "invisible", "empty"],
)
def test_whatever_could_be_created_can_be_changed(api: Api, fields: dict[str, Any]) -> None:
    customer = api.create(**fields)
    url = f"{CUSTOMERS}/{customer['id']}"

    assert api.put(url, json_body={"firstName": "Ann"}).status == 200


@pytest.mark.parametrize("groups", [{}, [], {"g": None}])
def test_groups_taken_out_where_there_were_none_change_nothing(api: Api, groups: Any) -> None:
    customer = api.create()

    reply = api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"attributeGroups": groups})

    assert (reply.status, reply.headers["etag"], reply.json) == (200, '"1"', customer)


def test_every_wrong_field_is_named_beside_one_that_would_name_the_customer(api: Api) -> None:
    reply = api.put(CUSTOMERS, json_body={"customerRef": [1], "dob": "x", "email": "bad"})

    assert (reply.status, sorted(reply.fields)) == (400, ["customerRef", "dob", "email"])


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_a_blank_identifier_names_nobody_and_the_next_one_decides(api: Api, blank: str | None) -> None:
    customer = api.create()

    in_body = api.put(CUSTOMERS, json_body={"id": blank, "customerRef": blank, "email": customer["email"]})
    in_query = api.put(f"{CUSTOMERS}?id=%20&customerRef=", json_body={"id": customer["id"], "firstName": "A"})

    assert (in_body.status, in_query.status) == (200, 200)
    assert api.put(f"{CUSTOMERS}?id=%20", json_body={"firstName": "A"}).status == 400


def test_sending_the_same_addresses_again_changes_nothing(api: Api) -> None:
    home, work = {"address1": "1 High St", "city": "Perth"}, {"address1": "2 Low St"}
    customer = api.create(addresses=[home, work, work])
    url = f"{CUSTOMERS}/{customer['id']}"

    again = api.put(url, json_body={"addresses": [work, home, work]})
    moved = api.put(url, json_body={"addresses": [home, {**work, "city": "Hobart"}]}).json

    ids = [one["addressID"] for one in customer["addresses"]]
    assert len(set(ids)) == 3
    assert sorted(one["addressID"] for one in again.json["addresses"]) == sorted(ids)
    assert moved["addresses"][0] == customer["addresses"][0]
    assert moved["addresses"][1]["addressID"] not in ids
    same = api.put(url, json_body={"addresses": [home, {**work, "city": "Hobart"}]})
    assert same.json == moved


def test_an_id_counts_in_either_case(api: Api) -> None:
    customer = api.create()

    assert api.get(f"{CUSTOMERS}/{customer['id'].upper()}").json == customer


def test_an_update_that_says_nothing_of_a_channel_records_nothing(api: Api) -> None:
    customer = api.create()
    url = f"{CUSTOMERS}/{customer['id']}"

    for said in ({}, {"opt_in_active": None}):
        assert api.put(url, json_body={"optin_preferences": {"sms": said}}).json == customer


def test_a_claim_that_is_this_customers_own_is_not_taken(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same change twice at once: the later one meets the claim that the earlier one has just made."""
    customer = api.create()
    url = f"{CUSTOMERS}/{customer['id']}"
    real = dynamo.transact

    def overtaken(writes: Any) -> None:
        monkeypatch.setattr(dynamo, "transact", real)
        api.put(url, json_body={"customerRef": "R"})
        raise dynamo.TransactionFailedError({1: {"customerId": customer["id"]}})

    monkeypatch.setattr(dynamo, "transact", overtaken)

    reply = api.put(url, json_body={"customerRef": "R"})

    assert (reply.status, reply.json["customerRef"]) == (200, "R")


def test_the_first_identifier_in_the_body_that_finds_a_customer_decides(api: Api) -> None:
    customer = api.create(email="ann@example.com")

    reply = api.put(CUSTOMERS, json_body={"customerRef": "new-ref", "email": "ANN@example.com"})

    assert (reply.status, reply.json["id"], reply.json["customerRef"]) == (200, customer["id"], "new-ref")
    assert api.get(f"{CUSTOMERS}/new-ref/ref").json == reply.json


def test_an_id_in_the_body_that_finds_nobody_is_not_found(api: Api) -> None:
    customer = api.create(email="ann@example.com")

    for wrong in (str(uuid.uuid4()), "x"):
        assert api.put(CUSTOMERS, json_body={"id": wrong, "email": "ann@example.com"}).status == 404
    assert api.customer(customer["id"]) == customer


def test_where_reference_and_email_are_two_customers_the_email_is_taken(api: Api) -> None:
    first, second = api.create(customerRef="C1"), api.create(email="b@example.com")

    reply = api.put(CUSTOMERS, json_body={"customerRef": "C1", "email": "b@example.com"})

    assert (reply.status, reply.json["code"], reply.fields) == (400, "duplicate_value", ["email"])
    assert (api.customer(first["id"]), api.customer(second["id"])) == (first, second)


def test_where_nothing_named_finds_a_customer_it_is_not_found(api: Api) -> None:
    assert api.put(CUSTOMERS, json_body={"customerRef": "x", "email": "x@example.com"}).status == 404


def test_in_the_query_too_the_first_that_finds_a_customer_decides(api: Api) -> None:
    customer = api.create(email="a@example.com")

    reply = api.put(f"{CUSTOMERS}?customerRef=x&email=a@example.com", json_body={"firstName": "New"})

    assert (reply.status, reply.json["id"]) == (200, customer["id"])


def test_a_customer_grown_too_large_before_there_was_a_bound_may_shrink(
    api: Api, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(size: int) -> int:
        return put(api, customer, attributeGroups={"g": {"attributes": {"a": "x" * size}}}).status

    monkeypatch.setattr("functions.customers.size.MAX_CUSTOMER_BYTES", 1000)

    assert say(5000) == 400
    monkeypatch.undo()
    assert say(5000) == 200
    monkeypatch.setattr("functions.customers.size.MAX_CUSTOMER_BYTES", 1000)
    assert say(4000) == 200
    assert say(4500) == 400
