"""How rows are spread over chunks, for any rows."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.customers.keys import unique_values
from functions.uploads.chunk import Chunk, Row
from functions.uploads.chunking import (
    MAX_CHUNK_BYTES,
    MAX_CHUNK_ROWS,
    MAX_GROUP_ROWS,
    chunks,
    repeated_rows,
)
from functions.uploads.options import Options

UPLOAD = {"uploadId": "5d4d3c2a-7a53-4c39-9d2b-0f1f3a5c9e11", "received": 0, "createdDate": "t"}
MAX_MESSAGE_BYTES = 1024 * 1024

emails = st.sampled_from(
    ["a@example.com", "A@example.com", "b@example.com", "c@example.com", "d@example.com"]
)
refs = st.sampled_from(["1", "2", "3", "4", None])
fields = st.fixed_dictionaries(
    {}, optional={"email": emails, "customerRef": refs, "alternateCustomerRef": refs, "firstName": st.text()}
)
ids = st.sampled_from(
    [None, None, "5d4d3c2a-7a53-4c39-9d2b-0f1f3a5c9e11", "5D4D3C2A-7A53-4C39-9D2B-0F1F3A5C9E11"]
)
options = st.builds(Options, mode=st.sampled_from(["create", "update", "upsert"]), dry_run=st.booleans())


def numbered(some: list[tuple[dict[str, Any], str | None]]) -> list[Row]:
    return [Row(number, fields, customer_id) for number, (fields, customer_id) in enumerate(some)]


def values(row: Row) -> set[tuple[str, str]]:
    return {*unique_values(row.fields).items(), *([("id", row.id.lower())] if row.id else [])}


@given(st.lists(st.tuples(fields, ids), min_size=1, max_size=150), options)
def test_every_row_travels_once_or_is_refused_and_comes_back_from_its_message(
    some: list[tuple[dict[str, Any], str | None]], asked: Options
) -> None:
    rows = numbered(some)
    made, refused = chunks("demo", UPLOAD, rows, asked)

    received = [
        Chunk.from_json(json.loads(chunk.to_json(), parse_int=str, parse_float=str)) for chunk in made
    ]
    assert received == made
    assert all(chunk.to_json().isascii() for chunk in made)
    travelled = [row for chunk in received for row in chunk.rows]
    assert sorted([*(row.number for row in travelled), *(error["row"] for error in refused)]) == [
        row.number for row in rows
    ]
    assert all(rows[row.number] == row for row in travelled)
    for chunk in received:
        numbers = [row.number for row in chunk.rows]
        assert numbers == sorted(numbers)
        assert chunk.first == numbers[0]


@given(st.lists(st.tuples(fields, ids), min_size=1, max_size=150))
def test_rows_that_give_one_value_travel_together(some: list[tuple[dict[str, Any], str | None]]) -> None:
    made, _ = chunks("demo", UPLOAD, numbered(some), Options("upsert"))

    places: dict[tuple[str, str], int] = {}
    for place, chunk in enumerate(made):
        for row in chunk.rows:
            for value in values(row):
                assert places.setdefault(value, place) == place


def test_rows_of_customers_of_their_own_fill_chunk_after_chunk() -> None:
    made, refused = chunks(
        "demo", UPLOAD, [Row(n, {"email": f"{n}@example.com"}) for n in range(200)], Options("upsert")
    )

    assert [len(chunk.rows) for chunk in made] == [MAX_CHUNK_ROWS, MAX_CHUNK_ROWS, 8]
    assert refused == []


def test_of_too_many_rows_of_one_customer_the_last_are_refused() -> None:
    rows = [Row(n, {"customerRef": "C", "firstName": str(n)}) for n in range(MAX_GROUP_ROWS + 2)]

    (made,), refused = chunks("demo", UPLOAD, rows, Options("upsert"))

    assert [row.number for row in made.rows] == list(range(MAX_GROUP_ROWS))
    assert [(error["row"], error["code"]) for error in refused] == [
        (MAX_GROUP_ROWS, "too_many_rows"),
        (MAX_GROUP_ROWS + 1, "too_many_rows"),
    ]


@given(st.lists(st.integers(0, 2 * MAX_CHUNK_BYTES), min_size=1, max_size=30), st.booleans())
def test_a_chunk_fits_a_message(sizes: list[int], together: bool) -> None:
    rows = [
        Row(n, {"customerRef": "C" if together else str(n), "firstName": "x" * size})
        for n, size in enumerate(sizes)
    ]

    made, _ = chunks("demo", UPLOAD, rows, Options("upsert"))

    for chunk in made:
        assert len(chunk.to_json()) < MAX_MESSAGE_BYTES
        assert together or len(chunk.rows) == 1 or len(chunk.to_json()) < MAX_CHUNK_BYTES + 20_000


@given(st.lists(fields, max_size=30))
def test_of_rows_to_create_with_one_value_the_first_keeps_it(some: list[dict[str, Any]]) -> None:
    rows = [Row(number, one) for number, one in enumerate(some)]
    refused = {error["row"]: error for error in repeated_rows(rows)}

    seen: set[tuple[str, str]] = set()
    for row in rows:
        own = set(unique_values(row.fields).items())
        assert bool(own & seen) == (row.number in refused)
        if row.number in refused:
            assert refused[row.number]["field"] in {field for field, _ in own & seen}
        seen |= own


def test_one_rows_customer_has_one_id_and_other_rows_uploads_and_tenants_have_others() -> None:
    def made_ids(tenant: str, upload_id: str) -> list[str]:
        rows = [Row(0, {"email": "a@x.io"}), Row(1, {"email": "b@x.io"})]
        made, _ = chunks(tenant, UPLOAD | {"uploadId": upload_id}, rows, Options())
        return [chunk.customer_id(row) for chunk in made for row in chunk.rows]

    one, other = UPLOAD["uploadId"], "6d4d3c2a-7a53-4c39-9d2b-0f1f3a5c9e11"
    assert made_ids("demo", str(one)) == made_ids("demo", str(one))
    assert len({*made_ids("demo", str(one)), *made_ids("demo", other), *made_ids("else", str(one))}) == 6
