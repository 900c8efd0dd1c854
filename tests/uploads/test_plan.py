"""What the rows of a chunk find, and leave for the rows behind them."""

import uuid
from dataclasses import replace

from functions.shared.item import item_bytes
from functions.uploads.chunk import Chunk, Row
from functions.uploads.plan import Customers, Decision, Key, unread

NOW = "2026-11-27T10:00:00.000Z"
KEY = ("email", "ann@example.com")
ANN = Decision("created", after={"id": "ann", "email": "ann@example.com"}, handed={KEY: "ann"})


def test_what_was_written_is_known_without_another_read() -> None:
    customers = Customers(optimistic=False)
    customers.put(ANN)

    customers.keep()

    assert customers.find([KEY]) == {"id": "ann", "email": "ann@example.com"}
    assert customers.taken("bea", [KEY]) == ["email"]


def test_what_was_not_written_is_forgotten() -> None:
    customers = Customers(optimistic=True)
    customers.put(ANN)

    customers.drop()

    assert customers.taken("bea", [KEY]) == []


def test_only_a_row_that_leaves_a_customer_takes_writes_and_only_of_a_change_the_size_matters() -> None:
    assert (ANN.writes, ANN.bytes) == (2, 0)
    assert replace(ANN, verdict="updated").bytes == item_bytes(ANN.after or {})
    for without in (Decision("failed"), Decision("unchanged")):
        assert (without.writes, without.bytes) == (0, 0)


def test_before_a_row_is_written_its_claims_are_read_where_none_is_taken_for_free() -> None:
    row = Row(0, {"email": "ann@example.com", "customerRef": "A", "alternateCustomerRef": "B"})
    chunk = Chunk("demo", str(uuid.uuid4()), NOW, 0, (row,), mode="upsert")
    nobodys: dict[Key, str | None] = {("customerRef", "A"): None, KEY: None}

    wanted = [
        list(unread(chunk, [row], Customers(optimistic, owners=dict(nobodys)), now=NOW))
        for optimistic in (False, True)
    ]

    assert wanted == [[("alternateCustomerRef", "B")], []]
