"""The rules of a customer: how it is made, changed, found and shown. Pure: the clock and ids are passed in.

A customer here is a dict with the field names of the Customer API, holding only what is set. Beside those:
`version` (int, 1 on creation), `writeId` (of the last write), `orderFigures` (see `figures`) and
`figuresRevision` (int, how often those were written).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from functions.customers.figures import present_figures

Customer = dict[str, Any]
Fields = Mapping[str, Any]

UNIQUE_FIELDS = ("email", "customerRef", "alternateCustomerRef")
"""Fields of which a value has one owner in a tenant."""

SEARCH_FIELDS = ("email", "mobile", "phone", "lastName", "firstName")
"""Fields a search may ask for, the most telling first."""

CHANNELS = ("sms", "email")
DEFAULTS: Fields = {
    "active": True,
    "accepts_marketing": False,
    "customer_state": "enabled",
    "taxExempt": False,
    "taxExemptions": [],
    "verified_email": False,
}
NOT_MENTIONED: Fields = {"opt_in_active": False}

MAX_REFERENCE_LENGTH = 128
"""Characters of a `customerRef` or `alternateCustomerRef`."""

_ORDER = (
    "id",
    "email",
    "customerRef",
    "alternateCustomerRef",
    "firstName",
    "lastName",
    "mobile",
    "phone",
    "dob",
    "vipStatus",
    "loyaltyTier",
    "spendToNextTier",
    "joinedStoreId",
    "memberSince",
    "addresses",
    "attributeGroups",
    "active",
    "accepts_marketing",
    "marketing_preferences_updated_at",
    "customer_state",
    "taxExempt",
    "taxExemptions",
    "verified_email",
    "createdDate",
    "lastModifiedDate",
)
"""The order of fields in an answer, after the samples of the Customer API."""

_NOT_DIGIT = re.compile(r"[^0-9]")


def new_customer(customer_id: str, fields: Fields, *, now: str, new_id: Callable[[], str]) -> Customer:
    """The customer that a create makes. `fields` is a valid request; `now` a UTC timestamp.

    `new_id` names each address that came without an `addressID`.
    """
    created = _merged({"id": customer_id}, fields, now=now, new_id=new_id, echo={})
    if any(name in created for name in ("optin_preferences", "accepts_marketing")):
        created["marketing_preferences_updated_at"] = now
    return created | {"createdDate": now, "lastModifiedDate": now, "version": 1}


def changed_customer(customer: Customer, fields: Fields, *, now: str, new_id: Callable[[], str]) -> Customer:
    """The customer after an update, equal to `customer` where the update changes nothing.

    A field left out stays, null clears, arrays are replaced, `attributeGroups` merge by group and
    `optin_preferences` by channel (contract, "Customer").
    """
    # Showing a customer says NOT_MENTIONED of a channel; sent back, that still mentions nothing.
    changed = _merged(customer, fields, now=now, new_id=new_id, echo=NOT_MENTIONED)
    if changed == customer:
        return customer
    # Of two changes at once, the later one may have begun earlier.
    now = max(now, customer["lastModifiedDate"])
    if _marketing(changed) != _marketing(customer):
        changed["marketing_preferences_updated_at"] = now
    return changed | {"lastModifiedDate": now, "version": customer["version"] + 1}


def present(customer: Customer, today: date) -> dict[str, Any]:
    """The customer as the API shows it on the day `today` (UTC)."""
    shown = {**DEFAULTS, **customer}
    preferences = customer.get("optin_preferences", {})
    return {
        **{name: shown[name] for name in _ORDER if name in shown},
        "lastModified": customer["lastModifiedDate"],
        "optin_preferences": {channel: preferences.get(channel, NOT_MENTIONED) for channel in CHANNELS},
        **present_figures(customer.get("orderFigures"), today),
    }


def etag(customer: Customer) -> str:
    """The customer's entity tag: its version (RFC 9110, 8.8.3)."""
    return f'"{customer["version"]}"'


def matches_etag(customer: Customer, if_match: str) -> bool:
    """Whether `If-Match` allows a change; tags are compared strongly (RFC 9110, 13.1.1)."""
    return if_match.strip() == "*" or etag(customer) in (tag.strip() for tag in if_match.split(","))


def search_key(name: str, value: str) -> str:
    """What equal values of a field have in common; empty for a value that nothing can equal.

    Email and names without regard to case, telephone numbers by their digits, references as they are.
    """
    if name in {"mobile", "phone"}:
        return _NOT_DIGIT.sub("", value)
    text = value.strip()
    return text if name.endswith("Ref") else folded(text)


def search_keys(customer: Fields) -> dict[str, str]:
    """The search key of each field that has one: email, names, telephone numbers and references."""
    return {
        name: key
        for name in (*SEARCH_FIELDS, "customerRef", "alternateCustomerRef")
        if (value := customer.get(name)) and (key := search_key(name, value))
    }


def unique_values(customer: Fields) -> dict[str, str]:
    """The values this customer owns, by field, as they are compared."""
    keys = search_keys(customer)
    return {name: keys[name] for name in UNIQUE_FIELDS if name in keys}


def folded(text: str) -> str:
    """Text without regard to case, and to how its accents are written (Unicode, 3.13, D145)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def _merged(
    customer: Customer, fields: Fields, *, now: str, new_id: Callable[[], str], echo: Fields
) -> Customer:
    merged = dict(customer)
    kept: Any
    for name, value in fields.items():
        if name == "optin_preferences":
            kept = _merged_preferences(customer.get(name, {}), value, now=now, echo=echo)
        elif name == "email" and folded(value) == folded(customer.get(name, "")):
            kept = customer[name]
        elif name == "attributeGroups":
            kept = _merged_groups(customer.get(name), value)
        elif name == "addresses" and value is not None:
            kept = _identified(value, customer.get(name, []), new_id)
        else:
            kept = value
        # A default is not kept, so that sending back what was shown changes nothing.
        if kept is None or kept == DEFAULTS.get(name):
            merged.pop(name, None)
        else:
            merged[name] = kept
    return merged


def _identified(
    addresses: Sequence[Fields], known: Sequence[Fields], new_id: Callable[[], str]
) -> list[dict[str, Any]]:
    """The addresses, each with an id: its own, or that of the same address as it is known, or a new one."""
    named = {address.get("addressID") for address in addresses}
    unused = [address for address in known if address["addressID"] not in named]
    identified = []
    for address in addresses:
        address_id = address.get("addressID")
        if not address_id:
            same = [one for one in unused if {**address, "addressID": one["addressID"]} == one][:1]
            unused = [one for one in unused if one not in same]
            address_id = same[0]["addressID"] if same else new_id()
        identified.append({**address, "addressID": address_id})
    return identified


def _merged_groups(groups: Fields | None, changes: Fields | None) -> dict[str, Any] | None:
    if changes is None:
        return None
    merged = {**(groups or {}), **changes}
    return {name: group for name, group in merged.items() if group is not None}


def _merged_preferences(
    preferences: Fields, changes: Fields | None, *, now: str, echo: Fields
) -> dict[str, Any] | None:
    if changes is None:
        return None
    merged = dict(preferences)
    for channel, change in changes.items():
        if change is None:
            merged.pop(channel, None)
        elif change and (channel in preferences or change != echo):
            merged[channel] = _merged_preference(preferences.get(channel, {}), change, now=now)
    return merged or None


def _merged_preference(known: Fields, change: Fields, *, now: str) -> dict[str, Any]:
    active = change.get("opt_in_active", known.get("opt_in_active", False))
    given = change.get("opt_in_updated_at")
    # A timestamp that is the one shown before is an echo, not news.
    news = given if given != known.get("opt_in_updated_at") else None
    moved = "opt_in_updated_at" not in known or active != known["opt_in_active"]
    return {
        "opt_in_active": active,
        "opted_in_at": known.get("opted_in_at") or change.get("opted_in_at") or now,
        "opt_in_updated_at": news or (now if moved else known["opt_in_updated_at"]),
    }


def _marketing(customer: Customer) -> tuple[Any, Any]:
    return (
        customer.get("optin_preferences"),
        customer.get("accepts_marketing", DEFAULTS["accepts_marketing"]),
    )
