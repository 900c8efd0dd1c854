"""DynamoDB as this service uses it: every call and every error code passes here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from botocore.exceptions import ClientError

from functions.shared import aws
from functions.shared.errors import ConflictError, UnavailableError
from functions.shared.item import Item, marshal, unmarshal
from functions.shared.retry import pauses
from functions.shared.settings import table_name

T = TypeVar("T")

BATCH_GET_LIMIT = 100
"""Keys in one BatchGetItem (AWS: BatchGetItem)."""

BATCH_WRITE_LIMIT = 25
"""Writes in one BatchWriteItem (AWS: BatchWriteItem)."""

_BUSY_REASONS = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError", "RequestLimitExceeded"})

client = aws.client("dynamodb")


class ConditionFailedError(Exception):
    """A write's condition did not hold; `item` is what stands there, None if nothing does."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("condition failed")
        self.item = item


class TransactionFailedError(Exception):
    """A transaction's conditions did not hold, nothing was written.

    `failed` maps the position of each write whose condition failed to the item that stood there.
    """

    def __init__(self, failed: Mapping[int, Item | None]) -> None:
        super().__init__("transaction failed")
        self.failed = failed


class TransactionThrottledError(Exception):
    """DynamoDB had no capacity for a transaction; nothing was written."""


class ContendedError(ConflictError):
    """Another transaction was at the same items; nothing was written."""


@dataclass(frozen=True)
class Write:
    """One write, alone or in a transaction; `values` are the `:name`s of the expressions.

    Without a `condition` only where a write may safely be made twice.
    """

    action: Literal["Put", "Update", "Delete", "ConditionCheck"]
    table: str
    item_or_key: Item
    condition: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    update: str = ""

    def arguments(self) -> dict[str, Any]:
        """The call's arguments, or the transaction's entry."""
        arguments: dict[str, Any] = {
            "TableName": table_name(self.table),
            "Item" if self.action == "Put" else "Key": marshal(self.item_or_key),
        }
        if self.condition:
            arguments["ConditionExpression"] = self.condition
            arguments["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if self.update:
            arguments["UpdateExpression"] = self.update
        if self.values:
            arguments["ExpressionAttributeValues"] = marshal(self.values)
        if self.names:
            arguments["ExpressionAttributeNames"] = self.names
        return arguments


def call(operation: str, **arguments: Any) -> dict[str, Any]:
    """One call of the client, with its errors as this module's."""
    try:
        return aws.call(client, operation, **arguments)
    except ClientError as error:
        raise _translated(error) from error


def get(table: str, key: Item) -> Item | None:
    """One item, strongly consistent."""
    found = call("get_item", TableName=table_name(table), Key=marshal(key), ConsistentRead=True).get("Item")
    return unmarshal(found) if found else None


def batch_get(keys: Sequence[tuple[str, Item]]) -> list[Item | None]:
    """The items of `(table, key)` pairs in the order asked for, strongly consistent, at most 100.

    Raises UnavailableError when DynamoDB keeps leaving some unread.
    """
    names = {table: table_name(table) for table, _ in keys}
    tables = {name: table for table, name in names.items()}
    attributes = {table: tuple(key) for table, key in keys}

    def place(table: str, item: Item) -> tuple[str, ...]:
        return table, *[item[name] for name in attributes[table]]

    found: dict[tuple[str, ...], Item] = {}
    request: dict[str, Any] = {}
    for table, key in {place(table, key): (table, key) for table, key in keys}.values():
        wanted = request.setdefault(names[table], {"Keys": [], "ConsistentRead": True})
        wanted["Keys"].append(marshal(key))
    for pause in pauses():
        answer = call("batch_get_item", RequestItems=request)
        for name, items in answer["Responses"].items():
            found |= {place(tables[name], item): item for item in map(unmarshal, items)}
        if not (request := answer.get("UnprocessedKeys") or {}):
            return [found.get(place(table, key)) for table, key in keys]
        pause()
    raise UnavailableError


def batch_delete(table: str, keys: Sequence[Item]) -> None:
    """Delete the items of these keys, each given once; one that is not there is no error.

    Raises UnavailableError when DynamoDB keeps leaving some; others may be gone by then.
    """
    deletes = [{"DeleteRequest": {"Key": marshal(key)}} for key in keys]
    for start in range(0, len(deletes), BATCH_WRITE_LIMIT):
        _write_batch({table_name(table): deletes[start : start + BATCH_WRITE_LIMIT]})


def query(table: str, **arguments: Any) -> dict[str, Any]:
    """One page of a Query; `Items` and `LastEvaluatedKey` come as plain values."""
    for name in ("ExpressionAttributeValues", "ExclusiveStartKey"):
        if name in arguments:
            arguments[name] = marshal(arguments[name])
    answer = call("query", TableName=table_name(table), **arguments)
    answer["Items"] = [unmarshal(item) for item in answer["Items"]]
    if "LastEvaluatedKey" in answer:
        answer["LastEvaluatedKey"] = unmarshal(answer["LastEvaluatedKey"])
    return answer


def partition(
    table: str, key: Item, where: str = "", values: Mapping[str, Any] | None = None, **arguments: Any
) -> Iterator[list[Item]]:
    """All items under a partition `key`, strongly consistent, a page a call.

    `where` may say which by their sort key, with `values` as its `:name`s.
    """
    ((name, value),) = key.items()
    condition = f"{name} = :partition{f' AND {where}' if where else ''}"
    while True:
        page = query(
            table,
            ConsistentRead=True,
            KeyConditionExpression=condition,
            ExpressionAttributeValues={":partition": value, **(values or {})},
            **arguments,
        )
        yield page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def update_of(
    table: str,
    key: Item,
    changes: Mapping[str, Any],
    condition: str,
    values: Mapping[str, Any] | None = None,
) -> Write:
    """The write that sets the attributes that `changes` names, or removes them where it says None."""
    places = {name: f"#{place}" for place, name in enumerate(changes)}
    sets = {name: value for name, value in changes.items() if value is not None}
    expression = "SET " + ", ".join(f"{places[name]} = :{places[name][1:]}" for name in sets)
    if removes := [places[name] for name in changes if name not in sets]:
        expression += " REMOVE " + ", ".join(removes)
    return Write(
        "Update",
        table,
        key,
        condition,
        {**{f":{places[name][1:]}": value for name, value in sets.items()}, **(values or {})},
        {place: name for name, place in places.items()},
        expression,
    )


def write(wanted: Write, **arguments: Any) -> dict[str, Any]:
    """One write by itself. Raises ConditionFailedError with the item that stood in the way.

    That may be the write itself: botocore tries again when an answer is lost. `transact` is safe from this.
    """
    return call(f"{wanted.action.lower()}_item", **wanted.arguments(), **arguments)


def transact(writes: Sequence[Write]) -> None:
    """All writes or none, at most 100.

    botocore gives each call a client token of its own, so its retries after a lost answer are safe; it does
    not know a throttled transaction, which it takes for a cancelled one.
    Raises TransactionFailedError, or ContendedError where another transaction was in the way.
    """
    items = [{one.action: one.arguments()} for one in writes]
    for pause in pauses():
        try:
            call("transact_write_items", TransactItems=items)
        except TransactionThrottledError:
            pause()
        else:
            return
    raise UnavailableError


def uncontended(work: Callable[[], T]) -> T:
    """What `work` gives, tried again while others are in its way. Raises ConflictError when they stay."""
    for pause in pauses():
        try:
            return work()
        except ContendedError:
            pause()
    raise ConflictError


def _write_batch(request: Mapping[str, Any]) -> None:
    for pause in pauses():
        answer = call("batch_write_item", RequestItems=request)
        if not (request := answer.get("UnprocessedItems") or {}):
            return
        pause()
    raise UnavailableError


def _translated(error: ClientError) -> Exception:
    response: dict[str, Any] = dict(error.response)
    code = response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        item = response.get("Item")
        return ConditionFailedError(unmarshal(item) if item else None)
    if code == "TransactionConflictException":
        return ContendedError()
    if code == "TransactionCanceledException":
        return _cancelled(response["CancellationReasons"]) or error
    return error


def _cancelled(reasons: Sequence[Mapping[str, Any]]) -> Exception | None:
    failed = {
        position: unmarshal(reason["Item"]) if reason.get("Item") else None
        for position, reason in enumerate(reasons)
        if reason["Code"] == "ConditionalCheckFailed"
    }
    codes = {reason["Code"] for reason in reasons}
    # Where one item was busy, the verdict on the others may be half of another transaction's doing.
    if "TransactionConflict" in codes:
        return ContendedError()
    if codes & _BUSY_REASONS:
        return TransactionThrottledError()
    return TransactionFailedError(failed) if failed else None
