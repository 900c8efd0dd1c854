"""The requests of which `uv run bench` measures warm calls: handled once on moto, and printed as JSON.

What each asked of DynamoDB and was answered is replayed where the network would be: to the handler as it
ships, and to boto3's client with its default options.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import moto

from functions.customers import store
from functions.customers.customer import new_customer
from functions.shared import dynamo
from tests.api import CUSTOMERS, gateway_event, handler_module
from tests.tables import create_tables

CUSTOMER = {
    "firstName": "Jane",
    "lastName": "Doe",
    "mobile": "+61 400 000 000",
    "dob": "01-02-1990",
    "addresses": [
        {"address1": "1 High St", "city": "Perth", "postalCode": "6000", "countryCode": "AU", "default": True}
    ],
    "optin_preferences": {"email": {"opt_in_active": True}, "sms": {"opt_in_active": False}},
    "attributeGroups": {"shoes": {"attributes": {"size": "39", "width": "D"}, "description": "Feet"}},
}


@dataclass(frozen=True)
class Replay:
    """A request to a handler's module, the calls that it made and the bodies of their answers."""

    handler: str
    event: dict[str, Any]
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)


def _recorded() -> Iterator[tuple[str, Replay]]:
    jane = _stored(customerRef="C1", email="jane@example.com")
    for _ in range(100):
        _stored(lastName="Hundred")
    new = {**CUSTOMER, "email": "new@example.com", "customerRef": "C2"}
    changed = {"mobile": "+61 400 111 111", "addresses": []}
    for title, method, path, body in (
        ("get", "GET", f"/{jane}", None),
        ("get by email", "GET", "/jane@example.com/email", None),
        ("get by reference", "GET", "/C1/ref", None),
        ("search of 20", "GET", "/search?lastName=Hundred&limit=20", None),
        ("search of 100", "GET", "/search?lastName=Hundred", None),
        ("create", "POST", "", new),
        ("update", "PUT", f"/{jane}", changed),
    ):
        yield title, _record(method, CUSTOMERS + path, body)


def _stored(**fields: Any) -> str:
    """The id of a customer in the table."""
    given = {"email": f"{uuid.uuid4().hex}@example.com", **CUSTOMER, **fields}
    now = "2026-11-27T00:00:00.000Z"
    customer = new_customer(str(uuid.uuid4()), given, now=now, new_id=lambda: str(uuid.uuid4()))
    return str(store.create("demo", customer)["id"])


def _record(method: str, url: str, body: Any) -> Replay:
    event = gateway_event(method, url, text=None if body is None else json.dumps(body))
    module = handler_module(method, event["resource"])
    replay = Replay(module.__name__, event)
    real = dynamo.call

    def call(operation: str, **arguments: Any) -> dict[str, Any]:
        replay.calls.append((operation, arguments))
        return real(operation, **arguments)

    def received(response_dict: Mapping[str, Any], **_: Any) -> None:
        replay.answers.append(response_dict["body"].decode())

    dynamo.call = call
    dynamo.client.meta.events.register("response-received.dynamodb", received)
    try:
        assert module.handler(event, None)["statusCode"] < 300
    finally:
        dynamo.call = real
        dynamo.client.meta.events.unregister("response-received.dynamodb", received)
    return replay


def main() -> None:
    """Print `{title: replay}`; a function's settings are in the environment, and nothing is logged."""
    with moto.mock_aws():
        create_tables()
        replays = {title: asdict(replay) for title, replay in _recorded()}
    print(json.dumps(replays))


if __name__ == "__main__":
    main()
