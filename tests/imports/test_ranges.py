"""A file divided is the file: the ranges hold what the csv module reads of the whole, in any encoding."""

import csv
import io
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.imports import lines, ranges
from functions.imports.lines import Encoding, Lines, RefusedFileError
from functions.imports.ranges import Range
from functions.imports.records import delimiter_of, header_of, records

CELLS = st.text(st.sampled_from("ab\",;\n\t é€😀='1"), max_size=8) | st.sampled_from(
    ["a\r\nb", '"', "\n\n", ""]
)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=20)
ENCODINGS = st.sampled_from(
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")]
)


def blocks(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def divided(data: bytes, delimiter: str, block: int, most: int) -> list[Range]:
    """The ranges of a file, found in steps of `most` ranges, each a new reading from where the last ended."""
    encoding = Encoding.of(data)
    found: list[Range] = []
    start, number, first = encoding.mark, 0, 1
    while True:
        read = records(Lines(blocks(data[start:], block), encoding.codec, start), delimiter)
        step = [
            one
            for one, _ in zip(
                ranges.ranges(read, number=number, first=first, start=start), range(most), strict=False
            )
        ]
        if not step:
            return found
        found += step
        start, number, first = step[-1].end, step[-1].number + 1, step[-1].first + step[-1].rows


def rows_of(data: bytes, one: Range, delimiter: str) -> list[Any]:
    codec = Encoding.of(data).codec
    read = records(Lines([data[one.start : one.end]], codec, one.start), delimiter)
    return [list(record.cells) if delimiter else json.loads(record.text) for record in read]


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "RANGE_BYTES", 24)


@given(
    TABLES,
    ENCODINGS,
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 40),
    st.integers(1, 3),
)
def test_the_rows_of_all_ranges_are_what_the_csv_module_reads_of_the_whole(
    table: list[list[str]], encoding: tuple[str, bytes], delimiter: str, ending: str, block: int, most: int
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=ending).writerows(table)
    codec, mark = encoding
    data = mark + text.getvalue().encode(codec)

    found = divided(data, delimiter, block, most)

    whole = [row for row in csv.reader(io.StringIO(text.getvalue(), newline=""), delimiter=delimiter) if row]
    assert [row for one in found for row in rows_of(data, one, delimiter)] == whole
    assert [one.first for one in found] == [1 + sum(one.rows for one in found[:n]) for n in range(len(found))]
    assert [one.number for one in found] == list(range(len(found)))
    assert all(one.end == after.start for one, after in itertools.pairwise(found))


@given(st.text(st.sampled_from('ab",\n é😀'), max_size=80), st.integers(1, 20), st.integers(1, 3))
def test_what_no_writer_would_write_is_divided_as_the_csv_module_reads_it(
    text: str, block: int, most: int
) -> None:
    data = text.encode()

    found = divided(data, ",", block, most)

    whole = [row for row in csv.reader(io.StringIO(text, newline="\n")) if row]
    assert [row for one in found for row in rows_of(data, one, ",")] == whole


@given(
    st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=9), max_size=3), min_size=1),
    ENCODINGS,
    st.integers(1, 30),
)
def test_lines_of_json_are_divided_between_lines(
    rows: list[dict[str, str]], encoding: tuple[str, bytes], block: int
) -> None:
    codec, mark = encoding
    data = mark + "\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode(codec)

    found = divided(data, "", block, 2)

    assert [row for one in found for row in rows_of(data, one, "")] == rows


@given(st.text(max_size=50), st.binary(min_size=1, max_size=9), st.text(max_size=9), st.integers(1, 9))
def test_the_first_byte_that_is_not_utf_8_is_named(before: str, wrong: bytes, after: str, block: int) -> None:
    data = before.encode() + wrong + after.encode()
    try:
        data.decode()
    except UnicodeDecodeError as error:
        place = error.start
    else:
        return
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return

    with pytest.raises(RefusedFileError) as refused:
        list(Lines(blocks(data, block), "utf-8", 0))

    assert f"byte {place}," in refused.value.message


def test_half_a_character_of_utf_16_is_named() -> None:
    with pytest.raises(RefusedFileError) as refused:
        list(Lines([b"\xff\xfe"[2:], "ab".encode("utf-16-le") + b"c"], "utf-16-le", 2))

    assert "UTF-16" in refused.value.message
    assert "byte 6," in refused.value.message


def test_utf_32_is_refused() -> None:
    with pytest.raises(RefusedFileError):
        Encoding.of("a".encode("utf-32"))


@pytest.mark.parametrize("delimiter", [",", ""])
def test_a_row_that_does_not_end_is_refused_with_its_place(
    monkeypatch: pytest.MonkeyPatch, delimiter: str
) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 50)
    data = b'{"a":1}\n' + (b'"open' + b",\n" * 40 if delimiter else b"x" * 60)

    with pytest.raises(RefusedFileError) as refused:
        list(records(Lines(blocks(data, 7), "utf-8", 0), delimiter))

    assert "byte 8 " in refused.value.message


def test_a_file_of_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "MAX_ROWS", 5)

    assert sum(one.rows for one in divided(b"a,b\n" * 5, ",", 9, 9)) == 5
    with pytest.raises(RefusedFileError):
        divided(b"a,b\n" * 6, ",", 9, 9)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_header_tells_the_delimiter(delimiter: str) -> None:
    assert (
        delimiter_of(delimiter.join(["email", '"name, full; \t"', "city"]) + "\n1,2,3;4;5,6\n") == delimiter
    )


def test_a_column_named_twice_is_refused() -> None:
    with pytest.raises(RefusedFileError) as refused:
        header_of(Lines([b"email,city, email\n"], "utf-8", 0), ",")

    assert refused.value.message == "The header names a column twice: email"


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\rc,d\re,f"])
def test_a_file_without_a_header_is_refused(text: str) -> None:
    with pytest.raises(RefusedFileError):
        header_of(Lines([text.encode()], "utf-8", 0), ",")
