"""Exports as their tests begin and follow them."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.customers.customer import new_customer
from functions.customers.store import create
from functions.exports import write_exports
from tests import queues
from tests.api import EXPORTS, Api

BEGAN = "2026-11-26T10:00:00.000Z"


def id_of(number: int) -> str:
    """An id in the bucket of its number's last digit."""
    return f"{number % 16:x}{number:07x}-0000-4000-8000-000000000000"


def stored(number: int, **fields: Any) -> dict[str, Any]:
    """A customer with an id of the test's choice."""
    fields = {"email": f"{number}@example.com", **fields}
    return create("demo", new_customer(id_of(number), fields, now=BEGAN, new_id=lambda: f"address-{number}"))


def begun(api: Api, **body: Any) -> str:
    """The address of a new export."""
    reply = api.post(EXPORTS, json_body={"format": "jsonl", **body})
    assert reply.status == 202, reply.text
    return f"{EXPORTS}/{reply.json['exportId']}"


def work_off() -> None:
    """Let the worker do all that waits in its queue."""
    queues.work_off("exports", write_exports.handler)


@pytest.fixture
def exported(api: Api) -> Callable[..., dict[str, Any]]:
    """A function that makes an export and returns it, completed."""

    def make(**body: Any) -> dict[str, Any]:
        url = begun(api, **body)
        work_off()
        export: dict[str, Any] = api.get(url).json
        assert export["status"] == "completed"
        return export

    return make
