"""The fields of an export, and a customer as a line of JSON or of CSV. Pure."""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from functions.customers.consent import CHANNELS
from functions.customers.customer import ANSWER_FIELDS, MAX_ADDRESSES
from functions.shared.formulas import escaped

ADDRESS_FIELDS = (
    "addressID",
    "addressRef",
    "firstName",
    "lastName",
    "name",
    "company",
    "address1",
    "address2",
    "city",
    "postcode",
    "province",
    "provinceCode",
    "country",
    "countryCode",
    "phone",
    "email",
)
OPTIN_FIELDS = ("opt_in_active", "opted_in_at", "opt_in_updated_at")

_BELOW: Mapping[str, tuple[str, ...]] = {
    "addresses": tuple(f"addresses.0.{field}" for field in ADDRESS_FIELDS),
    "lastModified": (),
    "optin_preferences": tuple(
        f"optin_preferences.{channel}.{field}" for channel in sorted(CHANNELS) for field in OPTIN_FIELDS
    ),
}

CSV_COLUMNS = tuple(column for field in ANSWER_FIELDS for column in _BELOW.get(field, (field,)))
"""The columns of a CSV that names none: of addresses the first."""

_PATH = re.compile(
    r"addresses\.(?:{place})(?:\.(?:{address}))?"
    r"|optin_preferences\.(?:{channel})(?:\.(?:{optin}))?"
    r"|taxExemptions\.\d{{1,3}}"
    r"|attributeGroups\.[^.]+(?:\.(?:description|attributes(?:\..+)?))?".format(
        place="|".join(map(str, range(MAX_ADDRESSES))),
        address="|".join(ADDRESS_FIELDS),
        channel="|".join(CHANNELS),
        optin="|".join(OPTIN_FIELDS),
    ),
    re.DOTALL,
)


def is_field(name: str) -> bool:
    """Whether a customer has this field."""
    return name in ANSWER_FIELDS


def is_column(path: str) -> bool:
    """Whether this names a field, or by dots what is below one (`addresses.0.city`)."""
    return is_field(path) or _PATH.fullmatch(path) is not None


def json_line(customer: Mapping[str, Any], fields: Sequence[str] | None) -> str:
    """The customer as a line of JSON (jsonlines.org): whole, or those of `fields` that it has."""
    shown = customer if fields is None else {name: customer[name] for name in fields if name in customer}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")) + "\n"


def csv_lines(rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells as CSV (RFC 4180)."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def cells(customer: Mapping[str, Any], columns: Sequence[str]) -> list[str]:
    """The customer's cells, empty where it has no such value; arrays and objects are JSON.

    What a spreadsheet would take for a formula has an apostrophe before it.
    """
    return [_cell(_value(customer, column)) for column in columns]


def _value(customer: Mapping[str, Any], path: str) -> Any:
    value: Any = customer
    # A dot in an attribute's name is part of it.
    for step in path.split(".", 3):
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return escaped(text)
