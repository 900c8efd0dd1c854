"""Items of DynamoDB and their notation. Pure.

Values are what JSON has, without null: str, bool, int, list, dict. Money is kept as text.
"""

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]


def marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item in DynamoDB's notation (AWS: AttributeValue)."""
    return {name: _marshalled(value) for name, value in item.items()}


def unmarshal(item: Mapping[str, Any]) -> Item:
    """An item from DynamoDB's notation."""
    return {name: _unmarshalled(value) for name, value in item.items()}


def item_bytes(item: Mapping[str, Any]) -> int:
    """How large an item is, at most (AWS: DynamoDB item sizes)."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, Mapping):
        return 3 + len(value) + item_bytes(value)
    if isinstance(value, (list, tuple)):
        return 3 + len(value) + sum(map(_value_bytes, value))
    return len(str(value)) + 2


def _marshalled(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, Mapping):
        return {"M": marshal(value)}
    if isinstance(value, (list, tuple)):
        return {"L": [_marshalled(element) for element in value]}
    raise TypeError(f"DynamoDB has no place here for {type(value).__name__}")


def _unmarshalled(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    if kind in {"S", "BOOL"}:
        return content
    if kind == "N":
        return int(content)
    if kind == "M":
        return unmarshal(content)
    if kind == "L":
        return [_unmarshalled(element) for element in content]
    raise TypeError(f"No item here holds the type {kind}")
