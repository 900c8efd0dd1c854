"""Erasure: after a delete nothing of the customer is left but a tombstone, and nothing says a word of it."""

import io
import itertools
import json
from typing import Any

import pytest

from functions.erasure import erase_customer
from functions.events import publish_changes
from functions.imports import import_rows
from functions.notes import store as notes
from functions.shared import dynamo
from functions.shared.errors import UnavailableError
from functions.shared.item import unmarshal
from infra.queues import GIVEN_UP, QUEUES
from infra.tables import TABLES
from tests import queues
from tests.account import content, put_back
from tests.api import CUSTOMERS, NOTE, NOTES, UPLOADS, Api
from tests.builders import PERSONAL, SECRETS
from tests.orders import events as orders
from tests.streams import records


def stored(table: str, text: str) -> list[dict[str, Any]]:
    items = dynamo.call("scan", TableName=table, ConsistentRead=True)["Items"]
    # Whose an order was stays, without a word of the order or the person.
    return [item for item in items if text in json.dumps(item) and item.get("orderRef") != {"S": "owner"}]


def erase(stream: list[dict[str, Any]]) -> list[str]:
    answer = erase_customer.handler({"Records": stream}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def customer_with_notes(api: Api, number: int) -> str:
    customer_id: str = api.create()["id"]
    for count in range(number):
        api.post(NOTE, json_body={"customerId": customer_id, "note": f"note {count}"})
    return customer_id


def test_a_deleted_customers_notes_and_orders_are_erased_and_nobody_elses(api: Api) -> None:
    kept, gone = customer_with_notes(api, 2), customer_with_notes(api, 30)
    for number, customer_id in enumerate([kept, gone, gone]):
        assert orders.deliver(orders.event(customerId=customer_id, orderRef=f"O{number}")) == []
    api.delete(f"{CUSTOMERS}/{gone}")

    assert erase(records()) == []

    assert stored("notes", gone) == stored("orders", gone) == []
    assert len(api.get(f"{NOTES}?id={kept}").json) == 2
    assert api.customer(kept)["totalOrders"] == "1"


def test_a_live_customers_changes_erase_nothing(api: Api, dynamo_calls: list[str]) -> None:
    customer_id = customer_with_notes(api, 1)
    api.put(f"{CUSTOMERS}/{customer_id}", json_body={"firstName": "Ann"})
    stream = records()
    dynamo_calls.clear()

    assert erase(stream) == []
    assert dynamo_calls == []


def test_an_erasure_that_ends_at_any_call_goes_on_where_it_was(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = dynamo.call
    customer_id = customer_with_notes(api, 30)
    orders.deliver(orders.event(customerId=customer_id))
    api.delete(f"{CUSTOMERS}/{customer_id}")
    (record,) = [one for one in records() if "deletedDate" in str(one)]
    deleted = content()
    for failing in itertools.count(1):
        put_back(deleted)
        made: list[str] = []

        def ends(operation: str, *, at: int = failing, calls: list[str] = made, **arguments: Any) -> Any:
            calls.append(operation)
            answer = real(operation, **arguments)
            if len(calls) == at:
                raise UnavailableError
            return answer

        with monkeypatch.context() as patch:
            patch.setattr(dynamo, "call", ends)
            failed = erase([record])
        if len(made) < failing:
            assert failed == []
            break
        assert failed == [record["dynamodb"]["SequenceNumber"]]
        assert erase([record]) == []
        assert stored("notes", customer_id) == stored("orders", customer_id) == []
    assert failing > 5


def test_one_erasure_that_fails_holds_up_no_other_and_is_named(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, other = customer_with_notes(api, 1), customer_with_notes(api, 1)
    for customer_id in (stuck, other):
        api.delete(f"{CUSTOMERS}/{customer_id}")
    stream = [one for one in records() if "deletedDate" in str(one)]
    real = notes.erase

    def failing(tenant_id: str, customer_id: str, **limits: Any) -> int:
        if customer_id == stuck:
            raise UnavailableError
        return real(tenant_id, customer_id, **limits)

    monkeypatch.setattr(notes, "erase", failing)

    assert erase(stream) == [stream[0]["dynamodb"]["SequenceNumber"]]
    assert stored("notes", other) == []


def test_after_a_delete_no_table_queue_event_or_line_of_the_log_tells_of_the_customer(
    api: Api, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_rows, "THREADS", 1)
    told: list[Any] = []

    def put_events(_operation: str, **arguments: Any) -> dict[str, Any]:
        told.append(arguments)
        return {"Entries": [{"EventId": "1"} for _ in arguments["Entries"]]}

    monkeypatch.setattr("functions.events.bus.call", put_events)
    customer_id = api.create(**PERSONAL, customerRef="C1", alternateCustomerRef="A1")["id"]
    keyed = {"Idempotency-Key": "private key"}
    api.post(CUSTOMERS, json_body=PERSONAL, headers=keyed)
    changes = {"lastName": "Privatenew", "email": "private.b@example.com"}
    api.put(f"{CUSTOMERS}/{customer_id}", json_body=changes)
    body = {"customerId": customer_id, "note": "Private words", "author": "Privateauthor"}
    api.post(NOTE, json_body=body, headers=keyed)
    rows = [PERSONAL, PERSONAL | {"email": "private.b@example.com"}]
    upload = api.post(UPLOADS, json_body=rows, headers=keyed)
    queues.deliver("imports", import_rows.handler)
    orders.deliver(orders.event(email="private.b@example.com"))
    orders.deliver(orders.event(email="private.nobody@example.com"), "private")
    api.get(f"{CUSTOMERS}/search?lastName=Privatenew")
    assert all(stored(table, "rivate") for table in ("customers", "claims", "notes"))

    imported = api.get(f"{CUSTOMERS}/private.ann@example.com/email").json["id"]
    for one in (customer_id, imported):
        assert api.delete(f"{CUSTOMERS}/{one}").status == 204
    publish_changes.handler({"Records": records()}, None)
    assert erase(records()) == []

    left = {
        "tables": [dynamo.call("scan", TableName=table.name)["Items"] for table in TABLES],
        "queues": [queues.messages_in(name) for name in (*(queue.name for queue in QUEUES), *GIVEN_UP)],
        "events": told,
        "log": log.getvalue(),
        "report": api.get(f"{UPLOADS}/{upload.json['uploadId']}").text,
    }
    for place, left_there in left.items():
        assert left_there, place
        text = json.dumps(left_there, default=str).lower()
        assert [secret for secret in SECRETS if secret in text] == [], place
    assert len(stored("customers", "deletedDate")) == 2
    tombstone = unmarshal(stored("customers", customer_id)[0])
    assert tombstone.keys() == {"customerKey", "tenantId", "id", "version", "deletedDate"}


def test_from_the_deletes_204_on_nothing_finds_the_customer(api: Api) -> None:
    customer = api.create(**PERSONAL, customerRef="C1", alternateCustomerRef="A1")
    note = api.post(NOTE, json_body={"customerId": customer["id"], "note": "n"}).json["id"]

    assert api.delete(f"{CUSTOMERS}/{customer['id']}").status == 204

    for url in (
        f"{CUSTOMERS}/{customer['id']}",
        f"{CUSTOMERS}/C1/ref",
        f"{CUSTOMERS}/A1/alternateCustomerRef",
        f"{CUSTOMERS}/{PERSONAL['email']}/email",
        f"{NOTE}/{note}",
        f"{NOTES}?customerRef=C1",
    ):
        assert api.get(url).status == 404, url
    for name in ("email", "firstName", "lastName", "mobile", "phone"):
        assert api.get(f"{CUSTOMERS}/search?{name}={PERSONAL[name]}").json == []
