"""How an upload's counters and errors lie in their table."""

from functions.shared import dynamo
from functions.shared.item import item_bytes, unmarshal
from functions.uploads import store
from functions.uploads.chunk import Chunk
from functions.uploads.errors import row_error
from functions.uploads.progress import Progress
from tests.api import Api

NOW = "2026-11-27T10:00:00.000Z"
KB = 1024


def test_what_chunks_add_up_to_is_spread_over_sixteen_items() -> None:
    done = Progress(("created",), completed=True)
    counted = set()
    for first in range(500):
        _, counter = store.advance(Chunk("demo", "u", NOW, first, ()), Progress(), done, now=NOW)
        counted.add(counter.item_or_key["part"])

    assert len(counted) == 16


def test_errors_of_many_rows_take_few_items_and_those_of_one_row_are_together(api: Api) -> None:
    errors = [row_error(row, "invalid_request", "x" * 12 * KB, field) for field in "abc" for row in range(12)]
    upload = {"uploadId": "u", "createdDate": NOW}

    for _ in range(2):
        store.refuse("demo", upload, errors, now=NOW)

    items = [unmarshal(item) for item in dynamo.call("scan", TableName="uploads")["Items"]]
    parts = [item for item in items if "errors" in item]
    rows = [[error["row"] for error in part["errors"]] for part in parts]
    assert sorted(rows) == [[row for row in range(at, at + 4) for _ in "abc"] for at in (0, 4, 8)]
    assert max(map(item_bytes, parts)) < 160 * KB
    assert sum(item.get("failed", 0) for item in items) == 12
