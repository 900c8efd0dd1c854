"""Refused rows as a file: as they came, safe to open in a spreadsheet, the same when they are sent again."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.imports.failed_rows import (
    ERROR_COLUMNS,
    failed_csv,
    failed_json_lines,
)
from functions.imports.records import Record
from functions.shared.formulas import escaped, unescaped

REFUSAL = {"row": 7, "field": "email", "code": "invalid_request", "message": "is required"}
CELLS = st.lists(st.text(st.sampled_from("=+-@'\t\"\n,ab1"), max_size=5), min_size=2, max_size=4)


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def record(*cells: str, text: str = "") -> Record:
    return Record(0, 0, cells, text)


@given(st.text())
def test_no_cell_is_a_formula_and_each_comes_back_as_it_was(cell: str) -> None:
    assert not escaped(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unescaped(escaped(cell)) == cell


@given(CELLS)
def test_a_row_comes_back_as_it_was_however_often(cells: list[str]) -> None:
    header: list[str] = [f"c{n}" for n in range(len(cells))]
    came = tuple(cells)
    for _ in range(3):
        written = failed_csv(header, ",", [(record(*came), REFUSAL)])
        first, row = read(written)
        assert first == [*ERROR_COLUMNS, *(f"c{n}" for n in range(len(cells)))]
        assert row[:4] == ["7", "email", "invalid_request", "is required"]
        header, came = first, tuple(row)

    assert [*map(unescaped, came)][4:] == [*map(unescaped, cells)]


def test_a_row_with_too_many_or_too_few_cells_stays_so() -> None:
    _, long, short = read(
        failed_csv(["a", "b"], ";", [(record("1", "2", "3"), REFUSAL), (record("1"), REFUSAL)]).replace(
            b";", b","
        )
    )

    assert (long[4:], short[4:]) == (["1", "2", "3"], ["1"])


def test_a_row_of_json_keeps_its_digits_and_has_its_error_beside() -> None:
    sent = '{"customerRef": 1001.10, "n": 12345678901234567890}'
    (line,) = failed_json_lines([(record(text=f"{sent}\n"), REFUSAL)]).decode().splitlines()

    assert line.startswith(sent[:-1])
    assert json.loads(line)["error"] == REFUSAL


def test_a_row_of_json_sent_again_has_its_last_error_alone() -> None:
    (line,) = (
        failed_json_lines([(record(text='{"error": {"row": 1}, "a": "\\ud800"}'), REFUSAL)])
        .decode()
        .splitlines()
    )

    assert json.loads(line) == {"error": REFUSAL, "a": "\ud800"}


def test_what_is_no_json_object_is_told_as_text() -> None:
    lines = (
        failed_json_lines([(record(text=text), REFUSAL) for text in ("{oops", "[1]", "{}")])
        .decode()
        .splitlines()
    )

    assert [json.loads(line) for line in lines] == [
        {"line": "{oops", "error": REFUSAL},
        {"line": "[1]", "error": REFUSAL},
        {"error": REFUSAL},
    ]


@pytest.mark.parametrize("depth", [900, 36_000, 200_000])
def test_a_row_of_json_that_is_nested_too_deep_to_be_written_is_told_as_text(depth: int) -> None:
    text = f'{{"error": 1, "deep": {"[" * depth}{"]" * depth}}}'
    (line,) = failed_json_lines([(record(text=text), REFUSAL)]).decode().splitlines()

    assert line.count("[") >= depth
    assert f'"error": {json.dumps(REFUSAL)}' in line
