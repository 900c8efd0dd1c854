"""`uv run smoke` passes on the local stack, leaves nothing behind, and fails where something is wrong."""

from dataclasses import replace

import pytest

from infra.commands.place import Place
from infra.commands.smoke import passed, smoke
from infra.local.stack import STAGE, LocalStack
from infra.settings import TENANTS_TABLE_OUTPUT
from infra.smoke.checks import CHECKS
from tests.deployed.conditions import eventually


@pytest.fixture
def place(stack: LocalStack) -> Place:
    return Place(STAGE, stack.emulator.client, stack.emulator.resource, stack.url)


def test_every_check_passes_and_what_was_made_is_gone(
    place: Place, stack: LocalStack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert passed(smoke(place)), capsys.readouterr().out

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines].count("ok") == len(CHECKS) - 2
    assert [line.split()[0] for line in lines].count("skipped") == 2
    assert {one.tenant_id: one.status for one in stack.tenants.all() if "smoke" in one.tenant_id} == {
        "smoke": "disabled",
        "smoke-other": "disabled",
    }
    assert not [url for url in place.client("sqs").list_queues()["QueueUrls"] if "smoke" in url]

    eventually(lambda: not traces(place, stack.outputs[TENANTS_TABLE_OUTPUT]))


def traces(place: Place, tenants: str) -> list[dict[str, object]]:
    """What the tables hold of the smoke's tenant that is no tombstone and no report."""
    names = [name for name in place.client("dynamodb").list_tables()["TableNames"] if name != tenants]
    items = [item for name in names for item in place.resource("dynamodb").Table(name).scan()["Items"]]
    told = {"email", "note", "totalAmount"}
    return [item for item in items if told & item.keys() and "smoke" in str(item)]


def test_what_is_wrong_is_a_line_and_a_failure(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = replace(place, api_url=f"{place.api_url}/nowhere")

    assert not passed(smoke(elsewhere))

    assert "FAILED" in capsys.readouterr().out
