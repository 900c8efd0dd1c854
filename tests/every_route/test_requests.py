"""How many requests of DynamoDB an operation makes, whatever a customer's past: one table to read and keep.

An update costs two: it merges with what stands there. A version that the caller knows (`If-Match`) says that
nothing has changed since, not what there is to merge with.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from functions.auth import authorize
from functions.customers.item import BUCKETS
from tests.api import CUSTOMERS, EXPORTS, NOTE, NOTES, Api
from tests.auth import credentials

READ, READ_MANY, FIND, LIST = "get_item", "batch_get_item", "query", "query"
WRITE, TRANSACT = "update_item", "transact_write_items"
BY_ID, BY_EMAIL = f"{CUSTOMERS}/{{customer}}", f"{CUSTOMERS}/email=ann@example.com"
FIRST_VERSION = {"If-Match": '"1"'}


@dataclass(frozen=True)
class Operation:
    """A request of one customer with one note, and the calls it makes, in their order."""

    name: str
    method: str
    url: str
    calls: tuple[str, ...]
    body: dict[str, Any] | None = None
    headers: dict[str, str] | None = None


OPERATIONS = (
    Operation("get", "GET", BY_ID, (READ,)),
    Operation("get by reference", "GET", f"{CUSTOMERS}/C1/ref", (FIND, READ)),
    Operation("get by email", "GET", f"{CUSTOMERS}/ann@example.com/email", (FIND, READ)),
    Operation("search", "GET", f"{CUSTOMERS}/search?lastName=Lee&firstName=Ann", (FIND, READ_MANY)),
    Operation("list", "GET", CUSTOMERS, (FIND,) * len(BUCKETS) + (READ_MANY,)),
    Operation("export: create", "POST", EXPORTS, (FIND, TRANSACT), {"format": "csv"}),
    Operation("create", "POST", CUSTOMERS, (TRANSACT,), {"email": "new@example.com", "customerRef": "C2"}),
    Operation("update", "PUT", BY_ID, (READ, WRITE), {"mobile": "04"}),
    Operation("update of a version", "PUT", BY_ID, (READ, WRITE), {"mobile": "04"}, FIRST_VERSION),
    Operation("update that changes nothing", "PUT", BY_ID, (READ,), {"firstName": "Ann"}),
    Operation("update of an identifier", "PUT", BY_ID, (READ, TRANSACT), {"customerRef": "C3"}),
    Operation("update by email", "PUT", BY_EMAIL, (FIND, READ, WRITE), {"mobile": "04"}),
    Operation("delete", "DELETE", BY_ID, (READ, TRANSACT)),
    Operation("note: create", "POST", NOTE, (READ, TRANSACT), {"customerId": "{customer}", "note": "n"}),
    Operation("note: get", "GET", f"{NOTE}/{{note}}", (READ_MANY,)),
    Operation("note: update", "PUT", NOTE, (READ_MANY, TRANSACT), {"id": "{note}", "note": "m"}),
    Operation("note: delete", "DELETE", f"{NOTE}/{{note}}", (READ_MANY, TRANSACT)),
    Operation("notes: list", "GET", f"{NOTES}/{{customer}}", (READ, LIST)),
    Operation("notes: delete", "DELETE", f"{NOTES}/{{customer}}", (READ, LIST, TRANSACT)),
)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_makes_no_more_requests_than_it_has_to(
    api: Api, dynamo_calls: list[str], operation: Operation
) -> None:
    customer = api.create(email="ann@example.com", customerRef="C1", firstName="Ann", lastName="Lee")
    note = api.post(NOTE, json_body={"customerId": customer["id"], "note": "n"}).json
    ids = {"customer": customer["id"], "note": note["id"]}
    body = operation.body and {name: text.format_map(ids) for name, text in operation.body.items()}
    dynamo_calls.clear()

    reply = api.send(
        operation.method, operation.url.format_map(ids), json_body=body, headers=operation.headers
    )

    assert reply.status < 300, reply.text
    assert tuple(dynamo_calls) == operation.calls


def test_a_token_costs_two_and_a_decision_one(aws: None, dynamo_calls: list[str]) -> None:
    demo = credentials.register("demo")
    dynamo_calls.clear()
    url = "/auth/realms/demo/protocol/openid-connect/token"
    sent = {"Content-Type": "application/x-www-form-urlencoded"}

    token = Api(None).post(url, text=credentials.token_form(demo), headers=sent).json["access_token"]
    assert dynamo_calls == [READ_MANY, "put_item"]

    dynamo_calls.clear()
    decision = authorize.handler(credentials.authorizer_event(token, "demo"), None)
    assert decision["policyDocument"]["Statement"][0]["Effect"] == "Allow"
    assert dynamo_calls == [READ_MANY]
