"""The check of a file, whatever its size."""

import tracemalloc
from pathlib import Path

import pytest

from functions.imports import ranges
from functions.shared import clock
from infra.transfer.checking import checked
from infra.transfer.copy import copied
from infra.transfer.importing import Options
from infra.transfer.layout import Layout

ROW = f"ann@example.com,{'a' * 250},secret,{'b' * 250}\n"


def peak(file: Path, rows: int) -> int:
    """The most bytes that Python holds while a file of so many rows is copied and checked."""
    with file.open("w") as text:
        text.write("email,firstname,stays here,lastname\n")
        text.writelines(ROW for _ in range(rows))
    layout = Layout.of(file, {"email": "email", "firstname": "firstName", "lastname": "lastName"})
    failed = file.with_name("failed.csv")
    tracemalloc.start()
    try:
        with copied(layout, lambda _count: None) as sent:
            verdict = checked(sent, Options(), failed, now=clock.now(), advance=lambda _count: None)
        assert verdict.rows == rows
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_its_memory_is_that_of_a_range_not_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "RANGE_BYTES", 100_000)
    file = tmp_path / "customers.csv"
    small, large = peak(file, 4_000), peak(file, 12_000)
    assert large < small * 1.2
