"""What each endpoint and worker is asked for, in tables of which it finds everything it may meet."""

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from functions.auth import authorize, tenants
from functions.erasure import erase_customer
from functions.events import publish_changes
from functions.imports import import_rows
from functions.orders import record_order
from infra.routes import TOKEN
from tests import queues, streams
from tests.api import CUSTOMERS, NOTE, NOTES, UPLOADS, Api
from tests.auth.credentials import authorizer_event, register, token_for, token_form
from tests.clients import client
from tests.orders.events import event, queued_at

Record = dict[str, Any]
Worker = Callable[[dict[str, Any], None], dict[str, Any]]


@dataclass(frozen=True)
class Ask:
    """A request; `again` are the statuses with which its repeat may end, beside that of a success."""

    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    again: tuple[int, ...] = ()

    def send(self, api: Api) -> Any:
        """Send it."""
        if isinstance(self.body, str):
            return api.send(self.method, self.url, text=self.body, headers=self.headers)
        return api.send(self.method, self.url, json_body=self.body, headers=self.headers)


@dataclass(frozen=True)
class Work:
    """Records for a worker, which it answers for one by one by `identifier`."""

    handler: Worker
    records: list[Record]
    identifier: Callable[[Record], str]

    def deliver(self, records: list[Record]) -> list[Record]:
        """Hand some of the records over; what comes again. All after a failed record of a stream come too."""
        failures = self.handler({"Records": records}, None)["batchItemFailures"]
        failed = {failure["itemIdentifier"] for failure in failures}
        return [record for record in records if self.identifier(record) in failed]


@dataclass(frozen=True)
class Stream(Work):
    """Records of a stream: Lambda begins again at the first that failed."""

    def deliver(self, records: list[Record]) -> list[Record]:
        failed = super().deliver(records)
        return records[records.index(failed[0]) :] if failed else []


KEY = {"Idempotency-Key": "key"}


def ann(api: Api) -> Any:
    """A customer with everything that has an owner."""
    return api.create(
        email="ann@example.com",
        customerRef="C1",
        alternateCustomerRef="A1",
        lastName="Lee",
        mobile="0499 887 766",
        addresses=[{"addressID": "H", "address1": "Home"}],
    )


def ann_and_more(api: Api) -> Any:
    """The same with two notes and an order."""
    made = ann(api)
    for text in ("one", "two"):
        assert api.post(NOTE, json_body={"customerId": made["id"], "note": text}).status == 200
    order(api, customerId=made["id"])
    return made


def order(api: Api, **detail: Any) -> None:
    """An order, counted."""
    work = order_work(api, **detail)
    assert work.deliver(work.records) == []


def order_work(api: Api, **detail: Any) -> Work:
    """The message of an order."""
    one = event(tenantId=api.tenant, **detail)
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": str(queued_at(one))}
    record = {"messageId": "0", "receiptHandle": "r", "body": json.dumps(one), "attributes": attributes}
    return Work(record_order.handler, [record], lambda record: str(record["messageId"]))


def rows(api: Api) -> Work:
    """The messages of an upload of three rows, of which one is taken."""
    ann(api)
    body = [
        {"email": "x@example.com", "customerRef": "X"},
        {"email": "ann@example.com"},
        {"email": "y@example.com"},
    ]
    assert api.post(UPLOADS, json_body=body).status == 202
    return Work(import_rows.handler, queues.take_all("imports"), lambda record: str(record["messageId"]))


def changes(handler: Worker) -> Callable[[Api], Work]:
    """The stream of a customer's life, to the end."""

    def work(api: Api) -> Work:
        begin = streams.iterator_at()
        made = ann_and_more(api)
        with contextlib.suppress(ClientError):
            client("events").create_event_bus(Name=os.environ["BUS_NAME"])
        api.put(f"{CUSTOMERS}/{made['id']}", json_body={"customerRef": "C2"})
        api.create(email="bob@example.com")
        assert api.delete(f"{CUSTOMERS}/{made['id']}").status == 204
        life = streams.records(begin)
        return Stream(handler, life, lambda record: str(record["dynamodb"]["SequenceNumber"]))

    return work


def _note(api: Api) -> str:
    made = api.post(NOTE, json_body={"customerId": ann(api)["id"], "note": "three"}).json
    return str(made["id"])


def _upload(api: Api) -> str:
    made = api.post(UPLOADS, json_body=[{"email": "x@example.com"}])
    queues.take_all("imports")
    return str(made.json["uploadId"])


def _token(api: Api) -> Ask:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return Ask("POST", TOKEN.format(tenant=api.tenant), token_form(register(api.tenant or "")), kind)


def _authorization(api: Api) -> Work:
    tenant = api.tenant or ""
    register(tenant)
    sent = authorizer_event(token_for(tenant), tenant)

    def handler(batch: dict[str, Any], _context: None) -> dict[str, Any]:
        try:
            policy = authorize.handler(batch["Records"][0], None)
        except authorize.AuthorizerFaultError:
            return {"batchItemFailures": [{"itemIdentifier": "r"}]}
        assert policy["policyDocument"]["Statement"][0]["Effect"] == "Allow"
        assert policy["context"]["tenantId"] == tenants.tenant_key(tenant).removeprefix("tenant#")
        return {"batchItemFailures": []}

    return Work(handler, [sent], lambda _: "r")


Prepare = Callable[[Api], Ask | Work]


def by(method: str, suffix: str, body: Any = None, again: tuple[int, ...] = (), **headers: str) -> Prepare:
    """A request about Ann."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}

    def prepare(api: Api) -> Ask:
        return Ask(method, f"{CUSTOMERS}{suffix.format(id=ann(api)['id'])}", body, sent, again)

    return prepare


def _moved(api: Api) -> Ask:
    made = ann(api)
    body = {"email": "new@example.com", "customerRef": None, "alternateCustomerRef": "A2"}
    return Ask("PUT", f"{CUSTOMERS}/{made['id']}", body)


def _new_note(api: Api) -> Ask:
    ann(api)
    return Ask("POST", NOTE, {"customerRef": "C1", "note": "new"}, KEY)


def _first_version(api: Api) -> Work:
    ann(api)
    return order_work(api, customerRef="C1", orderRef="O2")


def _second_version(api: Api) -> Work:
    order(api, customerId=ann(api)["id"])
    changed = {"customerRef": "C1", "totalAmount": "7", "updated_at": "2026-11-23"}
    return order_work(api, detail_type="OrderUpdated", **changed)


SCENARIOS: dict[str, dict[str, Prepare]] = {
    "customers.create_customer": {
        "with a key": lambda _: Ask(
            "POST", CUSTOMERS, {"email": "ann@example.com", "customerRef": "C1"}, KEY
        ),
        "without a key": lambda _: Ask("POST", CUSTOMERS, {"email": "ann@example.com"}, again=(400,)),
    },
    "customers.update_customer": {
        "by id": by("PUT", "/{id}", {"firstName": "New"}),
        "by ref": by("PUT", "/customerRef=C1", {"firstName": "New"}),
        "of a version": by("PUT", "/{id}", {"firstName": "New"}, again=(412,), If_Match='"1"'),
        "of what has one owner": _moved,
        "of nobody yet": lambda _: Ask(
            "PUT", f"{CUSTOMERS}/email=new@example.com?createIfMissing=true", {"firstName": "New"}
        ),
    },
    "customers.delete_customer": {
        "by id": by("DELETE", "/{id}", again=(404,)),
        "by email": by("DELETE", "/email=ann@example.com", again=(404,)),
        "of a version": by("DELETE", "/{id}", again=(404,), If_Match='"1"'),
    },
    "customers.delete_customer_by_ref": {"": by("DELETE", "/C1/ref", again=(404,))},
    "customers.get_customer": {
        "by id": by("GET", "/{id}"),
        "by email": by("GET", "/email=ann@example.com"),
    },
    "customers.list_customers": {"": by("GET", ""), "by email": by("GET", "?email=ann@example.com")},
    "customers.get_customer_by_ref": {"": by("GET", "/C1/ref")},
    "customers.get_customer_by_email": {"": by("GET", "/ann@example.com/email")},
    "customers.get_customer_by_alternate_ref": {"": by("GET", "/A1/alternateCustomerRef")},
    "customers.search_customers": {"": by("GET", "/search?lastName=lee")},
    "customers.validate_customer": {"": by("POST", "/validate", {"email": "new@example.com"})},
    "customers.add_address": {
        "": by("POST", "/{id}/address", {"addressID": "W", "address1": "Work"}, again=(400,))
    },
    "customers.delete_address": {"": by("DELETE", "/{id}/address/H", again=(404,))},
    "uploads.create_upload": {"": lambda _: Ask("POST", UPLOADS, [{"email": "x@example.com"}], KEY)},
    "uploads.get_upload": {"": lambda api: Ask("GET", f"{UPLOADS}/{_upload(api)}")},
    "notes.create_note": {"": _new_note},
    "notes.update_note": {"": lambda api: Ask("PUT", NOTE, {"id": _note(api), "note": "new"})},
    "notes.get_note": {"": lambda api: Ask("GET", f"{NOTE}/{_note(api)}")},
    "notes.delete_note": {"": lambda api: Ask("DELETE", f"{NOTE}/{_note(api)}", again=(404,))},
    "notes.list_notes": {"": lambda api: Ask("GET", f"{NOTES}?id={ann_and_more(api)['id']}")},
    "notes.delete_notes": {"": lambda api: Ask("DELETE", f"{NOTES}?id={ann_and_more(api)['id']}")},
    "auth.issue_token": {"": _token},
    "auth.authorize": {"": _authorization},
    "imports.import_rows": {"": rows},
    "events.publish_changes": {"": changes(publish_changes.handler)},
    "orders.record_order": {
        "first": _first_version,
        "update": _second_version,
    },
    "erasure.erase_customer": {"": changes(erase_customer.handler)},
}
"""By handler, as the tables of routes and workers name it; those of files are in `file_scenarios.py`."""
