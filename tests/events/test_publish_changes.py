"""Events: every change of a customer reaches the bus, in order per customer, and says nothing personal."""

import copy
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.events import bus as event_bus
from functions.events import publish_changes
from functions.events.changes import CustomerChange
from functions.shared.errors import UnavailableError
from tests.api import CUSTOMERS, Api
from tests.builders import document_sample
from tests.clients import client
from tests.queues import messages_in
from tests.streams import records

PERSONAL = {"email": "private@example.com", "firstName": "Privateann", "mobile": "0499887766"}


@dataclass
class Bus:
    """Stands for EventBridge: keeps what it takes, and refuses what `refuses` says of an entry's detail."""

    refuses: Callable[[dict[str, Any]], bool] = lambda _: False
    calls: list[list[dict[str, Any]]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)

    def call(self, _operation: str, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803  AWS's name
        self.calls.append(Entries)
        results = []
        for entry in Entries:
            if self.refuses(json.loads(entry["Detail"])):
                results.append({"ErrorCode": "ThrottlingException"})
            else:
                self.taken.append(entry)
                results.append({"EventId": "1"})
        return {"Entries": results}

    @property
    def events(self) -> list[tuple[str, int, str]]:
        """What was taken: customer, version, type."""
        details = [(json.loads(entry["Detail"]), entry["DetailType"]) for entry in self.taken]
        return [(detail["customerId"], detail["version"], kind) for detail, kind in details]


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    monkeypatch.setattr("time.sleep", lambda _: None)
    made = Bus()
    monkeypatch.setattr(event_bus, "call", made.call)
    return made


def publish(stream: Iterable[dict[str, Any]]) -> list[str]:
    answer = publish_changes.handler({"Records": list(stream)}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def sequence_number(record: dict[str, Any]) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def test_a_customers_life_is_told_in_order(api: Api, bus: Bus) -> None:
    customer = api.create(customerRef="C1")
    url = f"{CUSTOMERS}/{customer['id']}"
    changed = api.put(
        url, json_body={"firstName": "Ann", "customerRef": "C2", "email": customer["email"]}
    ).json
    api.delete(url)

    assert publish(records()) == []

    created, updated, deleted = ((entry["DetailType"], json.loads(entry["Detail"])) for entry in bus.taken)
    common = {"tenantId": "demo", "customerId": customer["id"]}
    assert created == (
        "CustomerCreated",
        {
            **common,
            "customerRef": "C1",
            "version": 1,
            "occurredAt": customer["createdDate"],
            "eventId": created[1]["eventId"],
        },
    )
    assert updated == (
        "CustomerUpdated",
        {
            **common,
            "customerRef": "C2",
            "previousCustomerRef": "C1",
            "version": 2,
            "occurredAt": changed["lastModifiedDate"],
            "eventId": updated[1]["eventId"],
            "changedFields": ["customerRef", "firstName"],
        },
    )
    assert deleted[0] == "CustomerDeleted"
    assert deleted[1].keys() == {
        *common,
        "customerRef",
        "previousCustomerRef",
        "version",
        "occurredAt",
        "eventId",
    }
    last = (deleted[1]["customerRef"], deleted[1]["previousCustomerRef"], deleted[1]["version"])
    assert last == ("C2", "C2", 3)
    assert len({one[1]["eventId"] for one in (created, updated, deleted)}) == 3
    assert {(entry["Source"], entry["EventBusName"]) for entry in bus.taken} == {
        ("customerservice", "customers")
    }


def test_a_customer_without_a_reference_has_none_in_its_events(api: Api, bus: Bus) -> None:
    api.create()

    publish(records())

    assert "customerRef" not in json.loads(bus.taken[0]["Detail"])


def test_a_reference_that_was_taken_away_is_told_once(api: Api, bus: Bus) -> None:
    customer = api.create(customerRef="C1")
    url = f"{CUSTOMERS}/{customer['id']}"
    api.put(url, json_body={"customerRef": None})
    api.put(url, json_body={"firstName": "Ann"})

    publish(records())

    told = [json.loads(entry["Detail"]) for entry in bus.taken]
    references = [(one.get("customerRef"), one.get("previousCustomerRef")) for one in told]
    assert references == [("C1", None), (None, "C1"), (None, None)]


def test_an_update_names_what_the_caller_changed_and_nothing_else(api: Api, bus: Bus) -> None:
    customer = api.create(**document_sample(email="a@example.com"))
    url = f"{CUSTOMERS}/{customer['id']}"
    api.put(url, json_body={"optin_preferences": {"sms": {"opt_in_active": True}}, "vipStatus": True})
    api.put(url, json_body={"dob": None})
    api.put(url, json_body={"dob": None, "firstName": "FirstName"})

    publish(records())

    changed = [json.loads(entry["Detail"]).get("changedFields") for entry in bus.taken]
    assert changed == [None, ["optin_preferences", "vipStatus"], ["dob"]]


def test_an_event_holds_nothing_personal_and_neither_does_the_log(
    api: Api, bus: Bus, log: io.StringIO
) -> None:
    customer = api.create(**PERSONAL)
    api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"lastName": "Privatelee"})
    api.delete(f"{CUSTOMERS}/{customer['id']}")

    publish(records())

    for text in (json.dumps(bus.taken), log.getvalue()):
        assert "private" not in text.lower()
        assert "99887766" not in text


def test_a_record_that_comes_again_is_the_same_event(api: Api, bus: Bus) -> None:
    api.create()

    publish(records())
    publish(records())

    assert bus.taken[0] == bus.taken[1]


def test_what_changes_no_version_is_no_event(api: Api, bus: Bus) -> None:
    api.create()
    (created,) = records()
    figures = copy.deepcopy(created)
    figures["eventName"] = "MODIFY"
    figures["dynamodb"]["OldImage"] = created["dynamodb"]["NewImage"]
    figures["dynamodb"]["NewImage"] = {
        **created["dynamodb"]["NewImage"],
        "orderFigures": {"M": {"totalOrders": {"S": "1"}}},
    }

    assert publish([figures]) == []
    assert bus.calls == []


def test_many_changes_take_few_calls(api: Api, bus: Bus) -> None:
    for _ in range(25):
        api.create()

    publish(records())

    assert [len(entries) for entries in bus.calls] == [10, 10, 5]


def test_a_refused_entry_is_tried_again_alone(api: Api, bus: Bus) -> None:
    unlucky = api.create()["id"]
    others = {api.create()["id"] for _ in range(3)}
    tries: list[str] = []

    def once(detail: dict[str, Any]) -> bool:
        tries.append(detail["customerId"])
        return detail["customerId"] == unlucky and tries.count(unlucky) == 1

    bus.refuses = once
    assert publish(records()) == []

    assert tries.count(unlucky) == 2
    assert all(tries.count(other) == 1 for other in others)
    assert len(bus.taken) == 4


def test_no_change_overtakes_an_earlier_one_of_its_customer(api: Api, bus: Bus) -> None:
    customers = [api.create()["id"] for _ in range(2)]
    for name in ("a", "b"):
        for customer in customers:
            api.put(f"{CUSTOMERS}/{customer}", json_body={"firstName": name})
    refused: list[tuple[str, int]] = []

    def first_try_of_version_two(detail: dict[str, Any]) -> bool:
        change = (detail["customerId"], detail["version"])
        refused.append(change)
        return detail["version"] == 2 and refused.count(change) == 1

    bus.refuses = first_try_of_version_two
    assert publish(records()) == []

    for customer in customers:
        assert [version for one, version, _ in bus.events if one == customer] == [1, 2, 3]


def test_while_the_bus_refuses_one_the_others_go_out_and_it_is_named_to_be_read_again(
    api: Api, bus: Bus
) -> None:
    stuck = api.create()["id"]
    other = api.create()["id"]
    api.put(f"{CUSTOMERS}/{stuck}", json_body={"firstName": "a"})
    bus.refuses = lambda detail: detail["customerId"] == stuck

    stream = records()
    assert publish(stream) == [sequence_number(stream[0])]

    assert {customer for customer, _, _ in bus.events} == {other}
    bus.refuses = lambda _: False
    assert publish(stream) == []
    assert [event for event in bus.events if event[0] == stuck] == [
        (stuck, 1, "CustomerCreated"),
        (stuck, 2, "CustomerUpdated"),
    ]


def test_while_the_bus_is_down_the_stream_waits(api: Api, monkeypatch: pytest.MonkeyPatch, bus: Bus) -> None:
    api.create()

    def down(*_: Any, **__: Any) -> Any:
        raise UnavailableError

    monkeypatch.setattr(event_bus, "call", down)
    stream = records()

    assert publish(stream) == [sequence_number(stream[0])]


def test_an_unreadable_record_is_put_aside_without_its_content_and_holds_up_nobody(
    api: Api, bus: Bus, log: io.StringIO
) -> None:
    api.create(**PERSONAL)
    good = api.create()["id"]
    stream = records()
    del stream[0]["dynamodb"]["NewImage"]["version"]

    assert publish(stream) == []

    assert [customer for customer, _, _ in bus.events] == [good]
    (aside,) = messages_in("unpublished_changes")
    assert json.loads(aside["body"]) == {
        "keys": stream[0]["dynamodb"]["Keys"],
        "sequenceNumber": sequence_number(stream[0]),
    }
    assert "private" not in log.getvalue().lower()


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2)), max_size=25),
    st.data(),
)
def test_order_holds_whatever_the_bus_refuses(changes: list[tuple[str, int]], data: st.DataObject) -> None:
    versions: dict[str, int] = {}
    made = []
    for customer, _ in changes:
        versions[customer] = versions.get(customer, 0) + 1
        made.append(CustomerChange("CustomerUpdated", "demo", customer, None, versions[customer], "t"))
    bus = Bus(refuses=lambda _: data.draw(st.booleans()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.sleep", lambda _: None)
        patch.setattr(event_bus, "call", bus.call)
        left = event_bus.publish(made)

    for customer, last in versions.items():
        told = [version for one, version, _ in bus.events if one == customer]
        assert told == list(range(1, len(told) + 1))
        assert [one.version for one in left if one.customer_id == customer] == list(
            range(len(told) + 1, last + 1)
        )


def test_other_services_receive_the_events_by_a_rule(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    events, sqs = client("events"), client("sqs")
    events.create_event_bus(Name="customers")
    queue = sqs.create_queue(QueueName="wishlists")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(
        Name="deleted", EventBusName="customers", EventPattern='{"detail-type": ["CustomerDeleted"]}'
    )
    events.put_targets(Rule="deleted", EventBusName="customers", Targets=[{"Id": "1", "Arn": arn}])
    customer = api.create()
    api.delete(f"{CUSTOMERS}/{customer['id']}")

    publish(records())

    (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    event = json.loads(message["Body"])
    assert (event["source"], event["detail-type"]) == ("customerservice", "CustomerDeleted")
    assert event["detail"]["customerId"] == customer["id"]
