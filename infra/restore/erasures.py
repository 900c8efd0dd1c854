"""Whoever was deleted since the restored second is deleted again, from what was noted outside the backups."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr, Key

from functions.customers.keys import unique_values
from functions.customers.item import claim_key, customer_key, live, tombstone
from functions.shared import clock
from functions.shared.item import Item

MARGIN = timedelta(minutes=5)
"""Clocks differ; to erase twice is safe."""

UNFINISHED = timedelta(days=14)
"""A deletion so old may still have had notes or orders at the restored second: dead letters keep so long."""

NEW_VERSIONS = 1_000_000
"""What a restore adds to a version. Followers of events take the highest for the latest and callers hold
ETags: no later state may have a version that an undone one had."""


class Tables:
    """The restored tables by their names in `infra/tables.py`, and the erasures."""

    def __init__(self, resource: Any, names: Mapping[str, str]) -> None:
        self._tables = {table: resource.Table(name) for table, name in names.items()}

    def __getitem__(self, table: str) -> Any:
        return self._tables[table]

    def all(self, table: str, **arguments: Any) -> Iterator[Item]:
        """Every item of a table, strongly consistent."""
        while True:
            page = self[table].scan(ConsistentRead=True, **arguments)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def of_customer(self, table: str, tenant_id: str, customer_id: str) -> Iterator[Item]:
        """All that a customer has in `notes` or `orders`."""
        key = Key("customerKey").eq(customer_key(tenant_id, customer_id)["customerKey"])
        arguments: dict[str, Any] = {"KeyConditionExpression": key, "ConsistentRead": True}
        while True:
            page = self[table].query(**arguments)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def customer(self, tenant_id: str, customer_id: str) -> Item | None:
        """A customer's item, or its tombstone."""
        key = customer_key(tenant_id, customer_id)
        item: Item | None = self["customers"].get_item(Key=key, ConsistentRead=True).get("Item")
        return item


def since(tables: Tables, moment: datetime) -> list[Item]:
    """The deletions after `moment`."""
    after = Attr("deletedDate").gte(clock.timestamp(moment - MARGIN))
    return list(tables.all("erasures", FilterExpression=after))


def erase_again(tables: Tables, moment: datetime) -> int:
    """Delete everybody who was deleted after `moment`, and what they left; how many. Safe to repeat."""
    erased = since(tables, moment)
    for one in erased:
        erase(tables, one["tenantId"], one["id"], one["deletedDate"])
    return len(erased)


def erase(tables: Tables, tenant_id: str, customer_id: str, deleted_date: str) -> None:
    """Leave of a customer what a deletion leaves, its claims free and its notes and orders gone."""
    item = tables.customer(tenant_id, customer_id)
    customer = live(item)
    if customer is not None or item is None:
        version = int(customer["version"]) + 1 if customer else 1
        left = tombstone(tenant_id, customer_id, version, deleted_date)
        tables["customers"].put_item(Item=left)
    for field, value in unique_values(customer).items() if customer else ():
        key = claim_key(tenant_id, field, value)
        if owner(tables, key) == customer_id:
            tables["claims"].delete_item(Key=key)
    purge(tables, tenant_id, customer_id)


def purge(tables: Tables, tenant_id: str, customer_id: str) -> int:
    """Delete the notes and orders of a deleted customer; how many there were."""
    gone = 0
    for table, sort in (("notes", "noteKey"), ("orders", "orderRef")):
        with tables[table].batch_writer() as batch:
            for item in tables.of_customer(table, tenant_id, customer_id):
                batch.delete_item(Key={"customerKey": item["customerKey"], sort: item[sort]})
                gone += 1
    return gone


def owner(tables: Tables, key: Item) -> str | None:
    """Whose claim it is."""
    item = tables["claims"].get_item(Key=key, ConsistentRead=True).get("Item")
    return str(item["customerId"]) if item else None
