"""What DynamoDB refuses and moto takes (AWS: DynamoDB quotas, API reference), under every call of a test."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from functions.shared.item import item_bytes, unmarshal
from infra.tables import TABLES, Index, Table

MAX_PARTITION_KEY_BYTES = 2048
MAX_SORT_KEY_BYTES = 1024
MAX_ITEM_BYTES = 400 * 1024
MAX_TRANSACTION_ACTIONS = 100
MAX_KEYS = 100
MAX_BATCH_WRITES = 25

Parameters = Mapping[str, Any]

_BY_NAME = {table.name: table for table in TABLES}


def refuse_what_dynamodb_refuses(params: Parameters, model: Any, **_: Any) -> None:
    """Raises a ValidationException as DynamoDB does; for botocore's event `provide-client-params`."""
    for request in _requests(params):
        for problem in _problems(request, model.name):
            raise ClientError({"Error": {"Code": "ValidationException", "Message": problem}}, model.name)


def _requests(params: Parameters) -> Iterator[Parameters]:
    """The call itself, or each of its actions, with the table each is about."""
    actions = params.get("TransactItems", [])
    if len(actions) > MAX_TRANSACTION_ACTIONS:
        yield {"problem": "too many actions"}
    items = [
        str(sorted((one.get("TableName"), str(_key(one))) for one in action.values())) for action in actions
    ]
    if len(items) != len(set(items)):
        yield {"problem": "one item twice in a transaction"}
    for action in actions:
        yield from action.values()
    for name, wanted in params.get("RequestItems", {}).items():
        if isinstance(wanted, dict):
            some, most = [{"Key": key} for key in wanted["Keys"]], MAX_KEYS
        else:
            some, most = [next(iter(one.values())) for one in wanted], MAX_BATCH_WRITES
        if len(some) > most:
            yield {"problem": "too many for a batch"}
        yield from ({"TableName": name, **one} for one in some)
    if "TableName" in params:
        yield params


def _key(request: Parameters) -> Parameters:
    if "Key" in request:
        return dict(request["Key"])
    table = _BY_NAME.get(request.get("TableName", ""))
    names = _key_names(table) if table else ()
    return {name: request["Item"][name] for name in names if name in request.get("Item", {})}


def _problems(request: Parameters, operation: str) -> Iterator[str]:
    if "problem" in request:
        yield request["problem"]
    for name, value in request.items():
        if name.endswith("Expression") and not value:
            yield f"{name} is empty"
    expressions = " ".join(str(value) for name, value in request.items() if name.endswith("Expression"))
    for names in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        if names in request and not request[names]:
            yield f"{names} is empty"
        for name in request.get(names, {}):
            if not re.search(rf"{re.escape(name)}(?![\w])", expressions):
                yield f"{name} is not used"
    table = _BY_NAME.get(request.get("TableName", ""))
    if table is None:
        return
    if "Item" in request and item_bytes(unmarshal(request["Item"])) > MAX_ITEM_BYTES:
        yield "the item is larger than 400 KB"
    yield from _key_problems(request, table)
    if operation == "Query":
        yield from _query_problems(request, table)


def _key_problems(request: Parameters, table: Table) -> Iterator[str]:
    attributes = request.get("Key") or request.get("Item") or {}
    indexes = [(index.partition, index.sort) for index in table.indexes] if "Item" in request else []
    for partition, sort in (((table.partition,), (table.sort,) if table.sort else ()), *indexes):
        for names, most in ((partition, MAX_PARTITION_KEY_BYTES), (sort, MAX_SORT_KEY_BYTES)):
            # All parts together: AWS does not say that each part of an index's key may be as long.
            parts = [attributes.get(name, {}).get("S", "x").encode() for name in names]
            if not all(parts) or sum(map(len, parts)) > most:
                yield f"the key of {', '.join(names)} has {sum(map(len, parts))} bytes"
    if "Key" in request and request["Key"].keys() != set(_key_names(table)):
        yield "the key is not the table's"


def _query_problems(request: Parameters, table: Table) -> Iterator[str]:
    values = re.findall(r":\w+", request["KeyConditionExpression"])
    texts = [request["ExpressionAttributeValues"][value].get("S", "") for value in values]
    if len("".join(texts).encode()) > MAX_PARTITION_KEY_BYTES:
        yield "the values of the key condition are larger than a key"
    index = next((one for one in table.indexes if one.name == request.get("IndexName")), None)
    if "ExclusiveStartKey" in request and request["ExclusiveStartKey"].keys() != _start_names(table, index):
        yield "the start key is not of this index"
    if index and request.get("ConsistentRead"):
        yield "an index has no consistent reads"


def _key_names(table: Table) -> tuple[str, ...]:
    return (table.partition, table.sort) if table.sort else (table.partition,)


def _start_names(table: Table, index: Index | None) -> set[str]:
    return {*_key_names(table), *((*index.partition, *index.sort) if index else ())}
