"""Whoever was deleted since the restored second is deleted again, from what was noted outside the backups."""

from datetime import datetime, timedelta

from functions.customers.item import claim_key, customer_key, live, tombstone
from functions.customers.keys import unique_values
from functions.notes.note import deleted_through
from functions.orders.keys import figures_key
from functions.shared import clock
from functions.shared.item import Item
from infra.restore.rows import Tables, each

MARGIN = timedelta(minutes=5)
"""Clocks differ; to erase twice is safe."""


def since(tables: Tables, moment: datetime) -> list[Item]:
    """The deletions after `moment`."""
    return list(
        tables.all(
            "erasures",
            FilterExpression="deletedDate >= :after",
            ExpressionAttributeValues={":after": clock.timestamp(moment - MARGIN)},
        )
    )


def erase_again(tables: Tables, moment: datetime) -> int:
    """Delete everybody who was deleted after `moment`, and what they left; how many. Safe to repeat."""
    erased = since(tables, moment)
    for _ in each(erased, lambda one: erase(tables, one["tenantId"], one["id"], one["deletedDate"])):
        pass
    return len(erased)


def erase(tables: Tables, tenant_id: str, customer_id: str, deleted_date: str) -> None:
    """Leave of a customer what a deletion leaves, its claims free and its notes and orders gone."""
    item = tables.customer(tenant_id, customer_id)
    customer = live(item)
    # First what a tombstone no longer leads to: a pass that is cut off here finds it again.
    for field, value in unique_values(customer).items() if customer else ():
        key = claim_key(tenant_id, field, value)
        if owner(tables, key) == customer_id:
            tables.delete("claims", key)
    purge(tables, tenant_id, customer_id)
    if customer is not None or item is None:
        version = int(customer["version"]) + 1 if customer else 1
        tables.put("customers", tombstone(tenant_id, customer_id, version, deleted_date))


def left_by(tables: Tables, tenant_id: str, customer_id: str) -> list[tuple[str, Item]]:
    """Notes and orders of a customer, and what is kept beside those, as pairs of table and key."""
    key = customer_key(tenant_id, customer_id)
    partitions = (
        ("notes", "noteKey", key),
        ("orders", "orderRef", key),
        ("orders", "orderRef", figures_key(tenant_id, customer_id)),
    )
    return [
        (table, {"customerKey": item["customerKey"], sort: item[sort]})
        for table, sort, partition in partitions
        for item in tables.partition(table, partition)
    ]


def purge(tables: Tables, tenant_id: str, customer_id: str) -> int:
    """Delete the notes and orders of a deleted customer; how many there were."""
    left = left_by(tables, tenant_id, customer_id)
    for table, key in left:
        tables.delete(table, key)
    return len(left)


def notes_left(tables: Tables, tenant_id: str, customer: Item) -> list[Item]:
    """Keys of the notes of a live customer that a delete of all its notes took."""
    through = deleted_through(customer)
    if not through:
        return []
    notes = tables.partition("notes", customer_key(tenant_id, customer["id"]))
    keys = ({name: note[name] for name in ("customerKey", "noteKey")} for note in notes)
    return [key for key in keys if key["noteKey"] <= through]


def owner(tables: Tables, key: Item) -> str | None:
    """Whose claim it is."""
    item = tables.get("claims", key)
    return str(item["customerId"]) if item else None
