"""Workers act on what stands: a read of a table sees every write before it, which no emulator would miss."""

from typing import Any

import pytest

from functions.imports import import_rows, progress
from functions.shared import dynamo
from infra.workers import WORKERS
from tests.api import Api
from tests.trust.file_scenarios import EVERY_SCENARIO, PARTS_FROM
from tests.trust.further_scenarios import FURTHER
from tests.trust.scenarios import Ask

READS = {"GetItem", "BatchGetItem", "Query"}


@pytest.mark.parametrize(
    "handler", [worker.handler for worker in WORKERS if worker.handler in EVERY_SCENARIO]
)
def test_every_read_of_a_table_by_a_worker_sees_every_write(
    aws: None, monkeypatch: pytest.MonkeyPatch, handler: str
) -> None:
    monkeypatch.setattr(import_rows, "THREADS", 1)
    monkeypatch.setattr(progress, "MULTIPART_BYTES", PARTS_FROM)
    stale: list[str] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        for table, read in params.get("RequestItems", {params.get("TableName"): params}).items():
            if model.name in READS and "IndexName" not in read and not read.get("ConsistentRead"):
                stale.append(f"{model.name} of {table}")

    events: Any = dynamo.client.meta.events
    for number, prepare in enumerate([*EVERY_SCENARIO[handler].values(), *FURTHER.get(handler, ())]):
        work = prepare(Api(f"tenant-{number}"))
        assert not isinstance(work, Ask)
        events.register("provide-client-params.dynamodb", note)
        try:
            work.deliver(work.records)
        finally:
            events.unregister("provide-client-params.dynamodb", note)

    assert stale == []
