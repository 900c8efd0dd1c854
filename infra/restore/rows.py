"""Reads and writes of a stage's tables, many at once.

Each call is one item's: the passes over them can be stopped anywhere and repeated.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar

from botocore.exceptions import ClientError

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
        self.names = names

    def get(self, table: str, key: Item) -> Item | None:
        """One item, strongly consistent."""
        answer = self._client.get_item(TableName=self.names[table], Key=key, ConsistentRead=True)
        item: Item | None = answer.get("Item")
        return item

    def put(self, table: str, item: Item) -> None:
        """Write one item over whatever stands there."""
        self._client.put_item(TableName=self.names[table], Item=item)

    def delete(self, table: str, key: Item) -> None:
        """Delete one item; one that is not there is no error."""
        self._client.delete_item(TableName=self.names[table], Key=key)

    def add(self, table: str, key: Item, names: Sequence[str], more: int, *, remove: str) -> None:
        """Add to numbers of an item that is there, zero where they are not, and take an attribute out."""
        places = [f"#{place}" for place in range(len(names))]
        self._client.update_item(
            TableName=self.names[table],
            Key=key,
            UpdateExpression=f"ADD {', '.join(f'{place} :more' for place in places)} REMOVE #remove",
            ExpressionAttributeNames={**dict(zip(places, names, strict=True)), "#remove": remove},
            ExpressionAttributeValues={":more": more},
        )

    def write_where(self, table: str, key: Item, condition: str, **update: Any) -> bool:
        """Update one item where the condition holds; whether it did."""
        try:
            self._client.update_item(
                TableName=self.names[table], Key=key, ConditionExpression=condition, **update
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def all(self, table: str, **arguments: Any) -> Iterator[Item]:
        """Every item of a table, strongly consistent."""
        return self._pages(self._client.scan, TableName=self.names[table], **arguments)

    def customer(self, tenant_id: str, customer_id: str) -> Item | None:
        """A customer's item, or its tombstone."""
        return self.get("customers", customer_key(tenant_id, customer_id))

    def partition(self, table: str, key: Item) -> Iterator[Item]:
        """All under a customer's `key` in `notes` or `orders`, strongly consistent."""
        return self._pages(
            self._client.query,
            TableName=self.names[table],
            KeyConditionExpression="customerKey = :customer",
            ExpressionAttributeValues={":customer": key["customerKey"]},
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
