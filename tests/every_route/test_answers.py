"""What the document says that answers hold, some answer holds: no field is told of that nobody gets.

The other way round, a field that an answer holds and the document lacks, fails in `tests/document.py`.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from functions.erasure import erase_customer
from functions.exports import write_exports
from functions.imports import import_rows
from functions.imports.progress import MULTIPART_BYTES
from infra.reference.document import document, operation_of
from infra.routes import IMPORTS, TOKEN
from tests.api import CUSTOMERS, EXPORTS, NOTE, UPLOADS, Api, Reply
from tests.auth.credentials import register, token_form
from tests.builders import document_sample
from tests.every_route.conftest import Call
from tests.exports.conftest import begun
from tests.files import put_file
from tests.imports.sending import announced, imported, work
from tests.orders.events import deliver as deliver_orders
from tests.orders.events import event as order
from tests.queues import work_off
from tests.streams import records

Json = dict[str, Any]

EVERY_ADDRESS_FIELD = {"addressRef": "Home", "company": "TWC", "lastName": "Lee", "name": "Ann Lee"}
EVERY_OTHER_FIELD = {
    "alternateCustomerRef": "A2",
    "joinedStoreId": "S1",
    "loyaltyTier": "Gold",
    "memberSince": "2020-01-01",
    "spendToNextTier": "120.50",
    "vipStatus": True,
}


class Seen:
    """The fields that answers held, as `Customer.dob`."""

    def __init__(self) -> None:
        self.fields: set[str] = set()

    def record(self, method: str, resource: str, reply: Reply) -> None:
        """Take note of an answer, in place of holding it against the document."""
        told = operation_of(method, resource)["responses"][str(reply.status)]
        if "content" in told:
            self.fields.update(given(told["content"]["application/json"]["schema"], reply.json))


def resolved(schema: Json) -> tuple[str, Json]:
    """A schema and its name, blank where it has none."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return name, document()["components"]["schemas"][name] if name else schema


def given(schema: Json, value: Any) -> Iterator[str]:
    """The fields that a value of this schema holds."""
    name, schema = resolved(schema)
    if isinstance(value, list):
        for one in value:
            yield from given(schema.get("items", {}), one)
    elif isinstance(value, dict):
        properties = schema.get("properties", {})
        more = schema.get("additionalProperties") or {}
        for field, held in value.items():
            if field in properties:
                yield f"{name}.{field}"
            yield from given(properties.get(field, more if isinstance(more, dict) else {}), held)
    for one in schema.get("anyOf", ()):
        yield from given(one, value)


def documented(schema: Json, known: set[str]) -> Iterator[str]:
    """The fields that a schema and those it refers to tell of; `known` are the schemas seen before."""
    name, schema = resolved(schema)
    if name in known:
        return
    known.update({name} - {""})
    for field, one in schema.get("properties", {}).items():
        yield f"{name}.{field}"
        yield from documented(one, known)
    more = schema.get("additionalProperties")
    inner = [*schema.get("anyOf", ()), schema.get("items"), more]
    for one in inner:
        if isinstance(one, dict):
            yield from documented(one, known)


def all_documented() -> set[str]:
    """Every field of every answer in the document."""
    contents = [
        response["content"]["application/json"]["schema"]
        for item in document()["paths"].values()
        for operation in item.values()
        for response in operation["responses"].values()
        if "content" in response
    ]
    known: set[str] = set()
    return {field for schema in contents for field in documented(schema, known)}


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch, calls: dict[str, Call], api: Api) -> set[str]:
    """The fields of a good answer of every route, of a customer that has everything, and of errors."""
    found = Seen()
    monkeypatch.setattr("tests.api.assert_told", found.record)
    monkeypatch.setattr(import_rows, "THREADS", 1)

    sample = document_sample(**EVERY_OTHER_FIELD)
    sample["addresses"][0] |= EVERY_ADDRESS_FIELD
    customer = api.create(**sample)
    deliver_orders(order(customerId=customer["id"], currencyCode="AUD"))
    api.customer(customer["id"])
    api.post(NOTE, json_body={"customerId": customer["id"], "note": "Likes blue", "author": "Sam"})
    api.post(CUSTOMERS, json_body={"email": "nobody"})
    api.post(f"{CUSTOMERS}/validate", json_body={"email": "nobody@example.com"})

    rows = [{"email": sample["email"], "firstName": "Ann"}, {"email": "new@example.com"}, {"email": "none"}]
    modes = "?mode=upsert&matchBy=email&partial=true&dryRun=true"
    for query in ("", modes):
        upload = api.post(f"{UPLOADS}{query}", json_body=rows if query else rows[:2])
        work()
        api.get(f"{UPLOADS}/{upload.json['uploadId']}")
    use_files(api, customer["id"])

    client = register("demo")
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for asking, query in (
        (client, ""),
        (replace(client, client_secret="wrong"), ""),
        (client, "?grant=none"),
    ):
        Api(None).post(TOKEN.format(tenant="demo") + query, text=token_form(asking), headers=kind)

    # Customers go last: without them nothing else is found.
    for route in sorted(calls, key=lambda route: (route.startswith("DELETE"), CUSTOMERS in route)):
        calls[route].by(api)
    return found.fields


def use_files(api: Api, customer_id: str) -> None:
    """Import files in every state, and export all customers, of whom one is deleted then."""
    announced(api, b"email\n", matchBy="email", mode="upsert")
    api.post(IMPORTS, json_body={"format": "csv", "size": MULTIPART_BYTES + 1})
    imported(api, "email\nfile@example.com\nnone\n", matchBy="email", mode="upsert")
    for content in (b"email\nkeyed@example.com\n", b"\xff\xff"):
        announcement = {"format": "csv", "size": len(content)}
        key = {"Idempotency-Key": str(content)}
        one = api.post(IMPORTS, json_body=announcement, headers=key).json
        put_file(one["upload"]["fields"]["key"], content)
        work()
        api.post(IMPORTS, json_body=announcement, headers=key)
        api.get(f"{IMPORTS}/{one['importId']}")
    api.get(IMPORTS)
    urls = [begun(api, fields=["id", "email"])]
    work_off("exports", write_exports.handler)
    api.get(urls[0])
    api.delete(f"{CUSTOMERS}/{customer_id}")
    erase_customer.handler({"Records": records()}, None)
    api.get(urls[0])
    api.get(EXPORTS)


def test_every_documented_field_of_an_answer_is_given_by_some_answer(seen: set[str]) -> None:
    assert all_documented() - seen == set()


def test_a_field_that_no_answer_gives_would_be_found(seen: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(document()["components"]["schemas"]["Customer"]["properties"], "untrue", {})
    assert all_documented() - seen == {"Customer.untrue"}
