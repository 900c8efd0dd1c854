"""What real exports and clients send: blanks, empty arrays for maps, stray space, numbers for text."""

from datetime import UTC, datetime
from typing import Any

import pytest

from functions.imports import import_rows
from tests.api import CUSTOMERS, NOTE, UPLOADS, Api
from tests.builders import document_sample, new_email
from tests.queues import deliver

BLANKS: list[Any] = ["", "  ", None, "\u200b"]

OPTIONAL = [
    "customerRef",
    "alternateCustomerRef",
    "dob",
    "firstName",
    "lastName",
    "mobile",
    "phone",
    "vipStatus",
    "loyaltyTier",
    "spendToNextTier",
    "joinedStoreId",
    "memberSince",
    "active",
    "accepts_marketing",
    "taxExempt",
    "taxExemptions",
    "verified_email",
    "customer_state",
    "addresses",
    "attributeGroups",
]
FULL: dict[str, Any] = document_sample(
    alternateCustomerRef="A1",
    vipStatus=True,
    loyaltyTier="gold",
    spendToNextTier="10",
    joinedStoreId="S1",
    memberSince="2020-01-01",
    active=False,
    accepts_marketing=True,
    taxExempt=True,
    taxExemptions=["X"],
    verified_email=True,
    customer_state="invited",
)


@pytest.mark.parametrize("blank", BLANKS)
def test_a_blank_field_of_a_create_is_one_left_out(api: Api, blank: Any) -> None:
    bare = api.create()
    blanks = api.create(**dict.fromkeys(OPTIONAL, blank))

    assert blanks.keys() == bare.keys()
    assert [blanks[name] for name in OPTIONAL if name in blanks] == [
        bare[name] for name in OPTIONAL if name in bare
    ]


@pytest.mark.parametrize("blank", BLANKS)
def test_a_blank_field_of_an_update_is_cleared(api: Api, blank: Any) -> None:
    full, bare = api.create(**FULL), api.create()

    reply = api.put(f"{CUSTOMERS}/{full['id']}", json_body=dict.fromkeys(OPTIONAL, blank))

    assert reply.status == 200, reply.text
    assert {name: reply.json.get(name) for name in OPTIONAL} == {name: bare.get(name) for name in OPTIONAL}


@pytest.mark.parametrize("blank", ["", " ", None])
def test_the_email_alone_is_required_and_cannot_be_cleared(api: Api, blank: Any) -> None:
    customer = api.create()
    created = api.post(CUSTOMERS, json_body={"email": blank})
    cleared = api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"email": blank})

    for reply in (created, cleared):
        assert (reply.status, reply.json["errors"]) == (400, [{"field": "email", "message": "is required"}])


@pytest.mark.parametrize("blank", BLANKS)
def test_blank_parts_within_a_field_are_left_out(api: Api, blank: Any) -> None:
    customer = api.create(
        addresses=[{"city": "Perth", "countryCode": blank, "addressID": blank, "name": blank}],
        optin_preferences={
            "email": {"opt_in_active": blank, "opt_in_updated_at": blank, "opted_in_at": blank}
        },
        attributeGroups={"g": {"attributes": {"a": blank, "b": "x"}, "description": blank}},
        taxExemptions=[blank, "X"],
    )

    (address,) = customer["addresses"]
    assert address == {"city": "Perth", "addressID": address["addressID"]}
    assert address["addressID"].strip()
    assert customer["optin_preferences"]["email"] == {"opt_in_active": False}
    assert customer["attributeGroups"] == {"g": {"attributes": {"b": "x"}}}
    assert customer["taxExemptions"] == ["X"]


def test_an_address_with_nothing_in_it_is_dropped_and_the_others_keep_their_place_in_errors(api: Api) -> None:
    nothing: list[Any] = [{}, {"city": " "}, None, {"countryCode": None}]
    assert [one["city"] for one in api.create(addresses=[*nothing, {"city": "Perth"}])["addresses"]] == [
        "Perth"
    ]

    reply = api.post(
        CUSTOMERS, json_body={"email": new_email(), "addresses": [*nothing, {"countryCode": "ZZ"}]}
    )

    assert reply.fields == ["addresses.4.countryCode"]


def test_two_addresses_do_not_share_an_id(api: Api) -> None:
    addresses = [{"addressID": "a", "city": "Perth"}, {"city": "Hobart"}, {"addressID": "a"}]

    reply = api.post(CUSTOMERS, json_body={"email": new_email(), "addresses": addresses})

    assert (reply.status, reply.fields) == (400, ["addresses.2.addressID"])


def test_what_is_parsed_is_trimmed(api: Api) -> None:
    customer = api.create(
        dob="01-02-1990 ",
        memberSince=" 2020-01-01\u00a0",
        customer_state=" invited",
        customerRef="\ufeff C1\u200b",
        addresses=[{"countryCode": " au "}],
        optin_preferences={"sms": {"opt_in_active": True, "opt_in_updated_at": " 2020-01-01 "}},
    )

    assert (customer["dob"], customer["memberSince"], customer["customer_state"]) == (
        "01-02-1990",
        "2020-01-01",
        "invited",
    )
    assert customer["customerRef"] == "C1"
    assert customer["addresses"][0]["countryCode"] == "AU"
    assert customer["optin_preferences"]["sms"]["opt_in_updated_at"] == "2020-01-01T00:00:00.000Z"


@pytest.mark.parametrize("name", ["attributeGroups", "optin_preferences"])
def test_an_empty_array_for_a_map_is_an_empty_map_and_changes_nothing(api: Api, name: str) -> None:
    customer = api.create(**FULL)

    reply = api.put(f"{CUSTOMERS}/{customer['id']}", json_body={name: []})

    assert (reply.status, reply.json) == (200, customer)


def test_an_empty_array_within_a_map_is_an_empty_map_too(api: Api) -> None:
    customer = api.create(attributeGroups={"g": {"attributes": []}, "h": []}, optin_preferences={"sms": []})

    assert customer["attributeGroups"] == {"g": {"attributes": {}}, "h": {}}
    assert customer["optin_preferences"]["sms"] == {"opt_in_active": False}
    for wrong in ({"g": {"attributes": ["a"]}}, {"g": ["a"]}):
        assert api.post(CUSTOMERS, json_body={"email": new_email(), "attributeGroups": wrong}).status == 400


def test_attributes_merge_by_name_and_go_one_by_one(api: Api) -> None:
    customer = api.create(attributeGroups={"g": {"attributes": {"a": "1", "b": "2"}, "description": "d"}})
    url = f"{CUSTOMERS}/{customer['id']}"

    def groups(change: Any) -> Any:
        return api.put(url, json_body={"attributeGroups": change}).json.get("attributeGroups")

    assert groups({"g": {"attributes": {"a": "9"}}}) == {
        "g": {"attributes": {"a": "9", "b": "2"}, "description": "d"}
    }
    assert groups({"g": {"attributes": {"a": None}, "description": ""}}) == {"g": {"attributes": {"b": "2"}}}
    assert groups({"g": {"attributes": {"b": " "}}}) == {"g": {"attributes": {}}}
    assert groups({"g": None}) == {}


@pytest.mark.parametrize("group", [{"tier": "gold"}, {"attributes": {}, "Description": "x"}])
def test_a_groups_unknown_field_is_refused_for_it_would_be_lost(api: Api, group: dict[str, Any]) -> None:
    reply = api.post(CUSTOMERS, json_body={"email": new_email(), "attributeGroups": {"crm": group}})

    assert reply.status == 400
    (error,) = reply.json["errors"]
    assert error["field"] in {"attributeGroups.crm.tier", "attributeGroups.crm.Description"}
    assert error["message"] == "is not a known field"


def test_a_whole_number_is_text_without_its_point_and_an_amount_keeps_its_digits(api: Api) -> None:
    reply = api.post(
        CUSTOMERS,
        text='{"email": "a@example.com", "customerRef": 1001.0, "alternateCustomerRef": 2E3,'
        ' "mobile": 61495741456.0, "phone": 1e400, "spendToNextTier": 12.50, "joinedStoreId": 7.0,'
        ' "addresses": [{"postcode": 2000.0, "phone": 123.5, "addressID": 5.0}]}',
    )

    customer = reply.json
    shown = [customer[name] for name in ("customerRef", "alternateCustomerRef", "mobile", "phone")]
    assert shown == ["1001", "2000", "61495741456", "1e400"]
    assert (customer["spendToNextTier"], customer["joinedStoreId"]) == ("12.50", "7")
    assert customer["addresses"] == [{"postcode": "2000", "phone": "123.5", "addressID": "5"}]
    again = api.put(CUSTOMERS, text='{"customerRef": 1001.0, "firstName": "Ann"}')
    assert (again.status, again.json["id"]) == (200, customer["id"])


@pytest.mark.parametrize("number", ["1e9999999999999999999", "1.0e-9999999999999999999"])
def test_a_number_that_nobody_computes_with_is_text_wherever_an_identifier_is_read(
    api: Api, number: str
) -> None:
    fields = ("customerRef", "alternateCustomerRef", "mobile", "phone", "joinedStoreId")
    members = ", ".join(f'"{field}": {number}' for field in fields)
    created = api.post(CUSTOMERS, text=f'{{"email": "a@example.com", {members}}}')

    assert created.status == 201, created.text
    assert {created.json[field] for field in fields} == {number}
    assert api.put(CUSTOMERS, text=f'{{"customerRef": {number}, "id": {number}}}').status == 404
    note = api.post(NOTE, text=f'{{"customerRef": {number}, "note": "Called"}}')
    assert note.status == 200, note.text


def test_today_is_the_latest_day_anywhere(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.shared.clock.now", lambda: datetime(2026, 11, 24, 10, 30, tzinfo=UTC))

    assert api.post(CUSTOMERS, json_body={"email": new_email(), "dob": "25-11-2026"}).status == 201
    assert api.post(CUSTOMERS, json_body={"email": new_email(), "dob": "26-11-2026"}).status == 400


def test_kosovo_is_a_country(api: Api) -> None:
    assert api.create(addresses=[{"countryCode": "xk"}])["addresses"][0]["countryCode"] == "XK"


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"firstName": "x" * 257}, "firstName", "must be at most 256 characters"),
        ({"customer_state": "gone"}, "customer_state", "must be one of disabled, invited, enabled, declined"),
        ({"addresses": [{"city": "x"}] * 51}, "addresses", "must have at most 50 entries"),
        (
            {"attributeGroups": {"g": {"attributes": {"": "x"}}}},
            "attributeGroups.g.attributes",
            "must not be empty",
        ),
        (
            {"attributeGroups": {"x" * 257: {}}},
            f"attributeGroups.{'x' * 256}…",
            "must be at most 256 characters",
        ),
        ({"dob": "1990"}, "dob", "must be a date as dd-mm-yyyy"),
    ],
)
def test_a_message_is_for_a_person(api: Api, fields: dict[str, Any], field: str, message: str) -> None:
    reply = api.post(CUSTOMERS, json_body={"email": new_email(), **fields})

    assert reply.json["errors"] == [{"field": field, "message": message}]


def test_a_list_of_errors_that_was_cut_says_so(api: Api) -> None:
    groups = {f"g{number}": {"x": 1} for number in range(1500)}

    reply = api.post(CUSTOMERS, json_body={"email": new_email(), "attributeGroups": groups})

    assert len(reply.fields) == 1000
    assert reply.json["message"] == "Some fields are not valid; of 1500 errors the first 1000 are named"


@pytest.mark.parametrize("field", ["email", "customerRef", "alternateCustomerRef"])
def test_damaged_bytes_in_what_identifies_are_refused(api: Api, field: str) -> None:
    damaged = {"email": new_email(), field: "caf\ufffd@example.com"}

    reply = api.post(CUSTOMERS, json_body=damaged)

    assert (reply.status, reply.fields) == (400, [field])
    assert api.post(CUSTOMERS, json_body={"email": new_email(), "firstName": "\ufffd"}).status == 201


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("m@bücher.de", "m@xn--bcher-kva.de"),
        ('"ann"@example.com', "ann@example.com"),
        ("É@x.com", "e\u0301@x.com"),
    ],
)
def test_one_mailbox_is_one_customer(api: Api, first: str, second: str) -> None:
    customer = api.create(email=first)

    reply = api.post(CUSTOMERS, json_body={"email": second})

    assert (reply.status, reply.json["code"]) == (400, "duplicate_value")
    assert customer["email"] == first


def test_two_mailboxes_are_two_customers(api: Api) -> None:
    assert api.create(email="straße@example.com")
    assert api.create(email="strasse@example.com")


def test_a_reference_is_the_same_however_its_accents_are_written(api: Api) -> None:
    customer = api.create(customerRef="caf\u00e9")

    assert api.get(f"{CUSTOMERS}?customerRef=cafe%CC%81").json == customer
    assert api.post(CUSTOMERS, json_body={"email": new_email(), "customerRef": "cafe\u0301"}).status == 400


def test_rows_of_an_export_with_blank_cells_become_customers(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_rows, "THREADS", 1)
    blanks = {"dob": "", "vipStatus": "", "customer_state": "", "attributeGroups": []}
    rows = [
        {**blanks, "email": new_email(), "addresses": [{"city": "Perth", "countryCode": " "}]}
        for _ in range(3)
    ]

    upload = api.post(UPLOADS, json_body=rows).json
    assert deliver("imports", import_rows.handler) == []

    report = api.get(f"{UPLOADS}/{upload['uploadId']}").json
    assert (report["status"], report["created"], report["failed"]) == ("completed", 3, 0)
    for row in rows:
        (address,) = api.get(f"{CUSTOMERS}?email={row['email']}").json["addresses"]
        assert address.keys() == {"city", "addressID"}
