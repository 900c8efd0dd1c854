"""Every function does its work from the trimmed asset alone, in a process that can import nothing else."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from moto.server import ThreadedMotoServer

from infra.asset.trimming import OPERATIONS
from infra.routes import IMPORTS, REFERENCE
from infra.workers import CONSUME_QUEUE, FOLLOW_STREAM
from tests.api import CUSTOMERS, EXPORTS, NOTE, NOTES, UPLOADS
from tests.asset.built import AssetApi, Functions, running
from tests.asset.starts import started
from tests.auth.credentials import register
from tests.clients import client
from tests.infra.templates import FUNCTIONS, service_of
from tests.orders.events import event as order_event
from tests.queues import deliver, messages_in
from tests.streams import records

EVERY = {one.handler for one in FUNCTIONS} - {REFERENCE}
"""The functions of the asset; the reference has one of its own."""

HANDLERS = EVERY - {"canary.try_api"}
"""Those that are called here; the canary calls the API over HTTPS."""

OPERATIONS_OF_ACTION = {
    "ConditionCheckItem": {"TransactWriteItems"},
    "GetObject": {"GetObject", "HeadObject"},
    "ListMultipartUploadParts": {"ListParts"},
    "PutObject": {
        "PutObject",
        "CreateMultipartUpload",
        "UploadPart",
        "CompleteMultipartUpload",
        "CreateBucket",
    },
    "SendMessage": {"SendMessageBatch"},
}
"""The operations that need an action which is not named after them; `CreateBucket` signs forms alone."""

OF_LAMBDA = {*CONSUME_QUEUE, *FOLLOW_STREAM}
"""What Lambda's pollers ask of a function's role."""


@pytest.fixture
def functions(aws: None, asset: Path) -> Iterator[Functions]:
    """The asset's functions, before the same moto that this process sees."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    _, port = server.get_host_and_port()
    names = ("AWS_", "POWERTOOLS_", "BUS_NAME")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(names) or name.endswith(("_TABLE", "_QUEUE_URL", "_BUCKET"))
    }
    try:
        with running(asset, environment | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}) as started:
            yield started
    finally:
        server.stop()


@pytest.fixture
def api(functions: Functions) -> AssetApi:
    """The API as the asset answers it."""
    return AssetApi("demo", functions)


def ok(reply: Any) -> Any:
    """The body of an answer that must be a good one."""
    assert reply.status < 300, reply.text
    return reply.json if reply.text else None


def use_customers(api: AssetApi) -> None:
    ann = api.create(email="ann@bücher.example", customerRef="A", alternateCustomerRef="B", lastName="Lee")
    for found in (f"/{ann['id']}", "/A/ref", "/B/alternateCustomerRef", "/ann@b%C3%BCcher.example/email"):
        assert ok(api.get(f"{CUSTOMERS}{found}"))["id"] == ann["id"]
    assert len(ok(api.get(f"{CUSTOMERS}/search?lastName=lee"))) == 1
    ok(api.put(f"{CUSTOMERS}/customerRef=A", json_body={"email": "new@example.com"}))
    ok(api.post(f"{CUSTOMERS}/validate", json_body={"email": "free@example.com"}))
    address = ok(api.post(f"{CUSTOMERS}/{ann['id']}/address", json_body={"city": "Sydney"}))
    ok(api.delete(f"{CUSTOMERS}/{ann['id']}/address/{address['addressID']}"))
    ok(api.delete(f"{CUSTOMERS}/A/ref"))
    ok(api.delete(f"{CUSTOMERS}/{api.create()['id']}"))


def use_notes(api: AssetApi) -> None:
    ann = api.create(customerRef="A")
    for _ in range(2):
        note = ok(api.post(NOTE, json_body={"customerRef": "A", "note": "Called"}))
    ok(api.put(NOTE, json_body={"id": note["id"], "note": "Called back"}))
    ok(api.get(f"{NOTE}/{note['id']}"))
    assert len(ok(api.get(f"{NOTES}?id={ann['id']}"))) == 2
    ok(api.delete(f"{NOTE}/{note['id']}"))
    assert ok(api.delete(f"{NOTES}?customerRef=A")) == {"deleted": 1}


def use_uploads(api: AssetApi) -> None:
    upload = ok(api.post(UPLOADS, json_body=[{"email": "row@example.com"}, {"email": "row@example.com"}]))
    imports = {"Records": messages_in("imports")}
    assert api.functions.call("imports.import_rows", imports) == {"batchItemFailures": []}
    report = ok(api.get(f"{UPLOADS}/{upload['uploadId']}"))
    assert (report["created"], report["failed"]) == (1, 1)


def use_imports(api: AssetApi) -> None:
    one = ok(api.post(IMPORTS, json_body={"format": "csv", "size": 10}))
    url = f"{IMPORTS}/{one['importId']}"
    assert [ok(call)["state"] for call in (api.get(url), api.post(f"{url}/upload"))] == [one["state"]] * 2
    assert len(ok(api.get(IMPORTS))) == 1
    assert ok(api.delete(url))["state"] == "cancelled"


def use_streams_and_orders(api: AssetApi) -> None:
    client("events").create_event_bus(Name="customers")
    ann = api.create()
    ok(api.delete(f"{CUSTOMERS}/{api.create()['id']}"))
    for worker in ("events.publish_changes", "erasure.erase_customer"):
        assert api.functions.call(worker, {"Records": _as_lambda_has_them()}) == {"batchItemFailures": []}
    orders = client("sqs").get_queue_url(QueueName="orders")["QueueUrl"]
    client("sqs").send_message(QueueUrl=orders, MessageBody=json.dumps(order_event(customerId=ann["id"])))
    assert api.functions.call("orders.record_order", {"Records": messages_in("orders")}) == {
        "batchItemFailures": []
    }
    assert api.customer(ann["id"])["totalOrders"] == "1"


def _as_lambda_has_them() -> list[dict[str, Any]]:
    kept = ("eventID", "eventName", "dynamodb")
    return [
        {
            name: {part: one for part, one in value.items() if part != "ApproximateCreationDateTime"}
            if isinstance(value, dict)
            else value
            for name, value in record.items()
            if name in kept
        }
        for record in records()
    ]


def use_exports(api: AssetApi) -> None:
    ann = api.create()
    assert ok(api.get(CUSTOMERS))
    export = ok(api.post(EXPORTS, json_body={"format": "csv"}))
    while messages_in("exports"):
        assert deliver("exports", lambda event, _: api.functions.call("exports.write_exports", event)) == []
    (listed,) = ok(api.get(EXPORTS))
    assert listed["status"] == "completed"
    url = f"{EXPORTS}/{export['exportId']}"
    assert ok(api.get(url))["files"][0]["url"]
    ok(api.delete(f"{CUSTOMERS}/{ann['id']}"))
    ok(api.delete(url))


def use_tokens(api: AssetApi) -> None:
    credentials = register("demo")
    form = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
    }
    token = ok(
        api.post(
            "/auth/realms/demo/protocol/openid-connect/token",
            text=urlencode(form),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
    )["access_token"]
    answer = api.functions.call(
        "auth.authorize",
        {
            "methodArn": "arn:aws:execute-api:ap-southeast-2:123456789012:abc123/v1/GET/x",
            "headers": {"Authorization": f"Bearer {token}", "X-TWC-Tenant": "demo"},
            "requestContext": {"stage": "v1", "requestId": "r"},
        },
    )
    assert answer["context"]["tenantId"] == "demo"


def test_every_function_starts_by_itself_with_nothing_but_the_asset(asset: Path) -> None:
    assert started(EVERY, asset).keys() == EVERY


def test_every_function_does_its_work_with_nothing_but_the_asset(api: AssetApi) -> None:
    for use in (
        use_customers,
        use_notes,
        use_uploads,
        use_imports,
        use_exports,
        use_streams_and_orders,
        use_tokens,
    ):
        use(api)

    assert api.functions.answered == HANDLERS


def test_the_operations_that_ship_are_those_that_functions_may_call() -> None:
    granted: dict[str, set[str]] = {}
    for function in FUNCTIONS:
        for resource, actions in function.grants.items():
            service = service_of(resource)
            called = (OPERATIONS_OF_ACTION.get(action, {action}) for action in actions)
            granted.setdefault(service, set()).update(set().union(*called) - OF_LAMBDA)

    assert granted == OPERATIONS
