"""CPU of a whole warm handler against the bare botocore calls it makes: `python -m tests.bench.warm_calls`.

Each request is handled once on moto. Its calls and their answers are kept and replayed where the network
would be, to the handler and to a client with botocore's default options, in turns, so that a busy machine
slows both.
"""

import json
import os
import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="ap-southeast-2",
    AWS_EC2_METADATA_DISABLED="true",
    CUSTOMERS_TABLE="customers",
    CLAIMS_TABLE="claims",
    NOTES_TABLE="notes",
    ERASURES_TABLE="erasures",
)

import botocore.session
import moto
from botocore.awsrequest import AWSResponse, HeadersDict

from functions.customers import store
from functions.customers.customer import new_customer
from functions.shared import dynamo
from functions.shared.observe import logger
from tests.api import CUSTOMERS, gateway_event, handler_module
from tests.tables import create_tables

ROUNDS, REPEATS = 15, 20
"""Turns of each side, and requests a turn."""

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
class Content:
    """What urllib3 would read from the network."""

    body: bytes

    def stream(self) -> Iterator[bytes]:
        """All of it."""
        yield self.body


@dataclass
class Replay:
    """A request, the calls that it makes and what they were answered."""

    event: dict[str, Any]
    handler: Callable[[dict[str, Any], Any], Mapping[str, Any]]
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    position: int = 0

    def answer(self, request: Any, **_: Any) -> AWSResponse:
        """The next of the answers; for botocore's event `before-send`."""
        body = self.answers[self.position % len(self.answers)]
        self.position += 1
        return AWSResponse(request.url, 200, HeadersDict(), Content(body))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Cost:
    """Median CPU of a request in microseconds, of both sides, and the median of the rounds' ratios."""

    name: str
    handler: float
    bare: float
    ratio: float


def measure() -> list[Cost]:
    """What each request costs."""
    bare = botocore.session.Session().create_client("dynamodb")
    for handler in logger.handlers:
        handler.setStream(open(os.devnull, "w"))  # type: ignore[attr-defined]  # noqa: SIM115
    with moto.mock_aws():
        create_tables()
        replays = dict(_recorded())
    return [_cost(name, replay, bare) for name, replay in replays.items()]


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
    replay = Replay(event, handler_module(method, event["resource"]).handler)
    real = dynamo.call

    def call(operation: str, **arguments: Any) -> dict[str, Any]:
        replay.calls.append((operation, arguments))
        return real(operation, **arguments)

    def received(response_dict: Mapping[str, Any], **_: Any) -> None:
        replay.answers.append(response_dict["body"])

    dynamo.call = call
    dynamo.client.meta.events.register("response-received.dynamodb", received)
    try:
        assert replay.handler(event, None)["statusCode"] < 300
    finally:
        dynamo.call = real
        dynamo.client.meta.events.unregister("response-received.dynamodb", received)
    return replay


def _cost(name: str, replay: Replay, bare: Any) -> Cost:
    def handle() -> None:
        assert replay.handler(replay.event, None)["statusCode"] < 300

    def call() -> None:
        for operation, arguments in replay.calls:
            getattr(bare, operation)(**arguments)

    with _answered(replay, bare), _answered(replay, dynamo.client):
        handle()
        call()
        rounds = [(_cpu(handle), _cpu(call)) for _ in range(ROUNDS)]
    handler, alone = (statistics.median(side) for side in zip(*rounds, strict=True))
    return Cost(name, handler, alone, statistics.median(one / other for one, other in rounds))


@contextmanager
def _answered(replay: Replay, client: Any) -> Iterator[None]:
    client.meta.events.register_first("before-send.dynamodb", replay.answer)
    try:
        yield
    finally:
        client.meta.events.unregister("before-send.dynamodb", replay.answer)


def _cpu(work: Callable[[], None]) -> float:
    begun = time.process_time()
    for _ in range(REPEATS):
        work()
    return (time.process_time() - begun) / REPEATS * 1e6


if __name__ == "__main__":
    print(f"{'':<18}{'handler µs':>12}{'bare µs':>10}{'ratio':>8}")
    for cost in measure():
        print(f"{cost.name:<18}{cost.handler:>12.0f}{cost.bare:>10.0f}{cost.ratio:>8.2f}")
