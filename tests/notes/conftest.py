"""Customers to write notes about, and a few words to write one with."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from functions.shared import dynamo
from tests.api import CUSTOMERS, NOTE, NOTES, Api

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
