"""The stream of the customers table: what one record says happened to a customer.

Every write of a customer raises its version by one and makes one record, save those of its order figures
and of the tally of its notes.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from functions.customers.customer import INTERNAL_FIELDS, Customer
from functions.customers.item import live
from functions.shared.item import Item, unmarshal

ChangeType = Literal["CustomerCreated", "CustomerUpdated", "CustomerDeleted"]

_NAMESPACE = uuid.UUID("3b0f6f4e-64a5-4f2c-9d3e-0c4a8b7f2d15")

_KEPT_BY_THE_SERVICE = INTERNAL_FIELDS | {
    "createdDate",
    "lastModifiedDate",
    "marketing_preferences_updated_at",
}
"""Fields of a stored customer that no caller writes."""


@dataclass(frozen=True)
class CustomerChange:
    """One version of a customer coming to be. `event_id` (UUID) is the same however often it is read.

    `customer_ref` is the customer's reference, of a deleted one the last; `previous_customer_ref` is the one
    it had before where this change took or changed it. Holds nothing personal: of the changed fields their
    names alone.
    """

    type: ChangeType
    tenant_id: str
    customer_id: str
    customer_ref: str | None
    version: int
    occurred_at: str
    changed_fields: tuple[str, ...] = ()
    previous_customer_ref: str | None = None

    @property
    def event_id(self) -> str:
        """Identifies this change to whoever may hear of it twice."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.tenant_id}#{self.customer_id}/{self.version}"))

    @property
    def detail(self) -> dict[str, Any]:
        """The event's detail (contract, "Events")."""
        references = {"customerRef": self.customer_ref, "previousCustomerRef": self.previous_customer_ref}
        changed = {"changedFields": list(self.changed_fields)} if self.type == "CustomerUpdated" else {}
        return {
            "tenantId": self.tenant_id,
            "customerId": self.customer_id,
            **{name: reference for name, reference in references.items() if reference},
            "version": self.version,
            "occurredAt": self.occurred_at,
            "eventId": self.event_id,
            **changed,
        }


def change_in(record: Mapping[str, Any]) -> CustomerChange | None:
    """What a stream record tells (AWS: DynamoDB stream record); None where no version came to be."""
    images = record["dynamodb"]
    old, new = _image(images, "OldImage"), _image(images, "NewImage")
    if new is None or (old and old["version"] == new["version"]):
        return None
    before, after = live(old), live(new)
    about: dict[str, Any] = {
        "tenant_id": new["tenantId"],
        "customer_id": new["id"],
        "version": new["version"],
        "customer_ref": _reference(after or before),
        "previous_customer_ref": None,
    }
    if after is None:
        about["previous_customer_ref"] = _reference(before)
        return CustomerChange("CustomerDeleted", **about, occurred_at=new["deletedDate"])
    if before is None:
        return CustomerChange("CustomerCreated", **about, occurred_at=after["createdDate"])
    changed = _changed_fields(before, after)
    if "customerRef" in changed:
        about["previous_customer_ref"] = _reference(before)
    return CustomerChange(
        "CustomerUpdated", **about, occurred_at=after["lastModifiedDate"], changed_fields=changed
    )


def _image(images: Mapping[str, Any], name: str) -> Item | None:
    return unmarshal(images[name]) if name in images else None


def _reference(customer: Customer | None) -> str | None:
    return (customer or {}).get("customerRef")


def _changed_fields(before: Customer, after: Customer) -> tuple[str, ...]:
    names = (before.keys() | after.keys()) - _KEPT_BY_THE_SERVICE
    return tuple(sorted(name for name in names if before.get(name) != after.get(name)))
