"""Bulk uploads over HTTP: through the queue to customers and a report, and what fails on the way."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.local.stack import LocalStack
from tests.api import CUSTOMERS, UPLOADS, Api
from tests.builders import document_sample, new_email
from tests.deployed.conditions import eventually
from tests.deployed.http_api import HttpApi
from tests.effort import EFFORT


def rows(number: int) -> list[dict[str, Any]]:
    tag = new_email()
    return [{"email": f"{n}-{tag}", "customerRef": f"{n}-{tag}", "firstName": "Row"} for n in range(number)]


def upload(api: Api, body: list[dict[str, Any]]) -> str:
    reply = api.post(UPLOADS, json_body=body)
    assert reply.status == 202, reply.text
    return f"{UPLOADS}/{reply.json['uploadId']}"


def completed(api: Api, url: str) -> dict[str, Any]:
    def report() -> dict[str, Any] | None:
        found: dict[str, Any] = api.get(url).json
        return found if found["status"] == "completed" else None

    return eventually(report)


def test_300_rows_with_three_taken_values(api: HttpApi) -> None:
    owner = api.create(customerRef=new_email(), alternateCustomerRef=new_email())
    body = rows(300)
    body[7]["email"] = owner["email"]
    body[150]["customerRef"] = owner["customerRef"]
    body[299]["alternateCustomerRef"] = owner["alternateCustomerRef"]

    report = completed(api, upload(api, body))

    assert (report["received"], report["created"], report["failed"]) == (300, 297, 3)
    assert [(error["row"], error["field"]) for error in report["errors"]] == [
        (7, "email"),
        (150, "customerRef"),
        (299, "alternateCustomerRef"),
    ]
    for number in (0, 8, 298):
        assert api.get(f"{CUSTOMERS}/{body[number]['customerRef']}/ref").json["firstName"] == "Row"
    assert api.get(f"{CUSTOMERS}/{body[7]['customerRef']}/ref").status == 404
    assert api.get(f"{CUSTOMERS}/{body[150]['email']}/email").status == 404
    assert api.customer(owner["id"]) == owner


def test_many_rows_like_the_documents_sample(api: HttpApi) -> None:
    many = 800 if EFFORT == 1 else 3000
    body = [document_sample(**row) for row in rows(many)]

    report = completed(api, upload(api, body))

    assert (report["created"], report["failed"], report["errors"]) == (many, 0, [])
    for number in (0, many // 2, many - 1):
        assert (
            api.get(f"{CUSTOMERS}/{body[number]['customerRef']}/ref").json["email"] == body[number]["email"]
        )


def test_of_two_uploads_of_the_same_rows_at_once_every_row_is_created_by_one(api: HttpApi) -> None:
    body = rows(100)

    first, second = (completed(api, url) for url in [upload(api, body), upload(api, body)])

    assert first["created"] + second["created"] == 100
    failed = [{error["row"] for error in report["errors"]} for report in (first, second)]
    assert failed[0] | failed[1] == set(range(100))
    assert not failed[0] & failed[1]


def test_an_upload_is_seen_by_its_own_tenant_alone(api: HttpApi, other_api: HttpApi) -> None:
    assert other_api.get(upload(api, rows(1))).status == 404


@pytest.fixture
def broken_importer(stack: LocalStack) -> Any:
    """The importer without a right it needs, and a queue that gives up soon."""
    sqs, iam, functions = (stack.emulator.client(name) for name in ("sqs", "iam", "lambda"))
    (function,) = [
        one
        for page in functions.get_paginator("list_functions").paginate()
        for one in page["Functions"]
        if one["Handler"] == "functions.imports.import_rows.handler"
    ]
    role = function["Role"].rpartition("/")[2]
    policy = iam.get_role_policy(RoleName=role, PolicyName="Permissions")["PolicyDocument"]
    text = policy if isinstance(policy, str) else json.dumps(policy)
    urls = sqs.list_queues()["QueueUrls"]
    dead = next(url for url in urls if "ImportsDeadLetters" in url)
    queue = next(url for url in urls if "ImportsQueue" in url)
    before = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["RedrivePolicy", "VisibilityTimeout"])
    soon = json.loads(before["Attributes"]["RedrivePolicy"]) | {"maxReceiveCount": 2}

    def repair() -> None:
        iam.put_role_policy(RoleName=role, PolicyName="Permissions", PolicyDocument=text)

    sqs.set_queue_attributes(
        QueueUrl=queue, Attributes={"RedrivePolicy": json.dumps(soon), "VisibilityTimeout": "1"}
    )
    broken = text.replace("dynamodb:PutItem", "dynamodb:DescribeTable")
    assert broken != text
    iam.put_role_policy(RoleName=role, PolicyName="Permissions", PolicyDocument=broken)
    yield sqs, queue, dead, repair
    repair()
    sqs.set_queue_attributes(QueueUrl=queue, Attributes=before["Attributes"])


def test_what_keeps_failing_waits_with_the_dead_letters_and_a_redrive_completes_it(
    api: HttpApi, broken_importer: tuple[Any, str, str, Callable[[], None]]
) -> None:
    sqs, queue, dead_letters, repair = broken_importer
    body = rows(3)
    url = upload(api, body)

    def dead() -> list[Any]:
        found = sqs.receive_message(QueueUrl=dead_letters, MaxNumberOfMessages=10)
        return list(found.get("Messages", []))

    messages = eventually(dead)
    assert api.get(url).json["status"] in {"accepted", "processing"}
    assert api.get(url).json["failed"] == 0

    repair()
    for message in messages:
        sqs.send_message(QueueUrl=queue, MessageBody=message["Body"])
        sqs.delete_message(QueueUrl=dead_letters, ReceiptHandle=message["ReceiptHandle"])

    assert completed(api, url)["created"] == 3
