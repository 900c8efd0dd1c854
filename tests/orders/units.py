"""What calls of DynamoDB cost in its units, counted from the items they read and write.

AWS: "DynamoDB read and write operations": a strongly consistent read takes a unit for each 4 KB of an item,
a Query for each 4 KB of all it reads; a missing item takes one. A write takes a unit for each KB of the
larger of what was there and what is there; in a transaction everything takes twice as much.
"""

from dataclasses import dataclass, field
from math import ceil
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from functions.shared import dynamo
from functions.shared.item import item_bytes, unmarshal


@dataclass
class Meter:
    """The calls made so far, and the units they took."""

    calls: list[str] = field(default_factory=list)
    read: int = 0
    written: int = 0

    @classmethod
    def of(cls, monkeypatch: pytest.MonkeyPatch) -> "Meter":
        """One that counts every call from here on."""
        meter, real = cls(), dynamo.call

        def metered(operation: str, **arguments: Any) -> dict[str, Any]:
            meter.calls.append(operation)
            actions = [action for one in arguments.get("TransactItems", []) for action in one.values()]
            before = [_stored(action) for action in actions]
            answer = real(operation, **arguments)
            after = [_stored(action) for action in actions]
            meter.written += sum(2 * max(1, ceil(max(one) / 1024)) for one in zip(before, after, strict=True))
            meter.read += _read(operation, arguments, answer)
            return answer

        monkeypatch.setattr(dynamo, "call", metered)
        return meter

    def reset(self) -> "Meter":
        """Begin anew; the count so far."""
        so_far = Meter(self.calls, self.read, self.written)
        self.calls, self.read, self.written = [], 0, 0
        return so_far


def _read(operation: str, arguments: dict[str, Any], answer: dict[str, Any]) -> int:
    if operation == "get_item":
        return _units([answer.get("Item", {})])
    if operation == "batch_get_item":
        asked = sum(len(one["Keys"]) for one in arguments["RequestItems"].values())
        found = [item for items in answer["Responses"].values() for item in items]
        return sum(_units([item]) for item in found) + asked - len(found)
    return _units(answer["Items"]) if operation == "query" else 0


def _units(items: list[dict[str, Any]]) -> int:
    return max(1, ceil(sum(item_bytes(unmarshal(dict(item))) for item in items) / 4096))


def _stored(action: dict[str, Any]) -> int:
    """How large the item of a transaction's action is now."""
    table = dynamodb_backends["123456789012"]["ap-southeast-2"].tables[action["TableName"]]
    names = [name for name in (table.hash_key_attr, table.range_key_attr) if name]
    key = [DynamoType((action.get("Key") or action["Item"])[name]) for name in names]
    item = table.get_item(key[0], key[1] if key[1:] else None)
    return item_bytes(unmarshal(item.to_json()["Attributes"])) if item else 0
