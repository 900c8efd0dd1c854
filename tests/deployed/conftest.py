"""The local stage, deployed once for all tests over HTTP, with IAM enforced: a missing grant fails them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.stack import LocalStack
from infra.settings import BUS_OUTPUT
from infra.tenant_registry import Credentials
from tests.deployed.http_api import HttpApi

TOKEN_SECONDS = 3600


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The running stack, on a free port, with data of its own."""
    with LocalStack(tmp_path_factory.mktemp("emulator"), ephemeral=True) as running:
        yield running


@pytest.fixture(scope="session")
def demo(stack: LocalStack) -> Credentials:
    """The credentials of the tenant `demo`."""
    return stack.tenants.register("demo")


@pytest.fixture(scope="session")
def api(stack: LocalStack, demo: Credentials) -> HttpApi:
    """The API as the tenant `demo`."""
    return _api(stack, demo)


@pytest.fixture(scope="session")
def other_api(stack: LocalStack) -> HttpApi:
    """The API as another tenant."""
    return _api(stack, stack.tenants.register("other"))


@pytest.fixture
def subscribed(stack: LocalStack) -> Iterator[tuple[Any, str]]:
    """Another service's queue, with a rule that brings it the events of customers (guide "Events")."""
    sqs, events = stack.emulator.client("sqs"), stack.emulator.client("events")
    queue = sqs.create_queue(QueueName="follower")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = stack.outputs[BUS_OUTPUT]
    rule = events.put_rule(
        Name="follow-customers",
        EventBusName=bus,
        EventPattern=json.dumps({"source": ["customerservice"]}),
    )["RuleArn"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
            }
        ],
    }
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    events.put_targets(Rule="follow-customers", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    yield sqs, queue
    events.remove_targets(Rule="follow-customers", EventBusName=bus, Ids=["queue"])
    events.delete_rule(Name="follow-customers", EventBusName=bus)
    sqs.delete_queue(QueueUrl=queue)


def _api(stack: LocalStack, credentials: Credentials) -> HttpApi:
    tenant = credentials.tenant_id
    return HttpApi(tenant, stack.url, stack.tenants.issue_token(tenant, seconds=TOKEN_SECONDS))
