"""Before anything is done, a restore says what it would do, and refuses what cannot be done."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.commands import restore as command
from infra.restore.restoration import Restoration
from infra.restore.tables import RESTORED, RestoreError
from infra.restored_tables import CONTEXT, RestoredTable, restored_tables
from infra.settings import STAGES
from tests.api import CUSTOMERS, Api
from tests.clients import client, resource

PROD = STAGES["prod"]


def restoration(moment: datetime, said: list[str]) -> Restoration:
    names = {table.name: table.name for table in RESTORED} | {"erasures": "erasures"}
    tables = resource("dynamodb")
    return Restoration(
        stage=PROD,
        client=tables.meta.client,
        resource=tables,
        sources=names,
        moment=moment,
        say=said.append,
    )


@pytest.fixture
def backed_up(aws: None) -> None:
    for table in RESTORED:
        client("dynamodb").update_continuous_backups(
            TableName=table.name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )


def test_a_plan_names_every_table_and_counts_the_deletions_since(
    aws: None, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = datetime.now(UTC)
    # Moto's window is the moment in which recovery was turned on.
    window = (moment - timedelta(days=35), moment + timedelta(minutes=5))
    monkeypatch.setattr("infra.restore.restoration.restorable", lambda _client, _table: window)
    assert api.delete(f"{CUSTOMERS}/id={api.create()['id']}").status == 204
    said: list[str] = []

    restoration(moment, said).plan()

    assert [line.split()[0] for line in said[:-1]] == [table.name for table in RESTORED]
    assert said[0].endswith(f"customers -> customerservice-prod-customers-{moment:%Y%m%dT%H%M%SZ}")
    assert said[-1] == "deleted since, and to be deleted again: 1"
    assert set(client("dynamodb").list_tables()["TableNames"]).isdisjoint(
        {line.rpartition("-> ")[2] for line in said[:-1]}
    )


def test_a_second_that_is_not_kept_is_refused_with_those_that_are(backed_up: None) -> None:
    with pytest.raises(RestoreError, match=r"customers can be restored from .* to "):
        restoration(datetime.now(UTC) - timedelta(days=40), []).plan()


def test_which_tables_stand_for_a_stages_own_is_kept_in_cdk_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cdk.json"
    file.write_text(json.dumps({"app": "x", "context": {"a": 1}}))
    monkeypatch.setattr(command, "CDK_JSON", file)
    tables = {"customers": RestoredTable("customers-2", "arn:stream"), "notes": RestoredTable("notes-2")}

    command.record(PROD, tables)

    written = json.loads(file.read_text())
    assert (written["app"], written["context"]["a"]) == ("x", 1)
    assert restored_tables(written["context"][CONTEXT], "prod") == tables
    assert restored_tables(written["context"][CONTEXT], "dev") == {}
