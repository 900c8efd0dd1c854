"""What a second run knows of the first."""

from pathlib import Path

import pytest

from infra.transfer.checkpoint import Checkpoint, fingerprint


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "customers.csv"
    file.write_text("email\nann@example.com\n")
    return file


def test_a_run_goes_on_where_one_stopped(file: Path) -> None:
    begun = Checkpoint.beside(file, fingerprint("create", path=file))
    begun.id = "7f"
    begun.keep()

    again = Checkpoint.beside(file, fingerprint("create", path=file))

    assert again == begun
    assert again.begun


def test_another_content_or_other_options_are_another_import(file: Path) -> None:
    begun = Checkpoint.beside(file, fingerprint("create", path=file))
    begun.id = "7f"
    begun.keep()

    other = Checkpoint.beside(file, fingerprint("upsert", path=file))
    assert not other.begun
    assert other.key != begun.key
    file.write_text("email\nbob@example.com\n")
    assert not Checkpoint.beside(file, fingerprint("create", path=file)).begun


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"fingerprint": 1}'])
def test_what_is_no_checkpoint_is_a_new_beginning(file: Path, broken: str) -> None:
    told = fingerprint(path=file)
    Checkpoint.beside(file, told).file.write_text(broken)
    assert not Checkpoint.beside(file, told).begun


def test_it_tells_nothing_of_the_customers(file: Path) -> None:
    begun = Checkpoint.beside(file, fingerprint("create", path=file))
    begun.keep()
    assert "ann" not in begun.file.read_text()


def test_what_is_forgotten_is_gone(file: Path) -> None:
    begun = Checkpoint.beside(file, fingerprint(path=file))
    begun.keep()
    begun.forget()
    assert list(file.parent.iterdir()) == [file]
