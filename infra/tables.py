"""The DynamoDB tables: keys, indexes, streams. The stacks and the tests build from this list.

A deploy may create or delete one index of a table, and an index with another key or projection has another
name (`infra/gate/indexes.py`). A stream has room for two readers.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Index:
    """A global secondary index. All keys are strings; a part that is absent leaves the item out.

    `partition` and `sort` may name several attributes each (DynamoDB takes up to four).
    `include` names what is projected beside the keys; empty means KEYS_ONLY.
    """

    name: str
    partition: tuple[str, ...]
    sort: tuple[str, ...] = ()
    include: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table. All keys are strings; `stream` publishes new and old images."""

    name: str
    partition: str
    sort: str | None = None
    indexes: tuple[Index, ...] = ()
    ttl: str | None = None
    stream: bool = False


# A tombstone stays for good: its id must never be another customer's, and a repeat under its
# `Idempotency-Key` or an order that comes late must find that it was deleted. It holds nothing personal.
CUSTOMERS = Table(
    name="customers",
    partition="customerKey",
    stream=True,
    indexes=(
        Index("email", ("tenantId", "emailKey")),
        Index("customerRef", ("tenantId", "customerRef")),
        Index("alternateCustomerRef", ("tenantId", "alternateCustomerRef")),
        # The id as sort key lets DynamoDB split a value that many customers share.
        Index("mobile", ("tenantId", "mobileKey"), ("id",)),
        Index("phone", ("tenantId", "phoneKey"), ("id",)),
        # What these two include nobody reads since `fullName`. It costs a write unit a rename; to take it out
        # costs two a customer, for it builds both indexes anew, and four deploys.
        Index("lastName", ("tenantId", "lastNameKey"), ("id",), include=("firstNameKey",)),
        Index("firstName", ("tenantId", "firstNameKey"), ("id",), include=("lastNameKey",)),
        # A write unit a customer with both names, and two a rename.
        Index("fullName", ("tenantId", "lastNameKey", "firstNameKey"), ("id",)),
        # Buckets, so that no tenant heats one partition with all its new customers.
        Index("bucket", ("tenantId", "bucket"), ("id",)),
    ),
)
CLAIMS = Table(name="claims", partition="claimKey")
# Its time to live is that of keyed requests; a note has none.
NOTES = Table(name="notes", partition="customerKey", sort="noteKey", ttl="expiresAt")
UPLOADS = Table(name="uploads", partition="uploadKey", sort="part", ttl="expiresAt")
IMPORTS = Table(name="imports", partition="importKey", sort="part", ttl="expiresAt")
# An order's owner outlives its erased order: nobody else is to count it when the shop sends it again.
ORDERS = Table(name="orders", partition="customerKey", sort="orderRef")
# Its files are gone in a week, so that no restore needs it.
EXPORTS = Table(name="exports", partition="tenantId", sort="entry", ttl="expiresAt")
ERASURES = Table(name="erasures", partition="erasureKey", ttl="expiresAt")
"""Who was deleted and when, in no backup's reach: what a restore has to erase again."""

TENANTS = Table(name="tenants", partition="tenantKey", ttl="expiresAt")

TABLES = (CUSTOMERS, CLAIMS, NOTES, UPLOADS, IMPORTS, ORDERS, EXPORTS, ERASURES, TENANTS)
