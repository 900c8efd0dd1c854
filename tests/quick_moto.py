"""Moto without some habits that took half of the tests' time, and with the same answers.

A call of DynamoDB about items goes straight to what answers it: its body is JSON and so is its answer,
while moto makes a request of a web server of the one and picks each part of the other from under half a
dozen names. Of a transaction only what is updated in place is copied, to go back to, for a put replaces its
item and a delete takes it out; moto copies every table. Nothing here speaks to AWS but botocore, and
for the library `requests` no address is watched. What is found out anew for each call, though it is always
the same, is found out once: the methods of a class, the addresses of a service, a name with underscores.
"""

import copy
import json
from functools import cache
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from moto.core import responses, utils
from moto.core.base_backend import BaseBackend
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import HTTPException
from moto.core.models import DEFAULT_ACCOUNT_ID, RESPONSES_METHODS
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

Action = dict[str, dict[str, Any]]

ABOUT_ITEMS = {
    f"DynamoDB_20120810.{operation}".encode(): utils.camelcase_to_underscores(operation)
    for operation in (
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactWriteItems",
        "UpdateItem",
    )
}
"""What answers an operation, by how a request names it."""


def make_moto_quick() -> None:
    """Replace them, once in a process."""
    RESPONSES_METHODS.clear()
    real_process = BotocoreStubber.process_request

    def process(self: BotocoreStubber, request: AWSPreparedRequest) -> TYPE_RESPONSE | None:
        target = request.headers.get("X-Amz-Target")
        return _answered(request, target) if target in ABOUT_ITEMS else real_process(self, request)

    BotocoreStubber.process_request = process  # type: ignore[method-assign]

    real_transaction = DynamoDBBackend.transact_write_items

    def transaction(self: DynamoDBBackend, transact_items: list[Action]) -> None:
        updates = [action["Update"] for action in transact_items if "Update" in action]
        tables: list[Any] = [*self.tables.values()]
        for table in tables:
            table.updated_keys = [one["Key"] for one in updates if one["TableName"] == table.name]
        real_transaction(self, transact_items)

    DynamoDBBackend.transact_write_items = transaction  # type: ignore[method-assign]
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


def _answered(request: AWSPreparedRequest, target: bytes) -> TYPE_RESPONSE:
    """What moto's DynamoDB answers, a refusal too."""
    handler = DynamoHandler()
    handler.current_account = DEFAULT_ACCOUNT_ID
    handler.region = request.url.split(".")[1]
    handler.body = handler.params = json.loads(request.body)
    try:
        result = getattr(handler, ABOUT_ITEMS[target])().result
    except HTTPException as refused:
        return refused.code or 400, {}, refused.description or ""
    return 200, {}, json.dumps(result)


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
