"""Moto without some habits that took half of the tests' time, and with the same answers.

It copies every table that a transaction writes to, to go back to; here only what is updated in place is
copied: a put replaces its item, a delete takes it out. And it looks for each part of an answer under half a
dozen names; an attribute value has the names of DynamoDB already. What it finds out anew for each call,
though it is always the same, it finds out once: the methods of a class, the addresses of a service, a name
written with underscores.
"""

import copy
from functools import cache
from typing import Any

from moto.core import responses, utils
from moto.core.base_backend import BaseBackend
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

Action = dict[str, dict[str, Any]]


def make_moto_quick() -> None:
    """Replace them, once in a process."""
    real_transaction = DynamoDBBackend.transact_write_items
    real_structure = BaseJSONSerializer._serialize_type_structure

    def transaction(self: DynamoDBBackend, transact_items: list[Action]) -> None:
        updates = [action["Update"] for action in transact_items if "Update" in action]
        tables: list[Any] = [*self.tables.values()]
        for table in tables:
            table.updated_keys = [one["Key"] for one in updates if one["TableName"] == table.name]
        real_transaction(self, transact_items)

    def structure(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and type(value) is dict:
            self._default_serialize(serialized, value, shape, key)
        else:
            real_structure(self, serialized, value, shape, key)

    DynamoDBBackend.transact_write_items = transaction  # type: ignore[method-assign]
    BaseJSONSerializer._serialize_type_structure = structure  # type: ignore[method-assign]
    Table.__deepcopy__ = _as_it_is  # type: ignore[attr-defined]

    real_urls: Any = vars(BaseBackend)["urls"]
    known: dict[type, Any] = {}

    def urls(self: BaseBackend) -> Any:
        if type(self) not in known:
            known[type(self)] = real_urls.fget(self)
        return known[type(self)]

    BaseBackend.urls = property(urls)  # type: ignore[assignment]
    for name in ("method_names_from_class", "camelcase_to_underscores"):
        setattr(responses, name, cache(getattr(utils, name)))


def _as_it_is(table: Any, _memo: dict[int, Any]) -> Any:
    """What a transaction that fails goes back to."""
    kept: Any = copy.copy(table)
    kept.items = copy.copy(table.items)
    if table.has_range_key:
        kept.items.update({key: dict(items) for key, items in table.items.items()})
    for key in getattr(table, "updated_keys", ()):
        place, last = kept.items, DynamoType(key[table.hash_key_attr])
        if table.has_range_key:
            place, last = place.get(last, {}), DynamoType(key[table.range_key_attr])
        if last in place:
            place[last] = copy.deepcopy(place[last])
    if table.stream_shard is not None:
        kept.stream_shard = copy.copy(table.stream_shard)
        kept.stream_shard.table = kept
        kept.stream_shard.items = list(table.stream_shard.items)
    return kept
