"""What each handler loads: start-up time is paid by every caller who comes first."""

from functools import cache

import pytest

from infra.routes import Endpoint
from infra.workers import Worker
from tests.asset import starts
from tests.asset.starts import Started
from tests.infra.templates import FUNCTIONS, service_of

HEAVY = {
    "aws_xray_sdk",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.idempotency",
    "boto3",
    "email_validator",
    "pydantic",
}
WITH_PYDANTIC = {
    "customers.add_address",
    "customers.create_customer",
    "customers.update_customer",
    "customers.validate_customer",
    "exports.create_export",
    "imports.create_import",
    "imports.import_rows",
    "uploads.create_upload",
    "notes.create_note",
    "notes.update_note",
}

CLIENTS = {
    "dynamodb": "functions.shared.dynamo",
    "s3": "functions.shared.s3",
    "sqs": "functions.shared.sqs",
}
"""The modules that make a client, by its service."""

HANDLERS = [function.handler for function in FUNCTIONS]


@cache
def all_started() -> dict[str, Started]:
    """Each handler, by its name."""
    return starts.started(HANDLERS)


def started(handler: str) -> Started:
    """A handler after its start."""
    return all_started()[handler]


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_loads_only_what_it_needs(handler: str) -> None:
    assert HEAVY & started(handler).modules == ({"pydantic"} if handler in WITH_PYDANTIC else set())


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.handler)
def test_a_handler_makes_clients_of_what_it_may_call_alone(function: Endpoint | Worker) -> None:
    made = {service for service, module in CLIENTS.items() if module in started(function.handler).modules}

    assert made <= {service_of(resource) for resource in function.grants}


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_loads_no_other_handler(handler: str) -> None:
    handlers = {f"functions.{one}" for one in HANDLERS}

    assert handlers & started(handler).modules == {f"functions.{handler}"}


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_started_function_collects_its_garbage(handler: str) -> None:
    assert started(handler).collects_garbage


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_started_function_has_no_connection_that_copies_of_it_would_share(handler: str) -> None:
    assert not started(handler).has_connected
