"""The rules of a customer's note: how it is named, made and shown. Pure: the clock and ids are passed in.

A note here is a dict of `noteKey`, `note`, `createdDate`, `lastModifiedDate`, `version` (int, 1 on creation;
absent on notes older than versions) and, where one is given, `author`. Its id is its customer's id and its
`noteKey`, so an id alone leads to the note.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.customers.customer import Customer

Note = dict[str, Any]
Fields = Mapping[str, Any]

MAX_LENGTH = {"note": 5000, "author": 256}

_ORDER = ("note", "author", "createdDate", "lastModifiedDate")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
NOTE_KEY = re.compile(r"[0-9a-f]{24}")
_NOTE_ID = re.compile(rf"([0-9a-f-]{{36}})-({NOTE_KEY.pattern})")


def note_key(moment: datetime, unique: str) -> str:
    """The key of a note made at `moment`: keys sort by their microsecond, the older first.

    `unique`, ten hexadecimal digits, tells notes of one microsecond apart.
    """
    return f"{(moment - _EPOCH) // _MICROSECOND:014x}{unique}"


def deleted_through(customer: Mapping[str, Any]) -> str:
    """The key through which all notes of a customer, or of its item, are gone; empty where none is."""
    return str(customer.get("noteTally", {}).get("deletedThrough", ""))


def moved_behind(note: Note, key: str) -> Note:
    """The new note with a `noteKey` behind `key`; as it is where it has one."""
    if note["noteKey"] > key:
        return note
    microsecond, unique = int(key[:14], 16) + 1, note["noteKey"][14:]
    return note | {"noteKey": f"{microsecond:014x}{unique}"}


def note_id(customer_id: str, key: str) -> str:
    """The id of the customer's note with this `noteKey`."""
    return f"{customer_id}-{key}"


def parts_of_note_id(text: str) -> tuple[str, str] | None:
    """The customer's id and the `noteKey` in a note's id; None for what cannot be one."""
    match = _NOTE_ID.fullmatch(text)
    return (match[1], match[2]) if match else None


def new_note(key: str, fields: Fields, *, now: str) -> Note:
    """The note that a create makes. `fields` is a valid request; `now` a UTC timestamp."""
    given = {name: fields[name] for name in ("note", "author") if fields.get(name) is not None}
    return {"noteKey": key, **given, "createdDate": now, "lastModifiedDate": now, "version": 1}


def changed_note(note: Note, fields: Fields, *, now: str) -> Note:
    """The note after an update: with the text or author it gives, null clears."""
    given = {name: fields[name] for name in ("note", "author") if name in fields}
    changed = (
        note | given | {"lastModifiedDate": max(now, note["lastModifiedDate"]), "version": version(note) + 1}
    )
    return {name: value for name, value in changed.items() if value is not None}


def version(note: Note) -> int:
    """The note's version, which a change moves by one."""
    return int(note.get("version", 1))


def present_note(note: Note, customer: Customer) -> dict[str, Any]:
    """The note as the API shows it, with the customer's reference of today."""
    return {
        "id": note_id(customer["id"], note["noteKey"]),
        "customerId": customer["id"],
        **({"customerRef": customer["customerRef"]} if "customerRef" in customer else {}),
        **{name: note[name] for name in _ORDER if name in note},
    }
