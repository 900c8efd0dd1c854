"""An AWS account in moto with what this service has there."""

import copy
import copyreg
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Condition
from typing import Any

import moto
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from functions.uploads.importer import TAKEN_OF_LATE
from tests.files import create_bucket
from tests.queues import create_queues
from tests.tables import create_tables

# Each queue has one, of which nobody waits when a queue is copied.
copyreg.pickle(Condition, lambda _: (Condition, ()))


Content = dict[str, dict[str, Any]]
"""What moto knows of an account, by service."""


@contextmanager
def empty_account() -> Iterator[None]:
    """The tables, queues and bucket of files of this service, with nothing in them."""
    made = _made()
    TAKEN_OF_LATE.clear()
    with moto.mock_aws():
        put_back(made)
        yield


def content() -> Content:
    """What is in the account's tables, queues and bucket now."""
    return {service: _copied(vars(_backend(service))) for service in ("dynamodb", "sqs", "s3")}


def put_back(kept: Content) -> None:
    """Let the account have this content again, which is quicker than making it."""
    for service, state in kept.items():
        vars(_backend(service)).update(_copied(state))


@cache
def _made() -> Content:
    with moto.mock_aws():
        create_tables()
        create_queues()
        create_bucket()
        return content()


def _copied(state: dict[str, Any]) -> dict[str, Any]:
    copied = copy.deepcopy(state)
    # Of a table only what a transaction may go back to is copied (`quick_moto`).
    for table in copied.get("tables", {}).values():
        table.items = copy.deepcopy(table.items)
    return copied


def _backend(service: Any) -> Any:
    place = "aws" if service == "s3" else os.environ["AWS_DEFAULT_REGION"]
    return get_backend(service)[DEFAULT_ACCOUNT_ID][place]
