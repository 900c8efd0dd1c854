"""What follows a write on the deployed stack: events on the bus, in order, and erasure."""

import json
from typing import Any

from infra.local.stack import LocalStack
from tests.api import CUSTOMERS, NOTE
from tests.deployed.conditions import eventually
from tests.deployed.http_api import HttpApi


def test_another_service_hears_of_a_customers_life_in_order(
    api: HttpApi, subscribed: tuple[Any, str]
) -> None:
    sqs, queue = subscribed
    customer = api.create(customerRef="events", firstName="Ann")
    url = f"{CUSTOMERS}/{customer['id']}"
    api.put(url, json_body={"firstName": "Anna", "customerRef": None})
    api.delete(url)
    heard: list[dict[str, Any]] = []

    def all_three() -> list[dict[str, Any]]:
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            event = json.loads(message["Body"])
            if event["detail"]["customerId"] == customer["id"]:
                heard.append(event)
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return heard if len(heard) >= 3 else []

    events = eventually(all_three)
    assert [(event["detail-type"], event["detail"]["version"]) for event in events] == [
        ("CustomerCreated", 1),
        ("CustomerUpdated", 2),
        ("CustomerDeleted", 3),
    ]
    assert events[1]["detail"]["changedFields"] == ["customerRef", "firstName"]
    assert "Ann" not in json.dumps(events)
    assert customer["email"] not in json.dumps(events)


def test_a_deleted_customers_notes_leave_the_tables_and_nobody_elses(stack: LocalStack, api: HttpApi) -> None:
    kept, gone = api.create(), api.create()
    for customer in (kept, gone):
        for count in range(30):
            made = api.post(NOTE, json_body={"customerId": customer["id"], "note": f"note {count}"})
            assert made.status == 200, made.text
    api.delete(f"{CUSTOMERS}/{gone['id']}")
    dynamodb = stack.emulator.client("dynamodb")
    (notes,) = [name for name in dynamodb.list_tables()["TableNames"] if "Notes" in name]

    def left(customer: dict[str, Any]) -> int:
        found: int = dynamodb.query(
            TableName=notes,
            KeyConditionExpression="customerKey = :key",
            ExpressionAttributeValues={":key": {"S": f"demo#{customer['id']}"}},
            Select="COUNT",
        )["Count"]
        return found

    eventually(lambda: left(gone) == 0)
    assert left(kept) == 30
