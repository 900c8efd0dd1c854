"""Consent: what is recorded of it, and that a withdrawal is never undone by older data."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.customers.consent import merged_preferences
from functions.imports import import_rows
from functions.shared import clock
from tests.api import CUSTOMERS, UPLOADS, Api
from tests.builders import new_email
from tests.imports.sending import imported
from tests.queues import deliver

EARLY, LATE = "2020-01-01T00:00:00.000Z", "2021-01-01T00:00:00.000Z"
DAYS = [f"2020-01-0{day}T00:00:00.000Z" for day in range(1, 10)]

changes = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "opt_in_active": st.booleans(),
        "opt_in_updated_at": st.sampled_from(DAYS),
        "opted_in_at": st.sampled_from(DAYS),
    },
)


@pytest.fixture
def customer(api: Api) -> dict[str, Any]:
    return api.create(optin_preferences={"email": {"opt_in_active": True}})


def put(api: Api, customer: dict[str, Any], **channels: Any) -> dict[str, Any]:
    reply = api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"optin_preferences": channels})
    assert reply.status == 200, reply.text
    shown: dict[str, Any] = reply.json["optin_preferences"]
    return shown


def test_a_copy_from_before_a_withdrawal_does_not_undo_it(api: Api, customer: dict[str, Any]) -> None:
    withdrawn = put(api, customer, email={"opt_in_active": False})

    reply = api.put(f"{CUSTOMERS}/{customer['id']}", json_body=customer | {"firstName": "Ann"})

    assert reply.json["firstName"] == "Ann"
    assert reply.json["optin_preferences"] == withdrawn


def test_a_newer_choice_is_taken_with_its_time(api: Api, customer: dict[str, Any]) -> None:
    later = clock.timestamp(clock.now() + timedelta(hours=20))

    shown = put(api, customer, email={"opt_in_active": False, "opt_in_updated_at": later})["email"]

    assert (shown["opt_in_active"], shown["opt_in_updated_at"]) == (False, later)
    back = put(api, customer, email={"opt_in_active": True})["email"]
    assert (back["opt_in_active"], back["opt_in_updated_at"]) == (True, later)


@pytest.mark.parametrize("name", ["opt_in_updated_at", "opted_in_at"])
def test_a_time_that_later_withdrawals_would_be_older_than_is_refused(api: Api, name: str) -> None:
    later = clock.timestamp(clock.now() + timedelta(days=1, minutes=1))
    channel = {"opt_in_active": True, name: later}

    reply = api.post(CUSTOMERS, json_body={"email": new_email(), "optin_preferences": {"sms": channel}})

    assert (reply.status, reply.fields) == (400, [f"optin_preferences.sms.{name}"])


def test_null_withdraws_and_does_not_forget(api: Api, customer: dict[str, Any]) -> None:
    given = customer["optin_preferences"]["email"]

    for nothing in (None, "", " "):
        shown = put(api, customer, email=nothing, sms=nothing)

        assert shown["email"]["opt_in_active"] is False
        assert shown["email"]["opted_in_at"] == given["opted_in_at"]
        assert shown["email"]["opt_in_updated_at"] > given["opt_in_updated_at"]
        assert shown["sms"] == {"opt_in_active": False}


def test_null_for_all_preferences_withdraws_from_all(api: Api, customer: dict[str, Any]) -> None:
    shown = api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"optin_preferences": None}).json

    email = shown["optin_preferences"]["email"]
    assert (email["opt_in_active"], "opted_in_at" in email) == (False, True)
    assert shown["optin_preferences"]["sms"] == {"opt_in_active": False}


def test_a_refusal_by_put_is_recorded_unless_it_is_what_a_get_shows(api: Api) -> None:
    customer = api.create()

    assert put(api, customer, sms={"opt_in_active": False})["sms"] == {"opt_in_active": False}
    assert put(api, customer, sms={"opt_in_active": False, "opt_in_updated_at": ""})["sms"] == {
        "opt_in_active": False
    }
    refused = put(api, customer, sms={"opt_in_active": False, "opt_in_updated_at": EARLY})["sms"]
    assert (refused["opt_in_active"], refused["opt_in_updated_at"]) == (False, EARLY)


@pytest.mark.parametrize("times", [{"opt_in_updated_at": EARLY}, {"opted_in_at": EARLY}])
def test_times_without_a_choice_are_no_consent(api: Api, times: dict[str, str]) -> None:
    shown = put(api, api.create(optin_preferences={"email": times}), sms=times)

    assert (shown["email"]["opt_in_active"], shown["sms"]["opt_in_active"]) == (False, False)


def test_rows_of_an_upload_record_consent_as_a_create_does(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_rows, "THREADS", 1)
    row = {"email": new_email(), "optin_preferences": {"sms": None, "email": {"opt_in_active": False}}}

    assert api.post(UPLOADS, json_body=[row]).status == 202
    assert deliver("imports", import_rows.handler) == []

    preferences = api.get(f"{CUSTOMERS}?email={row['email']}").json["optin_preferences"]
    assert preferences["sms"] == {"opt_in_active": False}
    assert preferences["email"].keys() == {"opt_in_active", "opted_in_at", "opt_in_updated_at"}


@given(st.lists(changes, max_size=6))
def test_no_change_ever_undoes_what_is_newer_or_forgets_that_there_was_consent(sequence: list[Any]) -> None:
    """The contract, word for word: a record stays, its first day stays, a value moves its time forward."""
    preferences: dict[str, Any] = {}
    for at, change in enumerate(sequence):
        now = f"2020-01-{10 + at}T00:00:00.000Z"
        before = preferences.get("sms")
        preferences = merged_preferences(preferences, {"sms": change}, now=now) or {}
        after = preferences.get("sms")
        if before is None:
            continue
        assert after is not None
        assert after["opted_in_at"] == before["opted_in_at"]
        given_time = (change or {}).get("opt_in_updated_at")
        wanted = change.get("opt_in_active", before["opt_in_active"]) if change is not None else False
        older = given_time is not None and given_time < before["opt_in_updated_at"]
        if older and (wanted != before["opt_in_active"] or before.get("changed")):
            assert after == before
            continue
        assert after["opt_in_active"] == wanted
        if not older:
            assert after["opt_in_updated_at"] >= before["opt_in_updated_at"]
        # One word against it, and every later time stands.
        assert after.get("changed", False) == (
            wanted != before["opt_in_active"] or before.get("changed", False)
        )


def test_a_withdrawal_is_not_dated_back_for_consent_from_before_it_to_undo_it(api: Api) -> None:
    customer = api.create(optin_preferences={"email": {"opt_in_active": True, "opt_in_updated_at": EARLY}})
    put(api, customer, email={"opt_in_active": False, "opt_in_updated_at": LATE})

    older_withdrawal = {"opt_in_active": False, "opt_in_updated_at": "2020-03-01T00:00:00.000Z"}
    consent_between = {"opt_in_active": True, "opt_in_updated_at": "2020-06-01T00:00:00.000Z"}
    for copy in (older_withdrawal, consent_between):
        shown = put(api, customer, email=copy)["email"]
        assert (shown["opt_in_active"], shown["opt_in_updated_at"]) == (False, LATE)


def test_a_withdrawal_sent_twice_outlives_a_copy_from_before_it(api: Api, customer: dict[str, Any]) -> None:
    email = customer["optin_preferences"]["email"]
    for _ in range(2):
        withdrawn = put(api, customer, email=email | {"opt_in_active": False})

    assert put(api, customer, email=email) == withdrawn


def test_a_new_email_is_not_verified_unless_the_request_says_so(api: Api) -> None:
    customer = api.create(email="Ann@example.com", verified_email=True)
    url = f"{CUSTOMERS}/{customer['id']}"

    assert api.put(url, json_body={"email": "ANN@example.com"}).json["verified_email"] is True
    assert api.put(url, json_body={"email": "bea@example.com"}).json["verified_email"] is False
    both = api.put(url, json_body={"email": "cee@example.com", "verified_email": True})
    assert both.json["verified_email"] is True


CONSENT = "optin_preferences.email"
UNSUBSCRIBED = f"email,{CONSENT}.opt_in_active,{CONSENT}.opt_in_updated_at\nANN,false,{LATE}\n"
SUBSCRIBED = UNSUBSCRIBED.replace("false", "true")
UNDATED = f"email,{CONSENT}.opt_in_active\nANN,true\n"


@pytest.fixture
def ann(api: Api) -> dict[str, Any]:
    return api.create()


def sent(api: Api, ann: dict[str, Any], *files: str) -> dict[str, Any]:
    """What is known of her consent to email after these files."""
    for file in files:
        report = imported(api, file.replace("ANN", ann["email"]), mode="upsert")
        assert (report["state"], report["failed"]) == ("completed", 0)
    shown: dict[str, Any] = api.customer(ann["id"])["optin_preferences"]["email"]
    return shown


@pytest.mark.parametrize(
    "files", [(UNDATED, UNSUBSCRIBED), (UNSUBSCRIBED, UNDATED), (UNDATED, UNSUBSCRIBED, UNDATED)]
)
def test_a_withdrawal_stands_before_the_consent_of_a_file_without_times_in_any_order(
    api: Api, ann: dict[str, Any], files: tuple[str, ...]
) -> None:
    shown = sent(api, ann, *files)

    assert (shown["opt_in_active"], shown["opt_in_updated_at"]) == (False, LATE)


def test_the_consent_of_a_file_without_times_gets_its_time_from_one_that_has_it(
    api: Api, ann: dict[str, Any]
) -> None:
    shown = sent(api, ann, UNDATED, SUBSCRIBED, UNDATED)

    assert (shown["opt_in_active"], shown["opt_in_updated_at"]) == (True, LATE)
    assert sent(api, ann, UNSUBSCRIBED.replace(LATE, EARLY))["opt_in_active"] is True


def test_showing_a_customer_and_sending_it_back_gives_a_consent_no_time(
    api: Api, ann: dict[str, Any]
) -> None:
    sent(api, ann, UNDATED)
    api.put(f"{CUSTOMERS}/{ann['id']}", json_body=api.customer(ann["id"]) | {"firstName": "Ann"})

    assert sent(api, ann, UNSUBSCRIBED)["opt_in_active"] is False


def test_a_withdrawal_in_a_copy_of_a_customer_has_the_time_it_is_made_at(
    api: Api, ann: dict[str, Any]
) -> None:
    shown = sent(api, ann, UNDATED)

    withdrawn = put(api, ann, email=shown | {"opt_in_active": False})["email"]

    assert withdrawn["opt_in_active"] is False
    assert withdrawn["opt_in_updated_at"] > shown["opt_in_updated_at"]


def test_who_consents_again_in_a_request_has_consented(api: Api, ann: dict[str, Any]) -> None:
    sent(api, ann, UNSUBSCRIBED)

    assert put(api, ann, email={"opt_in_active": True})["email"]["opt_in_active"] is True
    assert sent(api, ann, UNSUBSCRIBED)["opt_in_active"] is True


def test_a_file_without_times_withdraws(api: Api, ann: dict[str, Any]) -> None:
    sent(api, ann, UNDATED)

    assert sent(api, ann, UNDATED.replace("true", "false"))["opt_in_active"] is False
