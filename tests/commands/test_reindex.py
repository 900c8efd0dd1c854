"""`uv run tenants reindex`: the customers of before are listed, wherever the service keeps them by now."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.commands import place, restore, tenants, terminal
from infra.commands.place import Place, Where
from infra.restored_tables import CONTEXT, RestoredTable, as_context
from infra.settings import STAGES
from infra.tables import TABLES
from tests.api import Api
from tests.clients import client, resource

REPLACED = "replaced-customers"


@pytest.fixture
def cdk_json(aws: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A stage whose tables are moto's, and which of them were restored."""

    @contextmanager
    def opened(_where: Where) -> Iterator[Place]:
        yield Place(STAGES["prod"], client, resource)

    file = tmp_path / "cdk.json"
    file.write_text(json.dumps({"context": {}}))
    monkeypatch.setattr(place, "opened", opened)
    monkeypatch.setattr(restore, "CDK_JSON", file)
    monkeypatch.setattr(restore, "deployed_tables", lambda *_: {table.name: table.name for table in TABLES})
    return file


def of_before(customer: dict[str, Any]) -> None:
    resource("dynamodb").Table("customers").update_item(
        Key={"customerKey": f"demo#{customer['id']}"},
        UpdateExpression="REMOVE #bucket",
        ExpressionAttributeNames={"#bucket": "bucket"},
    )


def command() -> int:
    return terminal.run(tenants.app, *tenants.EXPECTED, arguments=["reindex"])


def test_who_is_not_listed_is_and_it_says_how_many(
    cdk_json: Path, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    customers = [api.create() for _ in range(3)]
    for customer in customers[:2]:
        of_before(customer)
    capsys.readouterr()

    assert command() == 0
    assert command() == 0

    assert capsys.readouterr().out.splitlines() == [
        "2 customers were not listed, and are now",
        "0 customers were not listed, and are now",
    ]


def test_after_a_restore_it_works_on_the_table_that_the_service_works_on(
    cdk_json: Path, api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    restored = {"customers": RestoredTable("customers", "arn:stream")}
    cdk_json.write_text(json.dumps({"context": {CONTEXT: {"prod": as_context(restored)}}}))
    # What the stage's stacks still call its table holds nobody, for it is not even there any more.
    monkeypatch.setattr(restore, "deployed_tables", lambda *_: {"customers": REPLACED})
    of_before(api.create())
    capsys.readouterr()

    assert command() == 0

    assert capsys.readouterr().out == "1 customers were not listed, and are now\n"
