"""No grant is there for nothing, and none is missing: what every function asks of AWS is what it may."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from functions.events import bus
from functions.imports import import_rows, progress
from functions.shared import dynamo, s3, sqs
from infra.resources import Grants
from infra.routes import AUTHORIZER, ENDPOINTS
from infra.workers import WORKERS
from tests.api import Api
from tests.trust.file_scenarios import EVERY_SCENARIO, PARTS_FROM
from tests.trust.further_scenarios import FURTHER
from tests.trust.scenarios import Ask, Prepare

Permission = tuple[str, str]
"""A resource, as the tables of routes and workers name it, and an action on it."""

GRANTS: dict[str, Grants] = {
    **{one.handler: one.grants for one in (*ENDPOINTS, AUTHORIZER)},
    **{one.handler: one.own_grants for one in WORKERS},
}

UNSEEN: dict[tuple[str, str, str], str] = {
    ("exports.create_export", "files.exports", "DeleteObject"): (
        "a part of an export is written before its first messages are refused for good"
    ),
}
"""Grants whose use no scenario brings about, each with its reason."""

TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
S3_ACTIONS = {
    "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "HeadObject": "GetObject",
    "ListParts": "ListMultipartUploadParts",
    "UploadPart": "PutObject",
}
"""Operations that are allowed by an action of another name (AWS: service authorization reference)."""


def asked(service: str, operation: str, arguments: dict[str, Any]) -> Iterator[Permission]:
    """What IAM asks of a function for one call."""
    if service == "s3" and "Key" not in arguments:
        # A form that is signed says so in its policy alone.
        return
    if service == "s3":
        folder = arguments["Key"].partition("/")[0]
        yield f"files.{folder}", S3_ACTIONS.get(operation, operation)
    elif service == "sqs":
        queue = arguments["QueueUrl"].rpartition("/")[2]
        yield f"{queue}_queue", operation.removesuffix("Batch")
    elif service == "events":
        yield "bus", operation
    elif operation == "TransactWriteItems":
        for item in arguments["TransactItems"]:
            ((action, write),) = item.items()
            yield write["TableName"], TRANSACTION[action]
    elif "RequestItems" in arguments:
        for table in arguments["RequestItems"]:
            yield table, operation
    else:
        index = arguments.get("IndexName")
        yield f"{arguments['TableName']}.{index}" if index else arguments["TableName"], operation


@pytest.fixture
def performed() -> Iterator[set[Permission]]:
    """What the functions' own clients are asked for, addresses that they sign among it."""
    seen: set[Permission] = set()

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        seen.update(asked(model.service_model.service_name, model.name, params))

    clients: list[Any] = [dynamo.client, s3.client, sqs.client, bus.client]
    for client in clients:
        client.meta.events.register("provide-client-params", note)
    yield seen
    for client in clients:
        client.meta.events.unregister("provide-client-params", note)


@pytest.mark.parametrize("handler", [handler for handler, grants in GRANTS.items() if grants])
def test_a_function_asks_for_all_that_it_is_granted_and_nothing_else(
    aws: None, performed: set[Permission], monkeypatch: pytest.MonkeyPatch, handler: str
) -> None:
    monkeypatch.setattr(import_rows, "THREADS", 1)
    monkeypatch.setattr(progress, "MULTIPART_BYTES", PARTS_FROM)
    used: set[Permission] = set()
    scenarios: list[Prepare] = [*EVERY_SCENARIO[handler].values(), *FURTHER.get(handler, ())]
    for number, prepare in enumerate(scenarios):
        act = _act(prepare, Api(f"tenant-{number}"))
        performed.clear()
        act()
        used |= performed

    granted = {(resource, action) for resource, actions in GRANTS[handler].items() for action in actions}
    unseen = {(resource, action) for one, resource, action in UNSEEN if one == handler}
    assert used - granted == set(), "not granted"
    assert granted - used == unseen, "granted, and not used"


def _act(prepare: Prepare, api: Api) -> Callable[[], Any]:
    it = prepare(api)
    return (lambda: it.send(api)) if isinstance(it, Ask) else (lambda: it.deliver(it.records))
