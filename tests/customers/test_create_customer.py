"""POST /api/v2/customers."""

import re
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest

from functions.shared import dynamo
from tests.api import CUSTOMERS, Api, Reply
from tests.builders import document_sample, new_email
from tests.interference import before, contended

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def refused_fields(api: Api, **fields: Any) -> list[str]:
    reply = api.post(CUSTOMERS, json_body={"email": new_email(), **fields})
    assert (reply.status, reply.json["code"]) == (400, "invalid_request"), reply.text
    return reply.fields


def test_the_documents_sample_comes_back_with_what_the_server_adds(api: Api) -> None:
    reply = api.post(CUSTOMERS, json_body=document_sample())

    assert reply.status == 201
    customer = reply.json
    sent = document_sample()
    del sent["optin_preferences"]
    address = customer["addresses"][0]
    assert uuid.UUID(address.pop("addressID"))
    assert {name: customer[name] for name in sent} == sent
    assert uuid.UUID(customer["id"])
    assert TIMESTAMP.fullmatch(customer["createdDate"])
    assert customer["createdDate"] == customer["lastModifiedDate"] == customer["lastModified"]
    assert customer["optin_preferences"] == {
        "sms": {"opt_in_active": False},
        "email": {
            "opt_in_active": True,
            "opted_in_at": customer["createdDate"],
            "opt_in_updated_at": customer["createdDate"],
        },
    }
    assert reply.headers["etag"] == '"1"'
    assert reply.headers["location"].endswith(f"{CUSTOMERS}/{customer['id']}")


def test_defaults_stand_in_the_answer_and_absent_values_do_not(api: Api) -> None:
    customer = api.create(firstName=None, dob=None, customerRef=" ", vipStatus=None)

    assert customer["active"] is True
    assert customer["accepts_marketing"] is False
    assert customer["customer_state"] == "enabled"
    assert customer["taxExempt"] is False
    assert customer["taxExemptions"] == []
    assert customer["verified_email"] is False
    assert customer["lifetimeOrderValue"] == customer["totalSpend"] == "0.00"
    assert customer["averageSpendPerAnnum"] == customer["running12monthSpend"] == "0.00"
    assert customer["totalOrders"] == "0"
    absent = {"firstName", "dob", "customerRef", "vipStatus", "deleted", "lastOrderDate", "lastOrderRef"}
    assert not absent & customer.keys()
    assert "marketing_preferences_updated_at" not in customer
    assert None not in customer.values()


def test_the_email_is_trimmed_and_given_back_as_written(api: Api) -> None:
    assert api.create(email="  Ann.Lee@Example.COM ")["email"] == "Ann.Lee@Example.COM"


@pytest.mark.parametrize(
    ("field", "value", "again"),
    [
        ("email", "Ann@Example.com", "ann@example.COM"),
        ("email", "zoë@example.com", "ZOE\u0308@example.com"),
        ("customerRef", "C1", " C1 "),
        ("alternateCustomerRef", "A1", "A1"),
    ],
)
def test_a_taken_value_is_refused_by_name(api: Api, field: str, value: str, again: str) -> None:
    api.create(**{field: value})

    reply = api.post(CUSTOMERS, json_body={"email": new_email(), field: again})

    assert (reply.status, reply.json["code"], reply.fields) == (400, "duplicate_value", [field])


def test_all_taken_values_are_named_at_once(api: Api) -> None:
    api.create(email="a@example.com", customerRef="C1")
    api.create(alternateCustomerRef="A1")

    reply = api.post(
        CUSTOMERS,
        json_body={"email": "A@example.com", "customerRef": "C1", "alternateCustomerRef": "A1"},
    )

    assert reply.fields == ["email", "customerRef", "alternateCustomerRef"]


def test_references_keep_their_case_and_are_two_namespaces(api: Api) -> None:
    for field, value in [("customerRef", "x1"), ("customerRef", "X1"), ("alternateCustomerRef", "x1")]:
        assert api.create(**{field: value})[field] == value


def test_a_refused_customer_leaves_its_other_values_free(api: Api) -> None:
    api.create(email="a@example.com")
    assert api.post(CUSTOMERS, json_body={"email": "a@example.com", "customerRef": "C1"}).status == 400

    assert api.create(customerRef="C1")["customerRef"] == "C1"


def test_tenants_do_not_collide(api: Api) -> None:
    api.create(email="a@example.com", customerRef="C1", alternateCustomerRef="A1")

    other = Api("other").create(email="a@example.com", customerRef="C1", alternateCustomerRef="A1")

    assert api.get(f"{CUSTOMERS}/{other['id']}").status == 404


def test_every_wrong_field_is_named_at_once(api: Api) -> None:
    fields = refused_fields(
        api,
        email="Ann <ann@example.com>",
        firstName=["x"],
        vipStatus="yes",
        customer_state="gone",
        dob="31-02-2000",
        addresses=[{"city": "ok"}, {"countryCode": "XX", "city": {}}],
        optin_preferences={"sms": {"opt_in_active": "true"}},
        attributeGroups={"g": {"attributes": {"a": {"b": 1}}}},
    )

    assert set(fields) == {
        "email",
        "firstName",
        "vipStatus",
        "customer_state",
        "dob",
        "addresses.1.countryCode",
        "addresses.1.city",
        "optin_preferences.sms.opt_in_active",
        "attributeGroups.g.attributes.a",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", None),
        ("email", ""),
        ("email", "no-at-sign"),
        ("email", f"{'a' * 250}@example.com"),
        ("email", "nul\x00@example.com"),
        ("email", "half\ud800@example.com"),
        ("customerRef", "x" * 129),
        ("alternateCustomerRef", True),
        ("dob", "1999-11-28"),
        ("dob", "28-11-99"),
        ("dob", "01-01-2999"),
        ("firstName", "x" * 257),
        ("lastName", "nul\x00"),
        ("lastName", "half\ud800"),
        ("mobile", {}),
        ("memberSince", "yesterday"),
        ("active", "true"),
        ("taxExempt", 1),
        ("taxExemptions", "x"),
        ("addresses", {}),
        ("addresses", [{"city": "x"}] * 51),
        ("optin_preferences", [1]),
        ("attributeGroups", ["g"]),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(api: Api, field: str, value: Any) -> None:
    assert refused_fields(api, **{field: value}) == [field]


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("mobile", 61400000000, "61400000000"),
        ("customerRef", 42, "42"),
        ("memberSince", "28-11-1999", "28-11-1999"),
        ("memberSince", "2019-05-19", "2019-05-19"),
        ("memberSince", "2019-05-19T03:48:22Z", "2019-05-19T03:48:22Z"),
        ("taxExemptions", ["CA_BC", "CA_QC"], ["CA_BC", "CA_QC"]),
        ("vipStatus", False, False),
        (
            "attributeGroups",
            {"g": {"attributes": {"n": 1, "b": True, "t": "x", "gone": None}}},
            {"g": {"attributes": {"n": "1", "b": "true", "t": "x"}}},
        ),
    ],
)
def test_a_good_value_is_shown_as_the_contract_says(api: Api, field: str, value: Any, shown: Any) -> None:
    assert api.create(**{field: value})[field] == shown


def test_a_number_keeps_every_digit(api: Api) -> None:
    reply = api.post(CUSTOMERS, text='{"email":"a@example.com","spendToNextTier":12.50,"phone":1e400}')

    assert (reply.json["spendToNextTier"], reply.json["phone"]) == ("12.50", "1e400")


def test_an_address_keeps_its_id_and_gets_its_country_in_capitals(api: Api) -> None:
    address = {"addressID": "mine", "countryCode": "au", "company": None}

    assert api.create(addresses=[address])["addresses"] == [{"addressID": "mine", "countryCode": "AU"}]


def test_unknown_and_read_only_fields_are_ignored(api: Api) -> None:
    customer = api.create(
        id="mine", createdDate="1999", totalOrders="9", version=7, orderFigures={}, x=[None]
    )

    assert customer["id"] != "mine"
    assert customer["createdDate"] > "2020"
    assert customer["totalOrders"] == "0"
    assert "x" not in customer


def test_opt_in_times_of_a_migration_are_kept(api: Api) -> None:
    given = {
        "opt_in_active": False,
        "opted_in_at": "2019-01-01T10:00:00+10:00",
        "opt_in_updated_at": "2020-02-02",
    }

    shown = api.create(optin_preferences={"sms": given})["optin_preferences"]["sms"]

    assert shown == {
        "opt_in_active": False,
        "opted_in_at": "2019-01-01T00:00:00.000Z",
        "opt_in_updated_at": "2020-02-02T00:00:00.000Z",
    }


def test_an_explicit_no_is_a_consent_record(api: Api) -> None:
    customer = api.create(optin_preferences={"sms": {"opt_in_active": False}})

    assert customer["optin_preferences"]["sms"] == {
        "opt_in_active": False,
        "opted_in_at": customer["createdDate"],
        "opt_in_updated_at": customer["createdDate"],
    }
    assert customer["marketing_preferences_updated_at"] == customer["createdDate"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "1", "[" * 5000, '{"email":NaN}', "\x00"])
def test_a_body_that_is_no_json_object_is_refused(api: Api, text: str) -> None:
    assert api.post(CUSTOMERS, text=text).status == 400


def test_a_body_over_the_limit_is_refused(api: Api) -> None:
    reply = api.post(CUSTOMERS, json_body={"email": new_email(), "x": "y" * 256 * 1024})

    assert (reply.status, reply.json["code"]) == (400, "invalid_request")


def keyed(api: Api, key: str, body: dict[str, Any]) -> Reply:
    return api.post(CUSTOMERS, json_body=body, headers={"idempotency-key": key})


def test_the_same_key_and_body_create_once_and_show_what_stands_there_now(api: Api) -> None:
    body = document_sample()
    first = keyed(api, "k1", body)
    api.put(f"{CUSTOMERS}/{first.json['id']}", json_body={"email": "moved@example.com"})

    again = keyed(api, "k1", dict(reversed(body.items())))

    assert (first.status, again.status) == (201, 201)
    assert (again.json["id"], again.json["email"]) == (first.json["id"], "moved@example.com")
    assert again.headers["location"] == first.headers["location"]


def test_the_same_key_with_another_body_is_refused(api: Api) -> None:
    keyed(api, "k1", {"email": "a@example.com"})

    reply = keyed(api, "k1", {"email": "b@example.com"})

    assert (reply.status, reply.json["code"]) == (422, "idempotency_key_reused")
    assert api.create(email="b@example.com")


def test_a_key_whose_customer_was_deleted_is_refused(api: Api) -> None:
    body = {"email": "a@example.com"}
    first = keyed(api, "k1", body).json
    api.delete(f"{CUSTOMERS}/{first['id']}")

    again = keyed(api, "k1", body)
    assert (again.status, again.json["code"]) == (422, "idempotency_key_reused")
    assert again.json["message"] == "What this Idempotency-Key made has been deleted since"
    assert api.create(email="a@example.com")


def test_a_key_belongs_to_its_tenant(api: Api) -> None:
    body = {"email": "a@example.com"}

    assert keyed(api, "k1", body).json["id"] != keyed(Api("other"), "k1", body).json["id"]


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_of_wrong_length_is_refused(api: Api, key: str) -> None:
    assert keyed(api, key, {"email": new_email()}).fields == ["Idempotency-Key"]


def test_a_failed_create_leaves_its_key_usable(api: Api) -> None:
    api.create(email="a@example.com", customerRef="C1")
    assert keyed(api, "k1", {"email": "b@example.com", "customerRef": "C1"}).status == 400

    assert keyed(api, "k1", {"email": "b@example.com"}).status == 201


@pytest.mark.parametrize("odd", ["\ud800", "\0", "<", "\u202e", "x"])
def test_a_date_and_a_time_are_written_with_the_characters_of_iso_8601_alone(
    api: Api, dynamo_calls: list[str], odd: str
) -> None:
    moment = f"2020-01-01{odd}10:00:00"
    body = {
        "email": new_email(),
        "memberSince": moment,
        "optin_preferences": {"sms": {"opted_in_at": moment}},
    }

    reply = api.post(CUSTOMERS, json_body=body)

    assert (reply.status, reply.fields) == (400, ["memberSince", "optin_preferences.sms.opted_in_at"])
    assert dynamo_calls == []


@pytest.mark.parametrize(
    "since", ["2020-01-01", "2020-01-01T10:00:00Z", "2020-01-01 10:00+10:00", "01-02-2020"]
)
def test_a_date_is_given_back_as_it_was_written(api: Api, since: str) -> None:
    assert api.create(memberSince=since)["memberSince"] == since


@pytest.mark.parametrize("name", ["\U0001d160" * 256, "\u0390" * 256, "\ufdfa" * 256, "x" * 256])
def test_a_name_of_any_letters_is_kept_and_found(api: Api, name: str) -> None:
    customer = api.create(firstName=name, lastName=name)

    assert api.customer(customer["id"])["firstName"] == name
    for query in ("firstName", "lastName"):
        found = api.get(f"{CUSTOMERS}/search?{urlencode({query: name})}")
        assert [one["id"] for one in found.json] == [customer["id"]]
        longer = api.get(f"{CUSTOMERS}/search?{urlencode({query: name + 'x'})}")
        assert longer.json == []
    assert api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"firstName": "x"}).status == 200


@pytest.mark.parametrize("ref", ["a\nb", "a\tb", "a\x7fb", "a\x85b"])
def test_a_reference_holds_no_control_characters(api: Api, ref: str) -> None:
    reply = api.post(CUSTOMERS, json_body={"email": new_email(), "customerRef": ref, "firstName": "\x9f"})

    assert (reply.status, sorted(reply.fields)) == (400, ["customerRef", "firstName"])


def test_a_body_nested_as_deeply_as_can_be_parsed_is_no_fault_under_a_key(api: Api) -> None:
    for depth in range(900, 1010, 5):
        nested = "[" * depth + "]" * depth
        text = f'{{"email": "{new_email()}", "more": {nested}}}'
        reply = api.post(CUSTOMERS, text=text, headers={"Idempotency-Key": str(depth)})
        assert reply.status in {201, 400}, depth


def test_others_at_the_same_values_are_waited_for(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    before(monkeypatch, "transact", contended)

    assert api.post(CUSTOMERS, json_body={"email": new_email()}).status == 201


def test_others_who_stay_at_the_same_values_are_a_conflict(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(dynamo, "transact", contended)

    reply = api.post(CUSTOMERS, json_body={"email": new_email()})

    assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (409, "conflict", "1")


def test_contention_is_a_conflict_wherever_it_comes_out(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamo, "batch_get", contended)

    reply = api.post(f"{CUSTOMERS}/validate", json_body={"email": new_email()})

    assert (reply.status, reply.headers["retry-after"]) == (409, "1")


def test_without_a_key_no_trace_of_the_request_is_kept(api: Api) -> None:
    customer = api.create()
    keyed_customer = keyed(api, "k1", {"email": new_email()}).json

    stored = {one["id"]["S"]: one for one in dynamo.call("scan", TableName="customers")["Items"]}
    assert "requestHash" not in stored[customer["id"]]
    assert "requestHash" in stored[keyed_customer["id"]]
