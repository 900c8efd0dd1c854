"""`uv run tenants recount`: what an operator does where figures may not be what the orders come to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.shared import clock, dynamo
from functions.shared.settings import table_name
from infra.commands import place, recount, tenants, terminal
from infra.commands.place import Place, Where
from infra.restore import recount as counting
from infra.restore.rows import Tables
from infra.settings import STAGES
from infra.tables import TABLES
from tests.api import CUSTOMERS, Api
from tests.clients import client, resource
from tests.interference import contended
from tests.orders.before import forget_what_is_kept
from tests.orders.events import deliver, event
from tests.orders.kept import assert_kept

TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _deployed(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage whose tables are moto's."""

    @contextmanager
    def opened(_where: Where) -> Iterator[Place]:
        yield Place(STAGES["prod"], client, resource)

    monkeypatch.setattr(place, "opened", opened)
    monkeypatch.setattr(recount, "tables_in_use", lambda _: {table.name: table.name for table in TABLES})
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 24, 12, tzinfo=UTC))
    # The command brings its own.
    monkeypatch.setattr(dynamo, "client", dynamo.client)


@pytest.fixture
def customers(api: Api) -> list[dict[str, Any]]:
    """Three customers with an order each, one of them from before anything was kept; and one without."""
    customers = [api.create() for _ in range(4)]
    for number, customer in enumerate(customers[:3]):
        deliver(event(customerId=customer["id"], orderRef=f"O{number}"))
    forget_what_is_kept(customers[0]["id"])
    return customers


def command(*arguments: str) -> int:
    return terminal.run(tenants.app, *tenants.EXPECTED, arguments=("recount", *arguments))


def test_all_customers_of_the_tenant_are_recounted_and_counted(
    api: Api, customers: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    api.delete(f"{CUSTOMERS}/{customers[1]['id']}")
    Api("demo2").create()
    capsys.readouterr()

    assert command("demo", "--json") == 0

    assert json.loads(capsys.readouterr().out) == {
        "recounted": 1,
        "right": 2,
        "gone": 0,
        "busy": 0,
    }
    assert_kept(TODAY)
    assert command("demo") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "recounted 0, right 3, gone 0, busy 0"


def test_one_customer_is_recounted_by_its_id(
    customers: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()

    assert command("demo", "--customer", customers[0]["id"].upper()) == 0
    assert command("demo", "--customer", customers[1]["id"]) == 0
    assert command("demo", "--customer", "0" * 36) == 0

    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if "right" in line] == [
        "recounted 1, right 0, gone 0, busy 0",
        "recounted 0, right 1, gone 0, busy 0",
        "recounted 0, right 0, gone 1, busy 0",
    ]
    assert customers[0]["id"] not in said


def test_who_was_busy_is_counted_and_the_exit_code_says_so(
    customers: list[dict[str, Any]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(dynamo, "transact", contended)
    capsys.readouterr()

    assert command("demo") == 1

    assert capsys.readouterr().out.splitlines()[-1] == "recounted 0, right 3, gone 0, busy 1"


def test_it_works_on_the_tables_that_it_is_given_whatever_others_were_worked_on_before(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that what counting says to its functions ends with this test.
    for table in counting.COUNTED_ON:
        monkeypatch.setenv(f"{table.upper()}_TABLE", table)
    elsewhere = Tables(resource("dynamodb").meta.client, dict.fromkeys(counting.COUNTED_ON, "elsewhere"))
    customer = api.create()
    try:
        with pytest.raises(ClientError, match="ResourceNotFound"):
            list(counting.recount(client("dynamodb"), elsewhere, "demo", customer["id"], today=TODAY))
    finally:
        table_name.cache_clear()
