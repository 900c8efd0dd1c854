"""The deployed stage that is tried: its address, its bus, two tenants made for it, and what to clean up."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from infra.routes import CUSTOMERS, TOKEN
from infra.settings import Stage
from infra.smoke.client import Answer, send
from infra.tenant_registry import Credentials, TenantRegistry

TENANTS = ("smoke", "smoke-other")
"""They are disabled when nothing is being tried."""

WAIT_SECONDS = 60.0
JSON = {"Content-Type": "application/json"}

T = TypeVar("T")


class CheckError(Exception):
    """Something is not as it should be; says what."""


@dataclass
class Target:
    """A stage as one of two tenants sees it.

    `url` is what the paths of the route table come after; `client` makes boto3 clients of the account.
    """

    stage: Stage
    url: str
    bus: str
    client: Callable[[str], Any]
    credentials: Credentials
    other: Credentials
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    made: list[str] = field(default_factory=list)
    _tokens: dict[str, str] = field(default_factory=dict)

    def token(self, credentials: Credentials | None = None) -> str:
        """An access token of the first tenant, or of another."""
        client = credentials or self.credentials
        if client.client_id not in self._tokens:
            answer = self.ask_for_token(client_id=client.client_id, client_secret=client.client_secret)
            expect(answer.status, 200, "a token for good credentials")
            self._tokens[client.client_id] = answer.json["access_token"]
        return self._tokens[client.client_id]

    def ask_for_token(self, realm: str = "", **form: str) -> Answer:
        """What the token endpoint says to a form."""
        path = TOKEN.replace("{tenant}", quote(realm or self.credentials.tenant_id))
        body = urlencode({"grant_type": "client_credentials"} | form).encode()
        return send("POST", self.url + path, {"Content-Type": "application/x-www-form-urlencoded"}, body)

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {"Authorization": f"Bearer {self.token()}", "X-TWC-Tenant": self.credentials.tenant_id}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A request of the first tenant; `path` begins after the address, or is a whole URL."""
        url = path if "://" in path else self.url + path
        data = None if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return send(method, url, self.headers | JSON | named, data)

    def email(self, name: str) -> str:
        """An address of this run alone."""
        return f"{name}-{self.run}@example.com"

    def create(self, name: str, **fields: str) -> dict[str, Any]:
        """A new customer, which is deleted in the end."""
        answer = self.call("POST", CUSTOMERS, {"email": self.email(name), **fields})
        expect(answer.status, 201, "creating a customer")
        customer: dict[str, Any] = answer.json
        self.made.append(customer["id"])
        return customer

    def clean_up(self) -> None:
        """Delete every customer that was made; one that is gone already is no error."""
        while self.made:
            self.call("DELETE", f"{CUSTOMERS}/id={self.made.pop()}")

    @contextmanager
    def events(self) -> Iterator[Callable[[], list[dict[str, Any]]]]:
        """A follower of the stage's bus, for as long as it is tried; gives what it has heard since."""
        sqs, bus = self.client("sqs"), self.client("events")
        name = f"{self.bus}-smoke-{self.run}"
        queue = sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
        pattern = {"source": ["customerservice"], "detail": {"tenantId": [self.credentials.tenant_id]}}
        try:
            rule = bus.put_rule(Name=name, EventBusName=self.bus, EventPattern=json.dumps(pattern))["RuleArn"]
            policy = json.dumps(_may_send(attributes["QueueArn"], rule))
            sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
            bus.put_targets(
                Rule=name, EventBusName=self.bus, Targets=[{"Id": "smoke", "Arn": attributes["QueueArn"]}]
            )
            heard: list[dict[str, Any]] = []

            def so_far() -> list[dict[str, Any]]:
                answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
                heard.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
                return heard

            yield so_far
        finally:
            bus.remove_targets(Rule=name, EventBusName=self.bus, Ids=["smoke"])
            bus.delete_rule(Name=name, EventBusName=self.bus)
            sqs.delete_queue(QueueUrl=queue)


@contextmanager
def opened(registry: TenantRegistry) -> Iterator[tuple[Credentials, Credentials]]:
    """The two tenants with secrets of this run, and disabled again after it."""
    try:
        first, second = (
            registry.rotate(name) if registry.find(name) else registry.register(name) for name in TENANTS
        )
        for name in TENANTS:
            registry.set_status(name, "active")
        yield first, second
    finally:
        for name in TENANTS:
            if registry.find(name):
                registry.set_status(name, "disabled")


def expect(found: object, wanted: object, what: str) -> None:
    """Raises CheckError where `found` is not `wanted`."""
    if found != wanted:
        raise CheckError(f"{what}: {found!r}, not {wanted!r}")


def eventually(found: Callable[[], T | None], what: str) -> T:
    """What `found` gives as soon as it gives something. Raises CheckError after a minute of nothing."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.5)
    raise CheckError(f"{what}: nothing within {WAIT_SECONDS:.0f} s")


def _may_send(queue: str, rule: str) -> Mapping[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue,
                "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
            }
        ],
    }
