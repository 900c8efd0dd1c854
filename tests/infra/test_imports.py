"""What each handler loads: start-up time is paid by every caller who comes first."""

import json
import subprocess
import sys
from dataclasses import dataclass
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
import gc, importlib, json, os, sys, traceback
import aws_lambda_powertools.logging, botocore.client, botocore.session
for handler in sys.argv[1:]:
    if os.fork():
        os.wait()
        continue
    try:
        events = []
        sys.addaudithook(lambda event, _: events.append(event) if event == "socket.connect" else None)
        importlib.import_module(f"functions.{handler}")
        print(json.dumps([handler, [*sys.modules], gc.isenabled(), bool(events)]), flush=True)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)
"""
"""Starts each handler in a fork of a process that has loaded what is heavy for nobody."""


@dataclass(frozen=True)
class Started:
    """A handler after its start."""

    modules: frozenset[str]
    collects_garbage: bool
    has_connected: bool


@cache
def all_started() -> dict[str, Started]:
    """Each handler, by its name."""
    command = [sys.executable, "-c", PROGRAM, *HANDLERS]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    assert run.stderr == ""
    lines = map(json.loads, run.stdout.splitlines())
    return {handler: Started(frozenset(modules), *state) for handler, modules, *state in lines}


def started(handler: str) -> Started:
    """A handler after its start."""
    return all_started()[handler]


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_loads_only_what_it_needs(handler: str) -> None:
    assert HEAVY & started(handler).modules == ({"pydantic"} if handler in WITH_PYDANTIC else set())


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
