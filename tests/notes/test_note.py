"""The rules of a note, for any note."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.notes.note import (
    changed_note,
    new_note,
    note_id,
    note_key,
    parts_of_note_id,
    present_note,
    version,
)

THEN, NOW = "2026-01-01T00:00:00.000Z", "2026-11-24T00:00:00.000Z"

moments = st.datetimes(datetime(1970, 1, 1), datetime(4000, 1, 1), timezones=st.just(UTC))
unique = st.text("0123456789abcdef", min_size=10, max_size=10)
customer_ids = st.uuids().map(str)
text = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
fields = st.fixed_dictionaries({"note": text}, optional={"author": st.none() | text})
changes = st.fixed_dictionaries({}, optional={"note": text, "author": st.none() | text})


@given(moments, moments, unique, unique)
def test_keys_sort_by_time_to_the_microsecond(
    one: datetime, other: datetime, first: str, second: str
) -> None:
    if one != other:
        assert (note_key(one, first) < note_key(other, second)) == (one < other)


@given(customer_ids, moments, unique)
def test_an_id_leads_back_to_its_customer_and_key(customer_id: str, moment: datetime, ending: str) -> None:
    key = note_key(moment, ending)

    assert parts_of_note_id(note_id(customer_id, key)) == (customer_id, key)


@given(st.text() | st.from_regex(r"[0-9a-f-]{35,37}-[0-9a-f]{23,25}\n?", fullmatch=True))
def test_what_has_no_parts_is_no_id(text: str) -> None:
    parts = parts_of_note_id(text)

    assert parts is None or (note_id(*parts) == text and [len(part) for part in parts] == [36, 24])


@given(fields)
def test_a_new_note_holds_what_is_given_and_no_nulls(given_fields: dict[str, Any]) -> None:
    note = new_note("key", {**given_fields, "customerId": "c", "id": "mine"}, now=NOW)

    given = {name: value for name, value in given_fields.items() if value is not None}
    assert note == {
        "noteKey": "key",
        **given,
        "createdDate": NOW,
        "lastModifiedDate": NOW,
        "version": 1,
    }


@given(changes)
def test_an_update_sets_what_is_given_and_its_date_and_moves_the_version(
    given_fields: dict[str, Any],
) -> None:
    before = new_note("key", {"note": "Likes blue", "author": "Sam"}, now=THEN)

    after = changed_note(before, {**given_fields, "id": "x"}, now=NOW)

    expected = before | given_fields | {"lastModifiedDate": NOW, "version": 2}
    assert after == {name: value for name, value in expected.items() if value is not None}


def test_a_note_older_than_versions_has_the_first() -> None:
    assert version({"noteKey": "key", "note": "x"}) == 1


@given(fields, st.none() | text)
def test_a_note_is_shown_with_its_customer_and_nothing_else(
    given_fields: dict[str, Any], ref: str | None
) -> None:
    customer = {"id": "c", "email": "a@example.com", **({"customerRef": ref} if ref else {})}
    note = new_note("key", given_fields, now=THEN)

    shown = present_note({**note, "customerKey": "demo#c"}, customer)

    names = {"customerId": "c", **({"customerRef": ref} if ref else {})}
    expected = {name: value for name, value in note.items() if name not in {"noteKey", "version"}}
    assert shown == {"id": "c-key", **names, **expected}
