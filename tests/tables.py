"""The service's tables in moto, from the same list the stack is built from."""

import os
from collections.abc import Iterable
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from functions.shared.item import marshal
from infra.tables import TABLES, Index, Table
from tests.clients import client


def create_tables() -> None:
    """Create every table of `infra/tables.py` under its own name."""
    for table in TABLES:
        client("dynamodb").create_table(**_definition(table))


def put_items(table: str, items: Iterable[dict[str, Any]]) -> None:
    """Let a table have these items, past the API: moto takes long over many."""
    there = dynamodb_backends[DEFAULT_ACCOUNT_ID][os.environ["AWS_DEFAULT_REGION"]].tables[table]
    for item in items:
        there.put_item(marshal(item))


def _definition(table: Table) -> dict[str, Any]:
    keys = _keys((table.partition,), (table.sort,) if table.sort else ())
    indexes = [_index(index) for index in table.indexes]
    names = {
        key["AttributeName"] for schema in (keys, *(one["KeySchema"] for one in indexes)) for key in schema
    }
    return {
        "TableName": table.name,
        "KeySchema": keys,
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)],
        "BillingMode": "PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        **(
            {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}
            if table.stream
            else {}
        ),
    }


def _index(index: Index) -> dict[str, Any]:
    projection: dict[str, Any] = (
        {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(index.include)}
        if index.include
        else {"ProjectionType": "KEYS_ONLY"}
    )
    return {
        "IndexName": index.name,
        "KeySchema": _keys(index.partition, index.sort),
        "Projection": projection,
    }


def _keys(partition: tuple[str, ...], sort: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        *({"AttributeName": name, "KeyType": "HASH"} for name in partition),
        *({"AttributeName": name, "KeyType": "RANGE"} for name in sort),
    ]
