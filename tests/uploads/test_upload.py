"""The rules of a bulk upload hold for any rows."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.customers.keys import unique_values
from functions.uploads import upload
from functions.uploads.upload import MAX_CHUNK_BYTES, MAX_CHUNK_ROWS, Chunk, chunks, repeated_rows, report

UPLOAD = {"uploadId": "5d4d3c2a-7a53-4c39-9d2b-0f1f3a5c9e11", "received": 0, "createdDate": "t"}

emails = st.sampled_from(
    ["a@example.com", "A@example.com", "b@example.com", "c@example.com", "d@example.com"]
)
refs = st.sampled_from(["1", "2", "3", "4", None])
rows = st.fixed_dictionaries(
    {"email": emails}, optional={"customerRef": refs, "alternateCustomerRef": refs, "firstName": st.text()}
)


@given(st.lists(rows, min_size=1, max_size=300))
def test_every_row_travels_once_in_order_and_comes_back_from_its_message(body: list[dict[str, Any]]) -> None:
    made = list(chunks("demo", UPLOAD, body))

    received = [
        Chunk.from_json(json.loads(chunk.to_json(), parse_int=str, parse_float=str)) for chunk in made
    ]
    assert received == made
    assert all(chunk.to_json().isascii() for chunk in made)
    numbers = [
        sorted([*(row.number for row in chunk.rows), *(error["row"] for error in chunk.refused)])
        for chunk in received
    ]
    assert [number for chunk in numbers for number in chunk] == list(range(len(body)))
    assert [chunk.first for chunk in received] == [chunk[0] for chunk in numbers]
    assert all(len(chunk) <= MAX_CHUNK_ROWS for chunk in numbers)
    assert all(body[row.number] == row.fields for chunk in received for row in chunk.rows)


@given(st.lists(st.integers(0, MAX_CHUNK_BYTES), min_size=1, max_size=30))
def test_a_chunk_grows_no_larger_than_one_message_takes(sizes: list[int]) -> None:
    body = [{"email": f"{n}@example.com", "firstName": "x" * size} for n, size in enumerate(sizes)]

    for chunk in chunks("demo", UPLOAD, body):
        assert len(chunk.rows) == 1 or len(chunk.to_json()) < MAX_CHUNK_BYTES + 20_000


@given(st.lists(rows, max_size=30))
def test_of_rows_with_one_value_the_first_keeps_it(body: list[dict[str, Any]]) -> None:
    refused = {error["row"]: error for error in repeated_rows(body)}

    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(body):
        values = set(unique_values(row).items())
        assert bool(values & seen) == (number in refused)
        if number in refused:
            assert refused[number]["field"] in {field for field, _ in values & seen}
        seen |= values


def test_one_rows_customer_has_one_id_and_other_rows_uploads_and_tenants_have_others() -> None:
    def ids(tenant: str, upload_id: str) -> list[str]:
        made = chunks(tenant, UPLOAD | {"uploadId": upload_id}, [{"email": "a@x.io"}, {"email": "b@x.io"}])
        return [chunk.customer_id(row) for chunk in made for row in chunk.rows]

    one, other = UPLOAD["uploadId"], "6d4d3c2a-7a53-4c39-9d2b-0f1f3a5c9e11"
    assert ids("demo", str(one)) == ids("demo", str(one))
    assert len({*ids("demo", str(one)), *ids("demo", other), *ids("else", str(one))}) == 6


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=6))
def test_a_report_is_the_sum_of_its_results(parts: list[tuple[int, int]]) -> None:
    row = iter(range(1000))
    results = [
        {
            "created": created,
            "failed": [upload.duplicate(next(row), "email", "m") for _ in range(failed)],
            "completedDate": f"t{number}",
        }
        for number, (created, failed) in enumerate(parts)
    ]
    received = 1 + sum(created + failed for created, failed in parts)

    open_report = report(UPLOAD | {"received": received}, reversed(results))
    done_report = report(UPLOAD | {"received": received - 1}, results) if received > 1 else None

    assert open_report["status"] == ("processing" if parts else "accepted")
    assert "completedDate" not in open_report
    assert open_report["created"] + open_report["failed"] == received - 1
    assert [error["row"] for error in open_report["errors"]] == list(range(open_report["failed"]))
    if done_report:
        assert (done_report["status"], done_report["completedDate"]) == ("completed", f"t{len(parts) - 1}")
