"""A customer with values like nobody's lives through every route, is deleted, and is nowhere any more.

Every table, queue, log group, metric and file of the stack is searched, and what another service heard on the
bus. What may still hold something, for seven days at most, are the files that a caller sent to be imported
and what their rows came to (guide "Files").
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from infra.files import IMPORTED
from infra.local.stack import LocalStack
from infra.routes import IMPORTS
from infra.settings import BUS_OUTPUT, FILES_BUCKET_OUTPUT
from tests.api import CUSTOMERS, EXPORTS, NOTE, NOTES, UPLOADS, Reply, resolved, value
from tests.deployed.conditions import eventually
from tests.deployed.http_api import HttpApi
from tests.deployed.test_exports import completed as completed_export
from tests.deployed.test_exports import fetched
from tests.deployed.test_imports import ended, sent
from tests.deployed.test_uploads import completed as completed_upload
from tests.every_route.conftest import ROUTES

TENANT = "forgetting"
PERSONAL: dict[str, Any] = {
    "email": "Quetzalcoatl.Mail@example.com",
    "firstName": "Quetzalcoatlfirst",
    "lastName": "Quetzalcoatllast",
    "mobile": "+61 477 193 846",
    "phone": "+61 277 193 847",
    "dob": "17-03-1913",
    "addresses": [{"address1": "Quetzalcoatlstreet 1", "name": "Quetzalcoatlname"}],
    "attributeGroups": {"Quetzalcoatlgroup": {"attributes": {"hobby": "Quetzalcoatlhobby"}}},
}
REFS = {"customerRef": "Quetzref-1", "alternateCustomerRef": "Quetzref-2"}
SOUGHT = ("quetzalcoatl", "477193846", "277193847", "477 193 846", "277 193 847", "17-03-1913", "1913-03-17")
"""What none of the values can hide, in small letters."""

SOUGHT_REF = "quetzref"
"""What events are allowed to name."""

ORDER_REF = "quetzorder-1"
"""What stays beside the id of whose it was, so that nobody else ever has it counted (guide "Deletion")."""


@dataclass(frozen=True)
class Travelled(HttpApi):
    """The API, with the routes that were taken."""

    routes: set[str] = field(default_factory=set)

    def send(self, method: str, url: str, **options: Any) -> Reply:
        """Send a request, and note its route."""
        if "://" not in url:
            self.routes.add(f"{method} {resolved(method, url.partition('?')[0])[0]}")
        return super().send(method, url, **options)

    def good(self, method: str, url: str, body: Any = None, **headers: str) -> Reply:
        """Send a request that must succeed."""
        reply = self.send(method, url, json_body=body, headers=headers)
        assert reply.status < 300, f"{method} {url}: {reply.text}"
        return reply


@pytest.fixture(scope="module")
def api(stack: LocalStack) -> Travelled:
    """The API as a tenant of this test's own."""
    stack.tenants.register(TENANT)
    return Travelled(TENANT, stack.url, stack.tenants.issue_token(TENANT, seconds=3600))


def live(api: Travelled, stack: LocalStack) -> None:
    """Take every route but those that delete a customer."""
    # A client may take what it likes for its keys.
    key = {"Idempotency-Key": PERSONAL["email"]}
    email = PERSONAL["email"]
    api.good("POST", f"{CUSTOMERS}/validate", PERSONAL | REFS)
    one = api.good("POST", CUSTOMERS, PERSONAL | REFS, **key).json
    by_id, by_email = f"{CUSTOMERS}/{one['id']}", f"{CUSTOMERS}/email={value(email)}"
    assert api.post(CUSTOMERS, json_body=PERSONAL | {"dob": "Quetzalcoatlday"}).status == 400
    assert api.post(CUSTOMERS, json_body=PERSONAL).json["code"] == "duplicate_value"
    api.good("PUT", f"{CUSTOMERS}?email={value(email)}", {"joinedStoreId": "Quetzalcoatlstore"})
    api.good("PUT", by_email, {"lastName": PERSONAL["lastName"].upper()})
    address = api.good("POST", f"{by_id}/address", {"address1": "Quetzalcoatlstreet 2"}).json
    api.good("DELETE", f"{by_id}/address/{address['addressID']}")
    for url in (
        by_id,
        f"{CUSTOMERS}?email={value(email)}",
        f"{CUSTOMERS}/{value(email)}/email",
        f"{CUSTOMERS}/{REFS['customerRef']}/ref",
        f"{CUSTOMERS}/{REFS['alternateCustomerRef']}/alternateCustomerRef",
        f"{CUSTOMERS}/search?lastName={PERSONAL['lastName']}&mobile={value(PERSONAL['mobile'])}",
    ):
        api.good("GET", url)
    for turn, delete in enumerate((f"{NOTES}?id={one['id']}", f"{NOTES}/email={value(email)}")):
        write_notes(api, one["id"], f"{email}-{turn}")
        api.good("DELETE", delete)
    write_notes(api, one["id"], email)
    place_order(api, stack, one["id"], email)
    export(api)


def write_notes(api: Travelled, customer_id: str, key: str) -> None:
    """Take every route of notes but that which deletes all; one note stays."""
    body = {"customerId": customer_id, "note": "Quetzalcoatltext", "author": "Quetzalcoatlauthor"}
    kept = api.good("POST", NOTE, body, **{"Idempotency-Key": key}).json
    gone = api.good("POST", NOTE, body).json
    api.good("PUT", NOTE, {"id": kept["id"], "note": "Quetzalcoatltext, again"})
    api.good("GET", f"{NOTE}/{kept['id']}")
    api.good("GET", f"{NOTES}?id={customer_id}")
    api.good("GET", f"{NOTES}/id={customer_id}")
    api.good("DELETE", f"{NOTE}/{gone['id']}")


def place_order(api: Travelled, stack: LocalStack, customer_id: str, email: str) -> None:
    """An order that names the customer by email, counted."""
    order = {
        "tenantId": TENANT,
        "orderRef": ORDER_REF,
        "email": email,
        "totalAmount": "12.50",
        "created_at": "2026-11-20T10:00:00Z",
    }
    entry = {
        "EventBusName": stack.outputs[BUS_OUTPUT],
        "Source": "shop",
        "DetailType": "OrderPlaced",
        "Detail": json.dumps(order),
    }
    assert stack.emulator.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    eventually(lambda: api.customer(customer_id)["totalOrders"] == "1")


def export(api: Travelled) -> None:
    """Take every route of exports; one export stays, with the customer in its file."""
    kept, gone = (
        api.good("POST", EXPORTS, {"format": form}, **{"Idempotency-Key": f"{PERSONAL['email']}-{form}"})
        for form in ("jsonl", "csv")
    )
    for one in (kept, gone):
        told = completed_export(api, f"{EXPORTS}/{one.json['exportId']}")
        assert "quetzalcoatl" in "".join(told_in(fetched(file["url"])) for file in told["files"])
    api.good("GET", EXPORTS)
    api.good("DELETE", f"{EXPORTS}/{gone.json['exportId']}")


def come_in_bulk(api: Travelled) -> list[str]:
    """Customers with these values of an upload and of a file, each beside a row that fails; their ids."""
    row = PERSONAL | {"email": f"row.{PERSONAL['email']}"}
    bad = PERSONAL | {"customerRef": "Quetzref-3"}
    upload = api.good("POST", UPLOADS, [row, row | bad], **{"Idempotency-Key": PERSONAL["email"]}).json
    report = completed_upload(api, f"{UPLOADS}/{upload['uploadId']}")
    assert (report["created"], report["failed"]) == (1, 1)

    lines = f"email,firstName,mobile\nfile.{PERSONAL['email']},{PERSONAL['firstName']},{PERSONAL['mobile']}\n"
    url = sent(api, f"{lines}quetzalcoatl is no email,{PERSONAL['firstName']},\n")
    told = ended(api, url)
    assert (told["created"], told["failed"]) == (1, 1)
    api.good("GET", IMPORTS)
    other = api.good("POST", IMPORTS, {"format": "csv", "size": 10}).json["importId"]
    api.good("POST", f"{IMPORTS}/{other}/upload")
    api.good("DELETE", f"{IMPORTS}/{other}")
    return [
        api.good("GET", f"{CUSTOMERS}/{value(kind + PERSONAL['email'])}/email").json["id"]
        for kind in ("row.", "file.")
    ]


def told_in(content: bytes) -> str:
    """The text of a file, in small letters."""
    with suppress(gzip.BadGzipFile):
        content = gzip.decompress(content)
    return content.decode(errors="replace").lower()


def everything(stack: LocalStack) -> Iterator[tuple[str, str]]:
    """All that is kept, piece by piece: where it is, and its text."""
    emulator = stack.emulator
    tables = emulator.client("dynamodb")
    for table in tables.list_tables()["TableNames"]:
        for page in tables.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            yield from ((f"table {table}", json.dumps(item, default=str)) for item in page["Items"])
    queues = emulator.client("sqs")
    for url in queues.list_queues()["QueueUrls"]:
        messages: list[dict[str, Any]] = []
        while more := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            messages += more
        for message in messages:
            queues.change_message_visibility(
                QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
        yield from ((f"queue {url.rpartition('/')[2]}", message["Body"]) for message in messages)
    logs = emulator.client("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            name = group["logGroupName"]
            for found in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
                yield from ((f"log {name}", event["message"]) for event in found["events"])
    for page in emulator.client("cloudwatch").get_paginator("list_metrics").paginate():
        yield from (("metric", json.dumps(metric)) for metric in page["Metrics"])
    files, bucket = emulator.client("s3"), stack.outputs[FILES_BUCKET_OUTPUT]
    for page in files.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for one in page.get("Contents", []):
            body = files.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
            yield f"file {one['Key']}", told_in(body)


def where(pieces: Iterable[tuple[str, str]], *sought: str) -> Iterator[str]:
    """Where any of these is still to be found, but for the files that a caller sent and what they came to."""
    for place, text in pieces:
        if not place.startswith(f"file {IMPORTED.prefix}") and any(one in text.lower() for one in sought):
            yield place


def test_who_was_deleted_is_nowhere_any_more(
    api: Travelled, stack: LocalStack, subscribed: tuple[Any, str]
) -> None:
    live(api, stack)
    bulk = come_in_bulk(api)
    before = {place.split()[0] for place in where(everything(stack), *SOUGHT)}
    assert before == {"table", "file"}

    api.good("DELETE", f"{CUSTOMERS}?email={value(PERSONAL['email'])}")
    for url in (f"{CUSTOMERS}/{REFS['customerRef']}/ref", f"{CUSTOMERS}/email={value(PERSONAL['email'])}"):
        api.good("POST", CUSTOMERS, PERSONAL | REFS)
        api.good("DELETE", url)
    for customer_id in bulk:
        api.good("DELETE", f"{CUSTOMERS}/{customer_id}")

    assert set(ROUTES) <= api.routes
    # One look ends where something is found.
    eventually(lambda: next(where(everything(stack), *SOUGHT), None) is None)
    pieces = list(everything(stack))
    assert set(where(pieces, SOUGHT_REF)) == {"queue follower"}
    (orders,) = set(where(pieces, ORDER_REF))
    assert "Orders" in orders
