"""What leaves this machine of an export: what the mapping names, row for row."""

import csv
import io
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.imports.failed_rows import failed_csv
from functions.imports.records import Record
from functions.shared.formulas import unescaped
from infra.transfer.checking import checked
from infra.transfer.copy import copied, needs_copy
from infra.transfer.importing import Options
from infra.transfer.layout import Layout
from tests.transfer.test_sources import SAMPLES

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def copy_of(file: Path) -> str:
    """The text that is sent of a file."""
    with copied(Layout.of(file), lambda _count: None) as sent:
        return sent.path.read_text("utf-8")


def test_what_the_mapping_does_not_name_stays_here(tmp_path: Path) -> None:
    sent = copy_of(Path(shutil.copy(SAMPLES / "magento.csv", tmp_path)))
    assert "not-a-hash" not in sent
    assert "made-up-token" not in sent
    assert "password" not in sent
    assert "ann@" not in sent.splitlines()[0]
    assert "ann.lee@example.com" in sent


def test_the_copy_is_gone_afterwards_and_was_for_this_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes((SAMPLES / "magento.csv").read_bytes())
    with copied(Layout.of(file), lambda _count: None) as sent:
        assert sent.path.parent.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_of_fields_alone_is_sent_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("email,firstName\nann@example.com,Ann\n")
    assert not needs_copy(Layout.of(file))
    file.write_text("email,notes\nann@example.com,secret\n")
    assert needs_copy(Layout.of(file))


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("ann@example.com,Ann,secret,Lee,Store,1,,", "has 7 cells, and the header 5"),
        ("ann@example.com,Ann", "has 2 cells, and the header 5"),
    ],
)
def test_a_row_of_another_width_is_refused_as_it_would_be_in_the_file(
    cells: str, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(f"email,firstname,secret,lastname,created_in,group_id\n{cells}\n")
    with copied(Layout.of(file), lambda _count: None) as sent:
        verdict = checked(sent, Options(), tmp_path / "failed.csv", now=NOW, advance=lambda _count: None)
    assert [error["message"] for error in verdict.errors] == [told]


def test_names_that_begin_with_an_apostrophe_keep_it(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    header, *_ = (SAMPLES / "shopify_older.csv").read_text().splitlines()
    file.write_text(
        f"{header}\nIda,'t Hart,ida@example.com,yes,,,,'s-Gravenhage,,,,NL,'2511,'+31700,no,,,,,no\n"
    )
    sent = copy_of(file)
    assert "'t Hart" in sent
    assert "'s-Gravenhage" in sent
    assert ",2511,'+31700," in sent


def test_refused_rows_that_come_back_are_copied_as_they_were_meant(tmp_path: Path) -> None:
    sample = Path(shutil.copy(SAMPLES / "shopify.csv", tmp_path))
    with copied(Layout.of(sample), lambda _count: None) as sent:
        first, text = sent, sent.path.read_text("utf-8")
        rows = list(csv.reader(io.StringIO(text, newline="")))
    file = tmp_path / "customers.failed.csv"
    wrong = {"row": 1, "field": "email", "code": "invalid_request", "message": "is required"}
    told = [(Record(0, 0, tuple(cells)), wrong) for cells in rows[1:]]
    file.write_bytes(failed_csv(first.header, ",", told))

    assert list(csv.reader(io.StringIO(copy_of(file), newline=""))) == rows


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=6, max_size=6), min_size=1, max_size=5))
def test_every_cell_that_is_sent_is_the_one_of_the_file(rows: list[list[str]]) -> None:
    from tempfile import TemporaryDirectory  # noqa: PLC0415  hypothesis makes no fixtures

    with TemporaryDirectory() as folder:
        file = Path(folder) / "customers.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, quoting=csv.QUOTE_ALL)
            writer.writerow(["email", "firstname", "stays here", "lastname", "created_in", "group_id"])
            writer.writerows(rows)
        sent = list(csv.reader(io.StringIO(copy_of(file), newline="")))
    # As an import reads them.
    assert [[*map(unescaped, row)] for row in sent[1:]] == [
        [unescaped(cell) for cell in (*row[:2], *row[3:])] for row in rows
    ]
