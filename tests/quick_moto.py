"""Moto without some habits that took half of the tests' time, and with the same answers.

A call of DynamoDB about items goes straight to what answers it: its body is JSON and so is its answer,
while moto makes a request of a web server of the one and picks each part of the other from under half a
dozen names. Of a transaction only what is updated in place is copied, and once, to go back to, for a put
replaces its item and a delete takes it out; moto copies every table for each action. What is found becomes
JSON at once and is not copied; of an item only the attributes asked for are taken, and its bytes are added up
as it grows. Nobody looks at the signature of such a call, so it has none. No message is so old that its queue
would have forgotten it. Nothing here speaks to AWS but botocore, and for the library `requests` no address is
watched. What is found out anew for each call, though it is always the same, is found out once: the methods of
a class, the addresses of a service, a name with underscores.
"""

import copy
import json
import threading
from email.utils import formatdate
from functools import cache
from types import SimpleNamespace
from typing import Any

from botocore import UNSIGNED
from botocore.client import BaseClient
from moto.core import responses, utils
from moto.core.base_backend import BaseBackend
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import JsonRESTError
from moto.core.models import DEFAULT_ACCOUNT_ID, RESPONSES_METHODS
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models import table as tables
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table
from moto.dynamodb.models.utilities import bytesize
from moto.dynamodb.responses import DynamoHandler
from moto.sqs.models import SQSBackend

from infra.asset.trimming import OPERATIONS

Action = dict[str, dict[str, Any]]

ABOUT_ITEMS = {
    f"DynamoDB_20120810.{operation}".encode(): utils.camelcase_to_underscores(operation)
    for operation in (*OPERATIONS["dynamodb"], "Scan")
}
"""What answers an operation, by how a request names it."""

NEARLY_TOO_LARGE_BYTES = 400_000
"""From where moto looks at all of an item again: a value that replaces another counts as one more here."""


class _Transaction(threading.local):
    """What a thread's transaction is about to update, and what it goes back to, by table."""

    def __init__(self) -> None:
        self.updated: dict[str, list[dict[str, Any]]] = {}
        self.kept: dict[str, Any] | None = None


_NOW = _Transaction()


def make_moto_quick(dynamodb: BaseClient) -> None:
    """Replace them, once in a process, whose calls this client makes."""
    RESPONSES_METHODS.clear()
    dynamodb.meta.events.register("choose-signer", lambda **_: UNSIGNED)
    real_process = BotocoreStubber.process_request

    def process(self: BotocoreStubber, request: Any) -> TYPE_RESPONSE | None:
        target = request.headers.get("X-Amz-Target")
        return _answered(request, target) if target in ABOUT_ITEMS else real_process(self, request)

    BotocoreStubber.process_request = process  # type: ignore[method-assign]

    SQSBackend.is_message_valid_based_on_retention_period = lambda *_: True  # type: ignore[method-assign]

    real_transaction = DynamoDBBackend.transact_write_items

    def transaction(self: DynamoDBBackend, transact_items: list[Action]) -> None:
        for action in transact_items:
            if "Update" in action:
                _NOW.updated.setdefault(action["Update"]["TableName"], []).append(action["Update"]["Key"])
        _NOW.kept = {}
        try:
            real_transaction(self, transact_items)
        finally:
            _NOW.updated, _NOW.kept = {}, None

    DynamoDBBackend.transact_write_items = transaction  # type: ignore[method-assign]
    Table.__deepcopy__ = _as_it_is  # type: ignore[attr-defined]
    vars(tables)["copy"] = SimpleNamespace(copy=copy.copy, deepcopy=lambda found: found)
    Item.project = _projected(Item.project)  # type: ignore[method-assign]
    LimitedSizeDict.__setitem__ = _added(LimitedSizeDict.__setitem__)  # type: ignore[method-assign]

    real_urls: Any = vars(BaseBackend)["urls"]
    known: dict[type, Any] = {}

    def urls(self: BaseBackend) -> Any:
        if type(self) not in known:
            known[type(self)] = real_urls.fget(self)
        return known[type(self)]

    BaseBackend.urls = property(urls)  # type: ignore[assignment]
    for name in ("method_names_from_class", "camelcase_to_underscores"):
        setattr(responses, name, cache(getattr(utils, name)))


def _answered(request: Any, target: bytes) -> TYPE_RESPONSE:
    """What moto's DynamoDB answers, a refusal too."""
    handler = DynamoHandler()
    headers = {"date": formatdate(usegmt=True)}
    handler.current_account = DEFAULT_ACCOUNT_ID
    handler.region = request.url.split(".")[1]
    handler.body = handler.params = json.loads(request.body)
    try:
        result = getattr(handler, ABOUT_ITEMS[target])().result
    except JsonRESTError as refused:
        return refused.code, headers, refused.description
    return 200, headers, json.dumps(result)


def _as_it_is(table: Any, _memo: dict[int, Any]) -> Any:
    """What a transaction that fails goes back to, the same for all its actions."""
    if _NOW.kept is not None and table.name in _NOW.kept:
        return _NOW.kept[table.name]
    kept: Any = copy.copy(table)
    kept.items = copy.copy(table.items)
    if table.has_range_key:
        kept.items.update({key: dict(items) for key, items in table.items.items()})
    for key in _NOW.updated.get(table.name, ()):
        place, last = kept.items, DynamoType(key[table.hash_key_attr])
        if table.has_range_key:
            place, last = place.get(last, {}), DynamoType(key[table.range_key_attr])
        if last in place:
            place[last] = copy.deepcopy(place[last])
    if table.stream_shard is not None:
        kept.stream_shard = copy.copy(table.stream_shard)
        kept.stream_shard.table = kept
        kept.stream_shard.items = list(table.stream_shard.items)
    if _NOW.kept is not None:
        _NOW.kept[table.name] = kept
    return kept


def _projected(real: Any) -> Any:
    def project(self: Item, expressions: list[list[str]]) -> Any:
        names = {expression[0] for expression in expressions}
        if any(len(one) > 1 for one in expressions) or any("[" in name for name in names):
            return real(self, expressions)
        found = Item(self.hash_key, self.range_key, {})
        dict.update(found.attrs, {name: value for name, value in self.attrs.items() if name in names})
        return found

    return project


def _added(real: Any) -> Any:
    def add(self: Any, name: str, value: Any) -> None:
        known = vars(self).get("bytes", 0 if not self else NEARLY_TOO_LARGE_BYTES)
        self.bytes = known + bytesize(name) + value.size()
        if self.bytes > NEARLY_TOO_LARGE_BYTES:
            real(self, name, value)
        else:
            dict.__setitem__(self, name, value)

    return add
