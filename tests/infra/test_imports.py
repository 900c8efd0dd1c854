"""What each handler loads: start-up time is paid by every caller who comes first."""

import subprocess
import sys
from functools import cache

import pytest

from tests.infra.templates import FUNCTIONS

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

HANDLERS = [function.handler for function in FUNCTIONS]


PROGRAM = """
import gc, sys
sys.addaudithook(lambda event, _: print("connected") if event == "socket.connect" else None)
import functions.{handler}
print(*sys.modules, "collecting" if gc.isenabled() else "", sep="\\n")
"""


@cache
def started(handler: str) -> frozenset[str]:
    """The modules that a handler loads, and what of its state a test asks for."""
    program = PROGRAM.format(handler=handler)
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return frozenset(run.stdout.split())


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_loads_only_what_it_needs(handler: str) -> None:
    assert HEAVY & started(handler) == ({"pydantic"} if handler in WITH_PYDANTIC else set())


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_loads_no_other_handler(handler: str) -> None:
    handlers = {f"functions.{one}" for one in HANDLERS}

    assert handlers & started(handler) == {f"functions.{handler}"}


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_started_function_collects_its_garbage(handler: str) -> None:
    assert "collecting" in started(handler)


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_started_function_has_no_connection_that_copies_of_it_would_share(handler: str) -> None:
    assert "connected" not in started(handler)
