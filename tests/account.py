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


@contextmanager
def empty_account() -> Iterator[None]:
    """The tables, queues and bucket of files of this service, with nothing in them."""
    made = _made()
    TAKEN_OF_LATE.clear()
    with moto.mock_aws():
        for service, state in made.items():
            vars(_backend(service)).update(copy.deepcopy(state))
        create_bucket()
        yield


@cache
def _made() -> dict[str, dict[str, Any]]:
    """The tables and queues as moto made them once: to make them takes longer than most tests."""
    with moto.mock_aws():
        create_tables()
        create_queues()
        return {service: copy.deepcopy(vars(_backend(service))) for service in ("dynamodb", "sqs")}


def _backend(service: Any) -> Any:
    return get_backend(service)[DEFAULT_ACCOUNT_ID][os.environ["AWS_DEFAULT_REGION"]]
