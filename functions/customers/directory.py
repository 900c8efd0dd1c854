"""Customers found by any identifier, as they stand now.

An index finds, a consistent read of the table decides; where the index is behind, the claim does. So reads
see writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.customers.customer import Customer
from functions.customers.errors import NOBODY
from functions.customers.item import INDEX_KEYS, claim_key, customer_id_in, customer_key, live
from functions.customers.keys import search_key, unique_values
from functions.shared import dynamo
from functions.shared.errors import ConflictError, GoneError, NotFoundError
from functions.shared.ids import ID
from functions.shared.item import Item
from functions.shared.retry import pauses
from functions.shared.text import is_blank

MAX_UNIQUE_BYTES = 1536
"""What no unique value is longer than, as it is compared; a key of DynamoDB ends at 2,048 bytes."""


@dataclass(frozen=True)
class Lookup:
    """How a caller names a customer: `id` or one of the unique fields, and its value."""

    field: str
    value: str

    def finds(self, customer: Customer) -> bool:
        """Whether `customer` has the unique value that is asked for."""
        return unique_values(customer).get(self.field) == search_key(self.field, self.value)


def find(tenant_id: str, lookup: Lookup) -> Customer:
    """The customer as it stands now. Raises NotFoundError, by the id of a deleted one GoneError.

    By id, one consistent read. By a unique value, the index and a consistent read; where the index is
    behind, the claim decides.
    """
    if lookup.field == "id":
        item = _stored(tenant_id, lookup.value)
        if item is not None and live(item) is None:
            raise GoneError(NOBODY)
        customer = live(item)
    else:
        customer = _by_unique_value(tenant_id, lookup)
    if customer is None:
        raise NotFoundError(NOBODY)
    return customer


def find_first(tenant_id: str, lookups: Sequence[Lookup]) -> Customer:
    """The customer of the first of `lookups` that finds one. Raises NotFoundError where none does."""
    *others, last = lookups
    for lookup in others:
        try:
            return find(tenant_id, lookup)
        except NotFoundError:
            continue
    return find(tenant_id, last)


def taken(tenant_id: str, fields: Mapping[str, Any]) -> list[str]:
    """Which unique values of a request have an owner now, by field."""
    values = unique_values(fields)
    claims = dynamo.batch_get(
        [("claims", claim_key(tenant_id, field, value)) for field, value in values.items()]
    )
    return [field for field, claim in zip(values, claims, strict=True) if claim]


def key_of(tenant_id: str, lookup: Lookup) -> tuple[str, Item] | None:
    """The table and the key of what says who it is: by id the customer itself, else the claim on the value.

    None for what no customer can have.
    """
    if lookup.field == "id":
        # Digits of a UUID count in either case (RFC 9562, 4).
        known = lookup.value.lower()
        return ("customers", customer_key(tenant_id, known)) if ID.fullmatch(known) else None
    value = search_key(lookup.field, lookup.value)
    if is_blank(lookup.value) or len(value.encode()) > MAX_UNIQUE_BYTES:
        return None
    return "claims", claim_key(tenant_id, lookup.field, value)


def _stored(tenant_id: str, customer_id: str) -> Item | None:
    key = key_of(tenant_id, Lookup("id", customer_id))
    return dynamo.get(*key) if key else None


def _by_unique_value(tenant_id: str, lookup: Lookup) -> Customer | None:
    claimed = key_of(tenant_id, lookup)
    if claimed is None:
        return None
    customer_id = _in_index(tenant_id, lookup.field, search_key(lookup.field, lookup.value))
    if customer_id and (customer := live(_stored(tenant_id, customer_id))) and lookup.finds(customer):
        return customer
    for pause in pauses():
        claim = dynamo.get(*claimed)
        if claim is None:
            return None
        if (customer := live(_stored(tenant_id, claim["customerId"]))) and lookup.finds(customer):
            return customer
        # The value moved on between the two reads; its new owner has the claim.
        pause()
    raise ConflictError


def _in_index(tenant_id: str, field: str, value: str) -> str | None:
    found = dynamo.query(
        "customers",
        IndexName=field,
        KeyConditionExpression="tenantId = :tenantId AND #key = :value",
        ExpressionAttributeNames={"#key": INDEX_KEYS[field]},
        ExpressionAttributeValues={":tenantId": tenant_id, ":value": value},
        Limit=1,
    )["Items"]
    return customer_id_in(found[0]) if found else None
