"""The restore's drill: what was undone is back, who was deleted since is not, and the service goes on.

MiniStack keeps no history, so copies of the tables stand for the second that is gone back to.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from functions.customers.item import claim_key, customer_key
from infra.local.assembly import synthesized
from infra.local.deployment import deploy
from infra.local.stack import STAGE, LocalStack
from infra.restore.restoration import Restoration
from infra.restore.tables import RESTORED, RestoreError, deployed_tables
from infra.restored_tables import CONTEXT, RestoredTable, as_context
from infra.settings import BUS_OUTPUT
from tests.api import CUSTOMERS, NOTE, NOTES
from tests.deployed.conditions import eventually
from tests.deployed.http_api import HttpApi

ERASED = {
    "email": "gone.for.ever@example.com",
    "customerRef": "GONE-1",
    "firstName": "Vanishing",
    "mobile": "+61 499 999 999",
}
NOTE_TEXT = "Wants to be forgotten"
DELETED_NOTE = "All notes were deleted"
ORDER_REF = "GONE-ORDER"

Restored = tuple["Drill", dict[str, RestoredTable]]


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack of its own, for a restore changes which tables it works on."""
    with LocalStack(tmp_path_factory.mktemp("emulator"), ephemeral=True) as running:
        yield running


@pytest.fixture(scope="module")
def api(damaged: LocalStack) -> HttpApi:
    damaged.tenants.register("demo")
    return HttpApi("demo", damaged.url, damaged.tenants.issue_token("demo", seconds=3600))


class Drill:
    """A stage at a second of which copies are kept, and its restore to it."""

    def __init__(self, stack: LocalStack, directory: Path) -> None:
        self._stack, self._directory = stack, directory
        self.client = stack.emulator.client("dynamodb")
        self.resource = stack.emulator.resource("dynamodb")
        self.sources = deployed_tables(stack.emulator.client("cloudformation"), STAGE)
        self.lines: list[str] = []
        self.found: dict[str, list[Any]] = {}
        """What the restored tables hold once the service works on them."""
        self.moment = datetime.now(UTC).replace(microsecond=0)

    def keep_this_second(self) -> None:
        for table in RESTORED:
            source = self.sources[table.name]
            self.client.restore_table_to_point_in_time(
                SourceTableName=source, TargetTableName=f"kept-{source}"
            )

    def kept(self, table: str) -> Any:
        return self.resource.Table(f"kept-{self.sources[table]}")

    def restoration(self) -> Restoration:
        def from_copy(client: Any, source: str, target: str, _moment: datetime) -> None:
            client.restore_table_to_point_in_time(SourceTableName=f"kept-{source}", TargetTableName=target)

        return Restoration(
            stage=STAGE,
            client=self.client,
            resource=self.resource,
            sources=self.sources,
            moment=self.moment,
            recover=from_copy,
            say=self.lines.append,
        )

    def point_the_service_at(self, restored: Any) -> None:
        context = {CONTEXT: {STAGE.name: as_context(restored)}}
        deploy(synthesized(STAGE.name, self._directory, **context), self._stack.emulator.client)


@pytest.fixture(scope="module")
def before(api: HttpApi, damaged: LocalStack) -> dict[str, dict[str, Any]]:
    """Two customers before the damage, one with a note and an order, the other with all notes deleted."""
    kept = api.create(email="kept@example.com", customerRef="KEPT-1", firstName="Before")
    deleted = api.post(NOTE, json_body={"customerId": kept["id"], "note": DELETED_NOTE}).json["id"]
    assert api.delete(f"{NOTES}?id={kept['id']}").json == {"deleted": 1}
    erased = api.create(**ERASED)
    note = api.post(NOTE, json_body={"customerId": erased["id"], "note": NOTE_TEXT})
    assert note.status == 200
    order = {
        "tenantId": "demo",
        "orderRef": ORDER_REF,
        "customerId": erased["id"],
        "totalAmount": "5",
        "created_at": "2026-11-20T10:00:00Z",
    }
    damaged.emulator.client("events").put_events(
        Entries=[
            {
                "EventBusName": damaged.outputs[BUS_OUTPUT],
                "Source": STAGE.order_sources[0],
                "DetailType": "OrderPlaced",
                "Detail": json.dumps(order),
            }
        ]
    )
    eventually(lambda: api.customer(erased["id"])["totalOrders"] == "1")
    return {"kept": kept, "erased": erased, "deleted": {"id": deleted}}


@pytest.fixture(scope="module")
def restored(
    api: HttpApi,
    damaged: LocalStack,
    before: dict[str, dict[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Restored:
    """The stage after its restore: damaged after the second, and the copies in no good order."""
    drill = Drill(damaged, tmp_path_factory.mktemp("assemblies"))
    drill.keep_this_second()
    assert api.delete(f"{CUSTOMERS}/id={before['erased']['id']}").status == 204
    assert api.put(f"{CUSTOMERS}/id={before['kept']['id']}", json_body={"firstName": "After"}).status == 200
    api.create(email="late@example.com")
    drill.kept("claims").delete_item(Key=claim_key("demo", "customerRef", "KEPT-1"))
    ghost = claim_key("demo", "email", "ghost@example.com") | {"customerId": before["kept"]["id"]}
    drill.kept("claims").put_item(Item=ghost)
    # The second was before the erasure came.
    customer_id, key = before["kept"]["id"], before["deleted"]["id"][-24:]
    unerased = customer_key("demo", customer_id) | {"noteKey": key, "note": DELETED_NOTE}
    drill.kept("notes").put_item(Item=unerased)
    restoration = drill.restoration()
    tables = restoration.prepare()
    restoration.switch(tables, drill.point_the_service_at)
    drill.found = {name: drill.resource.Table(one.name).scan()["Items"] for name, one in tables.items()}
    return drill, tables


def test_what_was_undone_is_back_and_what_came_later_is_not(
    restored: Restored, api: HttpApi, before: dict[str, dict[str, Any]]
) -> None:
    kept = before["kept"]
    for path in (kept["id"], "KEPT-1/ref", "kept@example.com/email"):
        found = api.get(f"{CUSTOMERS}/{path}")
        assert (found.status, found.json["firstName"]) == (200, "Before"), path
    assert api.get(f"{CUSTOMERS}/late@example.com/email").status == 404


def test_who_was_deleted_since_stays_deleted_by_every_name(
    restored: Restored, api: HttpApi, before: dict[str, dict[str, Any]]
) -> None:
    erased = before["erased"]["id"]
    for path in (erased, f"{ERASED['customerRef']}/ref", f"{ERASED['email']}/email"):
        assert api.get(f"{CUSTOMERS}/{path}").status == 404, path
    assert api.get(f"{CUSTOMERS}/search?mobile=61499999999").json == []
    assert api.get(f"{NOTES}/{erased}").status == 404


def test_no_erased_value_is_in_any_restored_table(restored: Restored) -> None:
    found = restored[0].found
    text = str(found)
    assert "KEPT-1" in text
    for value in (*ERASED.values(), "499999999", NOTE_TEXT, DELETED_NOTE):
        assert value not in text
    assert not [order for order in found["orders"] if order["orderRef"] == ORDER_REF]


def test_claims_match_the_customers_and_the_invariants_are_shown(restored: Restored) -> None:
    drill, _ = restored
    repaired, proven = drill.lines.index("repaired"), drill.lines.index("invariants")
    told = {line.rsplit(maxsplit=1)[0].strip(): line.split()[-1] for line in drill.lines[repaired:proven]}
    assert (told["claims missing"], told["claims of nobody"]) == ("1", "1")
    assert told["notes deleted but there"] == "1"
    assert {line.split()[-1] for line in drill.lines[proven + 3 : proven + 9]} == {"0"}


def test_notes_are_counted_anew(restored: Restored, api: HttpApi, before: dict[str, dict[str, Any]]) -> None:
    kept = before["kept"]["id"]
    for text in ("one", "two"):
        assert api.post(NOTE, json_body={"customerId": kept, "note": text}).status == 200
    assert api.delete(f"{NOTES}?id={kept}").json == {"deleted": 2}


def test_a_freed_value_can_be_taken_and_an_etag_from_before_the_restore_is_stale(
    restored: Restored, api: HttpApi, before: dict[str, dict[str, Any]]
) -> None:
    taken = api.create(email=ERASED["email"])
    # Others of these tests look for whom the value was of.
    assert api.delete(f"{CUSTOMERS}/id={taken['id']}").status == 204
    stale = api.put(
        f"{CUSTOMERS}/id={before['kept']['id']}", json_body={"lastName": "X"}, headers={"If-Match": '"2"'}
    )
    assert stale.status == 412


def test_the_restored_tables_are_followed(restored: Restored, api: HttpApi) -> None:
    drill, tables = restored
    customer = api.create()
    assert api.post(NOTE, json_body={"customerId": customer["id"], "note": "soon gone"}).status == 200
    assert api.delete(f"{CUSTOMERS}/id={customer['id']}").status == 204
    notes = drill.resource.Table(tables["notes"].name)
    eventually(lambda: "soon gone" not in str(notes.scan()["Items"]))


def test_a_plan_refuses_a_second_that_no_backup_reaches(restored: Restored) -> None:
    drill, _ = restored
    with pytest.raises(RestoreError, match="has no point-in-time recovery"):
        drill.restoration().plan()
