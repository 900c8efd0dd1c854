"""Reads and writes of the restored tables and of the erasures, many at once.

Each call is one item's: the passes of a restore can be stopped anywhere and repeated.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar

from functions.customers.item import customer_key
from functions.shared.item import Item

THREADS = 10
"""As many as a botocore client keeps connections."""

AT_ONCE = 1000
"""Items that wait for a thread; a table of any size fits into memory so."""

T = TypeVar("T")
U = TypeVar("U")


class Tables:
    """The tables of `names`, by their names in `infra/tables.py`.

    `client` is that of a DynamoDB resource: it takes and gives plain values, and threads may share it.
    """

    def __init__(self, client: Any, names: Mapping[str, str]) -> None:
        self._client = client
        self._names = names

    def get(self, table: str, key: Item) -> Item | None:
        """One item, strongly consistent."""
        answer = self._client.get_item(TableName=self._names[table], Key=key, ConsistentRead=True)
        item: Item | None = answer.get("Item")
        return item

    def put(self, table: str, item: Item) -> None:
        """Write one item over whatever stands there."""
        self._client.put_item(TableName=self._names[table], Item=item)

    def delete(self, table: str, key: Item) -> None:
        """Delete one item; one that is not there is no error."""
        self._client.delete_item(TableName=self._names[table], Key=key)

    def add(self, table: str, key: Item, name: str, more: int, *, remove: str) -> None:
        """Add to a number of an item that is there, and take another attribute out of it."""
        self._client.update_item(
            TableName=self._names[table],
            Key=key,
            UpdateExpression="SET #name = #name + :more REMOVE #remove",
            ExpressionAttributeNames={"#name": name, "#remove": remove},
            ExpressionAttributeValues={":more": more},
        )

    def all(self, table: str, **arguments: Any) -> Iterator[Item]:
        """Every item of a table, strongly consistent."""
        return self._pages(self._client.scan, TableName=self._names[table], **arguments)

    def customer(self, tenant_id: str, customer_id: str) -> Item | None:
        """A customer's item, or its tombstone."""
        return self.get("customers", customer_key(tenant_id, customer_id))

    def of_customer(self, table: str, tenant_id: str, customer_id: str) -> Iterator[Item]:
        """All that a customer has in `notes` or `orders`, strongly consistent."""
        return self._pages(
            self._client.query,
            TableName=self._names[table],
            KeyConditionExpression="customerKey = :customer",
            ExpressionAttributeValues={":customer": customer_key(tenant_id, customer_id)["customerKey"]},
        )

    @staticmethod
    def _pages(call: Callable[..., Any], **arguments: Any) -> Iterator[Item]:
        while True:
            page = call(ConsistentRead=True, **arguments)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def each(items: Iterable[T], work: Callable[[T], U]) -> Iterator[U]:
    """What `work` gives for every item, in order, several at once."""
    waiting = iter(items)
    with ThreadPoolExecutor(THREADS) as pool:
        while some := list(islice(waiting, AT_ONCE)):
            yield from pool.map(work, some)
