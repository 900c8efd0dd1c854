"""The API in memory: what the contract says of one tenant, without a table, a call or a race.

An answer here is a status and what of the body the contract decides. Nothing is imported from `functions`.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

UNIQUE = ("email", "customerRef", "alternateCustomerRef")
PLAIN = (*UNIQUE, "firstName", "lastName")


def compared(name: str, value: str) -> str:
    """How values of a field that has one owner compare: emails without regard to case."""
    return value.lower() if name == "email" else value


@dataclass
class Customer:
    """A live customer; `consent` has whether a channel that was mentioned is opted in."""

    fields: dict[str, str]
    groups: dict[str, dict[str, str]] = field(default_factory=dict)
    consent: dict[str, bool] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)
    version: int = 1
    orders: dict[str, int] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """What an answer has to show, in the form of `shown_by`."""
        return {
            **self.fields,
            "groups": dict(sorted(self.groups.items())),
            "consent": {name: self.consent.get(name, False) for name in ("email", "sms")},
            "addresses": self.addresses,
            "totalOrders": str(len(self.orders)),
            "totalSpend": f"{sum(self.orders.values())}.00",
        }

    def merge(self, changes: Mapping[str, Any], *, new: bool = False) -> None:
        """A field left out stays, null clears, groups merge by name, null for a channel withdraws."""
        for name in PLAIN:
            if name in changes:
                self.fields.pop(name, None)
                if changes[name] is not None:
                    self.fields[name] = changes[name]
        for name, group in changes.get("attributeGroups", {}).items():
            if group is None:
                self.groups.pop(name, None)
                continue
            merged = self.groups.get(name, {}) | group["attributes"]
            self.groups[name] = {key: value for key, value in merged.items() if value is not None}
        for channel, record in changes.get("optin_preferences", {}).items():
            active = bool(record and record["opt_in_active"])
            # Showing a customer says no more than that a channel was never mentioned.
            if channel in self.consent or active or (new and record is not None):
                self.consent[channel] = active


def shown_by(body: Mapping[str, Any]) -> dict[str, Any]:
    """What an answer shows, in the form of `Customer.shown`."""
    groups = body.get("attributeGroups", {})
    return {
        **{name: body[name] for name in PLAIN if name in body},
        "groups": {name: groups[name].get("attributes", {}) for name in sorted(groups)},
        "consent": {name: body["optin_preferences"][name]["opt_in_active"] for name in ("email", "sms")},
        "addresses": [one["addressID"] for one in body.get("addresses", [])],
        "totalOrders": body["totalOrders"],
        "totalSpend": body["totalSpend"],
    }


@dataclass
class Upload:
    """An upload, with the rows that are not decided yet."""

    rows: list[dict[str, Any]]
    decided: bool = False
    created: int = 0
    failed: dict[int, str] = field(default_factory=dict)


@dataclass
class Tenant:
    """Everything of one tenant."""

    customers: dict[str, Customer] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    notes: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    keyed: dict[tuple[str, str], tuple[Any, str]] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)

    def owner(self, name: str, value: str) -> str | None:
        """Who has a value now, or this id."""
        if name == "id":
            return value if value in self.customers else None
        for customer_id, one in self.customers.items():
            if name in one.fields and compared(name, one.fields[name]) == compared(name, value):
                return customer_id
        return None

    def taken(self, fields: Mapping[str, Any], but: str | None = None) -> list[str]:
        """The fields whose value is another's."""
        owners = {name: self.owner(name, fields[name]) for name in UNIQUE if fields.get(name)}
        return [name for name, owner in owners.items() if owner not in {None, but}]

    def create(self, body: Mapping[str, Any]) -> Customer | list[str]:
        """The customer that a body makes, which has no id yet, or the fields that are taken."""
        if taken := self.taken(body):
            return taken
        made = Customer({})
        made.merge(body, new=True)
        return made

    def update(self, customer_id: str, changes: Mapping[str, Any]) -> list[str]:
        """Apply changes; the fields that are taken, where nothing was changed."""
        customer = self.customers[customer_id]
        if taken := self.taken(changes, customer_id):
            return taken
        before = copy.deepcopy(customer)
        customer.merge(changes)
        customer.version += customer != before
        return []

    def delete(self, customer_id: str) -> None:
        """The customer and what is its own go."""
        del self.customers[customer_id]
        self.deleted.append(customer_id)
        for note_id in [one for one, (owner, _) in self.notes.items() if owner == customer_id]:
            del self.notes[note_id]

    def notes_of(self, customer_id: str) -> list[str]:
        """Ids of the customer's notes, the newest first."""
        return [one for one, (owner, _) in reversed(self.notes.items()) if owner == customer_id]

    def import_rows(self, upload_id: str) -> Iterator[tuple[int, Customer]]:
        """Decide an upload's rows, once; the customers it makes by row, which have no id yet."""
        upload = self.uploads[upload_id]
        if upload.decided:
            return
        upload.decided = True
        # Rows that repeat an earlier one's value are refused before any is made.
        seen: set[tuple[str, str]] = set()
        for number, row in enumerate(upload.rows):
            own = {(name, compared(name, row[name])) for name in UNIQUE if row.get(name)}
            if repeated := [name for name in UNIQUE if (name, compared(name, row.get(name) or "")) in seen]:
                upload.failed[number] = repeated[0]
            seen |= own
        for number, row in enumerate(upload.rows):
            if number in upload.failed:
                continue
            made = self.create(row)
            if isinstance(made, list):
                upload.failed[number] = made[0]
            else:
                upload.created += 1
                yield number, made
