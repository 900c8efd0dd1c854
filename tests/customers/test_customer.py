"""The rules of a customer, for any customer."""

import itertools
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from functions.customers.customer import (
    changed_customer,
    new_customer,
    present,
    with_address,
    without_address,
)
from functions.customers.request import CustomerChanges, NewCustomer
from functions.shared.validation import validator

TODAY = date(2026, 11, 24)
MOMENT = datetime(2026, 11, 24, tzinfo=UTC)
THEN, NOW = "2026-01-01T00:00:00.000Z", "2026-11-24T00:00:00.000Z"

text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
maybe_text = st.none() | text
preference = st.fixed_dictionaries(
    {"opt_in_active": st.booleans()},
    optional={"opted_in_at": st.sampled_from([THEN, NOW]), "opt_in_updated_at": st.sampled_from([THEN, NOW])},
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "customerRef": maybe_text,
        "alternateCustomerRef": maybe_text,
        "firstName": maybe_text,
        "mobile": maybe_text,
        "vipStatus": st.none() | st.booleans(),
        "active": st.none() | st.booleans(),
        "accepts_marketing": st.none() | st.booleans(),
        "taxExemptions": st.none() | st.lists(text, max_size=3),
        "addresses": st.none() | st.lists(st.fixed_dictionaries({"city": maybe_text}), max_size=3),
        "optin_preferences": st.none()
        | st.dictionaries(st.sampled_from(["email", "sms"]), st.none() | preference),
        "attributeGroups": st.none()
        | st.dictionaries(
            st.sampled_from("abc"),
            st.none() | st.fixed_dictionaries({"attributes": st.dictionaries(st.sampled_from("xy"), text)}),
            max_size=3,
        ),
    },
)

NUMBERS = itertools.count()

new_request = validator(NewCustomer)
change_request = validator(CustomerChanges)


def new_id() -> str:
    return f"new-{next(NUMBERS)}"


def created(body: dict[str, Any]) -> dict[str, Any]:
    request = new_request({"email": "ann@example.com", **body}, MOMENT)
    return new_customer("id-1", request, now=THEN, new_id=new_id)


def changed(customer: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    return changed_customer(customer, change_request(body, MOMENT), now=NOW, new_id=new_id)


@given(fields)
def test_sending_back_what_was_shown_changes_nothing(body: dict[str, Any]) -> None:
    customer = created(body)

    assert changed(customer, present(customer, TODAY)) == customer


@given(fields, fields)
@example(
    {"optin_preferences": {"email": {"opt_in_active": True}}},
    {"optin_preferences": {"email": {"opt_in_active": False, "opt_in_updated_at": THEN}}},
)
def test_the_same_update_twice_is_the_update_once(body: dict[str, Any], update: dict[str, Any]) -> None:
    once = changed(created(body), update)

    again = changed(once, {name: value for name, value in update.items() if name != "addresses"})

    assert again == once


@given(fields, fields)
def test_an_update_touches_only_what_it_names(body: dict[str, Any], update: dict[str, Any]) -> None:
    customer = created(body)

    after = changed(customer, update)

    kept_up = {"version", "lastModifiedDate", "marketing_preferences_updated_at"}
    untouched = (customer.keys() | after.keys()) - update.keys() - kept_up
    assert {name: after.get(name) for name in untouched} == {name: customer.get(name) for name in untouched}


@given(fields, fields)
def test_a_version_moves_by_one_exactly_when_something_changes(
    body: dict[str, Any], update: dict[str, Any]
) -> None:
    customer = created(body)

    after = changed(customer, update)

    assert after["version"] == customer["version"] + (after != customer)
    assert after["lastModifiedDate"] == (NOW if after != customer else THEN)


@given(fields, st.lists(fields, max_size=4))
def test_a_record_of_consent_never_goes_and_its_first_day_never_moves(
    body: dict[str, Any], updates: list[dict[str, Any]]
) -> None:
    customer = created(body)
    for update in updates:
        before = customer.get("optin_preferences", {})
        customer = changed(customer, update)
        for channel, record in customer.get("optin_preferences", {}).items():
            assert {"opt_in_active", "opted_in_at", "opt_in_updated_at"} == record.keys() - {"changed"}
            if channel in before:
                assert record["opted_in_at"] == before[channel]["opted_in_at"]
        assert before.keys() <= customer.get("optin_preferences", {}).keys()


def test_a_writer_whose_clock_is_behind_moves_no_date_back() -> None:
    customer = new_customer("id-1", {"email": "ann@example.com"}, now=NOW, new_id=new_id)
    renamed = changed_customer(customer, {"firstName": "Ann"}, now=THEN, new_id=new_id)
    moved = with_address(customer, {"addressID": "a"}, now=THEN)

    for after in (renamed, moved, without_address(moved, "a", now=THEN)):
        assert after["lastModifiedDate"] == NOW


@given(fields)
def test_an_answer_never_holds_null_and_only_fields_of_the_api(body: dict[str, Any]) -> None:
    shown = present(created(body), TODAY)

    assert None not in shown.values()
    assert not {"version", "writeId", "orderFigures"} & shown.keys()
