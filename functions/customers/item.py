"""A customer as an item of its table, and what its keys are. Pure.

A deleted customer leaves a tombstone: its key, id, tenant, version and `deletedDate`.
"""

from functions.customers.customer import Customer
from functions.customers.keys import search_keys
from functions.shared import clock
from functions.shared.item import Item

LIVE = "attribute_exists(customerKey) AND attribute_not_exists(deletedDate)"
"""The condition that a customer is there and not deleted."""

NO_NOTES = {"made": 0, "deleted": 0}
"""The `noteTally` of a new customer (`functions/notes/tally.py`)."""

INDEX_KEYS = {
    "email": "emailKey",
    "mobile": "mobileKey",
    "phone": "phoneKey",
    "firstName": "firstNameKey",
    "lastName": "lastNameKey",
    "customerRef": "customerRef",
    "alternateCustomerRef": "alternateCustomerRef",
}
"""The attribute that an index on a field is keyed by."""

MAX_INDEX_KEY_BYTES = 960
"""Two names and a tenant are within the 2,048 bytes of a partition key (AWS: DynamoDB quotas)."""

ERASURE_DAYS = 400
"""How long a deletion is known: longer than any backup of the tables is kept, a yearly one too."""

BUCKETS = tuple("0123456789abcdef")
"""The parts of a tenant's listing. A partition takes about 1,000 new entries a second (AWS: partition key
design): sixteen take twice what imports make, and an empty one costs a listing one read."""

_STORED_ONLY = frozenset(
    {"customerKey", "tenantId", "requestHash", "bucket"}
    | {key for field, key in INDEX_KEYS.items() if key != field}
)


def customer_key(tenant_id: str, customer_id: str) -> Item:
    """The key of a customer in its table; the id in it spreads a large tenant over partitions."""
    return {"customerKey": f"{tenant_id}#{customer_id}"}


def customer_id_in(item: Item) -> str:
    """The id in an item's or an index entry's `customerKey`."""
    return str(item["customerKey"]).partition("#")[2]


def claim_key(tenant_id: str, field: str, value: str) -> Item:
    """The key of the claim on a unique value, `value` as it is compared."""
    return {"claimKey": f"{tenant_id}#{field}#{value}"}


def bucket_of(customer_id: str) -> str:
    """The bucket that lists a customer: the first digit of its id, which is random or a hash (RFC 9562)."""
    return customer_id[0]


def customer_item(tenant_id: str, customer: Customer) -> Item:
    """The item that a customer is stored as."""
    keys = search_keys(customer)
    return {
        **customer,
        **customer_key(tenant_id, customer["id"]),
        "tenantId": tenant_id,
        "bucket": bucket_of(customer["id"]),
        **{INDEX_KEYS[field]: index_key(key) for field, key in keys.items()},
    }


def tombstone(tenant_id: str, customer_id: str, version: int, deleted_date: str) -> Item:
    """What a customer deleted at `deleted_date` leaves: nothing personal."""
    return {
        **customer_key(tenant_id, customer_id),
        "tenantId": tenant_id,
        "id": customer_id,
        "version": version,
        "deletedDate": deleted_date,
    }


def erasure(tenant_id: str, customer_id: str, deleted_date: str) -> Item:
    """What the erasures table knows of a deletion; DynamoDB's TTL removes it after `expiresAt`."""
    return {
        "erasureKey": f"{tenant_id}#{customer_id}",
        "tenantId": tenant_id,
        "id": customer_id,
        "deletedDate": deleted_date,
        "expiresAt": clock.days_after(deleted_date, ERASURE_DAYS),
    }


def index_key(search_key: str) -> str:
    """As much of a search key as an index takes; folding a name may make twelve bytes of a character."""
    return search_key.encode()[:MAX_INDEX_KEY_BYTES].decode(errors="ignore")


def live(item: Item | None) -> Customer | None:
    """The customer an item of the customers table is, None for a tombstone or nothing."""
    if item is None or "deletedDate" in item:
        return None
    return {name: value for name, value in item.items() if name not in _STORED_ONLY}
