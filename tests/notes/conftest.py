"""Customers to write notes about, and a few words to write one with."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from functions.customers.item import customer_key
from functions.erasure import erase_customer
from functions.shared import dynamo
from tests.api import CUSTOMERS, NOTE, NOTES, Api
from tests.streams import records
from tests.tables import put_items

AddNote = Callable[..., dict[str, Any]]


@pytest.fixture
def customer(api: Api) -> dict[str, Any]:
    return api.create(email="Ann+1@example.com", customerRef="a/b%25=c")


@pytest.fixture
def add_note(api: Api, customer: dict[str, Any]) -> AddNote:
    """Write a note, about `customer` unless told otherwise, which must succeed."""

    def add(text: str = "Likes blue", about: str = "", **fields: Any) -> dict[str, Any]:
        body = {"customerId": about or customer["id"], "note": text, **fields}
        reply = api.post(NOTE, json_body=body)
        assert reply.status == 200, reply.text
        note: dict[str, Any] = reply.json
        return note

    return add


@pytest.fixture
def note(add_note: AddNote) -> dict[str, Any]:
    return add_note(author="Sam")


def texts(api: Api, customer: dict[str, Any]) -> list[str]:
    """What the customer's notes say, the newest first."""
    reply = api.get(f"{NOTES}/{customer['id']}")
    assert reply.status == 200, reply.text
    return [note["note"] for note in reply.json]


def store_notes(customer: dict[str, Any], number: int, *, counted: bool) -> None:
    """Many notes of a customer as the table holds them, with their tally or, as older ones, without."""
    key = customer_key("demo", customer["id"])
    date = "2026-01-01T00:00:00.000Z"
    note = {"note": "n", "createdDate": date, "lastModifiedDate": date, "version": 1}
    put_items("notes", ({**note, **key, "noteKey": f"{count:024x}"} for count in range(number)))
    tally = {"made": number, "deleted": 0} if counted else None
    # An update with nothing to set has nothing to say: a field of its own says that this is no request's.
    dynamo.write(dynamo.update_of("customers", key, {"noteTally": tally, "writeId": "test"}, ""))


def tally(customer: dict[str, Any]) -> Any:
    """What the customer's item says of its notes."""
    item = dynamo.get("customers", customer_key("demo", customer["id"]))
    return item and item.get("noteTally")


def erase(about: str = "") -> list[str]:
    """Hand the worker what the stream has told so far, of one customer if given; what it is to get again."""
    told = [record for record in records() if about in str(record)]
    answer = erase_customer.handler({"Records": told}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def delete_customer(api: Api, customer: dict[str, Any]) -> None:
    """Delete the customer, which must succeed."""
    assert api.delete(f"{CUSTOMERS}/{customer['id']}").status == 204


def stored_notes() -> list[Any]:
    """Every item of the notes table, records of requests too."""
    items: list[Any] = dynamo.call("scan", TableName="notes")["Items"]
    return items


def no_such_note(customer: dict[str, Any]) -> list[str]:
    """Ids that lead to no note: well-formed, malformed, of nobody, of a record of a request."""
    key = "0" * 24
    return [
        f"{customer['id']}-{key}",
        f"{uuid.uuid4()}-{key}",
        customer["id"],
        f"{customer['id']}-{key.upper()[:-1]}G",
        f"{customer['id']}-{key}0",
        f"{customer['id']}-request",
        "x",
        "x" * 3000,
        "nul\x00",
        "é",
    ]
