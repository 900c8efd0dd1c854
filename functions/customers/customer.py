"""The rules of a customer: how it is made, changed, found and shown. Pure: the clock and ids are passed in.

A customer here is a dict with the field names of the Customer API, holding only what is set. Beside those
(`INTERNAL_FIELDS`): `version` (int, 1 on creation), `writeId` (of the last write), `orderFigures` (see
`figures`), `figuresRevision` and `countedRevision` (see `order_figures`), `noteTally` (how many notes came
and went).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from functions.customers.consent import NOT_MENTIONED, merged_preferences, present_preferences
from functions.customers.figures import FIGURES, present_figures
from functions.customers.keys import email_key
from functions.shared.errors import InvalidRequestError, NotFoundError

Customer = dict[str, Any]
Fields = Mapping[str, Any]

DEFAULTS: Fields = {
    "active": True,
    "accepts_marketing": False,
    "customer_state": "enabled",
    "taxExempt": False,
    "taxExemptions": [],
    "verified_email": False,
}

MAX_ADDRESSES = 50

INTERNAL_FIELDS = frozenset(
    {"countedRevision", "figuresRevision", "noteTally", "orderFigures", "version", "writeId"}
)
"""What the service keeps with a customer; no caller writes it, and no answer shows it as it is."""

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

ANSWER_FIELDS = (*_ORDER, "lastModified", "optin_preferences", *FIGURES)
"""All fields that an answer may have, in its order."""


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

    A field left out stays, null clears, arrays are replaced, `attributeGroups` merge by group and attribute,
    `optin_preferences` by channel (contract, "Customer").
    """
    changed = _merged(customer, fields, now=now, new_id=new_id, echo=NOT_MENTIONED)
    if _is_other_mailbox(fields, customer) and fields.get("verified_email") is None:
        changed.pop("verified_email", None)
    if changed == customer:
        return customer
    # Of two changes at once, the later one may have begun earlier.
    now = max(now, customer["lastModifiedDate"])
    if _marketing(changed) != _marketing(customer):
        changed["marketing_preferences_updated_at"] = now
    return changed | {"lastModifiedDate": now, "version": customer["version"] + 1}


def with_address(customer: Customer, address: Fields, *, now: str) -> Customer:
    """The customer with one more address, which has its `addressID`. Raises InvalidRequestError."""
    addresses = customer.get("addresses", [])
    if any(one["addressID"] == address["addressID"] for one in addresses):
        raise InvalidRequestError.for_field("addressID", "is the addressID of another address")
    if len(addresses) >= MAX_ADDRESSES:
        raise InvalidRequestError(f"The customer has {MAX_ADDRESSES} addresses, the most there may be")
    return _with_addresses(customer, [*addresses, dict(address)], now)


def without_address(customer: Customer, address_id: str, *, now: str) -> Customer:
    """The customer without the address of this `addressID`. Raises NotFoundError."""
    addresses = customer.get("addresses", [])
    left = [one for one in addresses if one["addressID"] != address_id]
    if len(left) == len(addresses):
        raise NotFoundError("The customer has no such address")
    return _with_addresses(customer, left, now)


def present(customer: Customer, today: date) -> dict[str, Any]:
    """The customer as the API shows it on the day `today` (UTC)."""
    shown = {**DEFAULTS, **customer}
    return {
        **{name: shown[name] for name in _ORDER if name in shown},
        "lastModified": customer["lastModifiedDate"],
        "optin_preferences": present_preferences(customer.get("optin_preferences", {})),
        **present_figures(customer.get("orderFigures"), today),
    }


def _merged(
    customer: Customer, fields: Fields, *, now: str, new_id: Callable[[], str], echo: Fields
) -> Customer:
    merged = dict(customer)
    kept: Any
    for name, value in fields.items():
        if name == "optin_preferences":
            kept = merged_preferences(customer.get(name, {}), value, now=now, echo=echo)
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


def _with_addresses(customer: Customer, addresses: list[dict[str, Any]], now: str) -> Customer:
    now = max(now, customer["lastModifiedDate"])
    return customer | {"addresses": addresses, "lastModifiedDate": now, "version": customer["version"] + 1}


def _is_other_mailbox(fields: Fields, customer: Customer) -> bool:
    return "email" in fields and email_key(fields["email"]) != email_key(customer["email"])


def _merged_groups(groups: Fields | None, changes: Fields | None) -> dict[str, Any] | None:
    if changes is None:
        return None
    merged = dict(groups or {})
    for name, change in changes.items():
        if change is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged_group(merged.get(name, {}), change)
    # What is taken out where nothing was changes nothing, and raises no version.
    return None if groups is None and not merged else merged


def _merged_group(group: Fields, change: Fields) -> dict[str, Any]:
    merged = _without_nulls({**group, **change})
    if change.get("attributes") is not None:
        merged["attributes"] = _without_nulls({**group.get("attributes", {}), **change["attributes"]})
    return merged


def _without_nulls(fields: Fields) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _marketing(customer: Customer) -> tuple[Any, Any]:
    return (
        customer.get("optin_preferences"),
        customer.get("accepts_marketing", DEFAULTS["accepts_marketing"]),
    )
