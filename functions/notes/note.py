"""The rules of a customer's note: how it is named, made and shown. Pure: the clock and ids are passed in.

A note here is a dict of `noteKey`, `note`, `createdDate`, `lastModifiedDate` and, where one is given,
`author`. Its id is its customer's id and its `noteKey`, so an id alone leads to the note.
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
    return {"noteKey": key, **given, "createdDate": now, "lastModifiedDate": now}


def changes_of_note(fields: Fields, *, now: str) -> dict[str, Any]:
    """What an update sets: the text or author it gives, and the date. None clears."""
    return {name: fields[name] for name in ("note", "author") if name in fields} | {"lastModifiedDate": now}


def present_note(note: Note, customer: Customer) -> dict[str, Any]:
    """The note as the API shows it, with the customer's reference of today."""
    return {
        "id": note_id(customer["id"], note["noteKey"]),
        "customerId": customer["id"],
        **({"customerRef": customer["customerRef"]} if "customerRef" in customer else {}),
        **{name: note[name] for name in _ORDER if name in note},
    }
