"""`uv run reference`."""

import json
from pathlib import Path

import pytest

from infra.commands import terminal
from infra.commands.reference import app
from infra.reference.document import document


def run(*arguments: str) -> int:
    """The exit code of the command."""
    return terminal.run(app, arguments=arguments)


def test_it_prints_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    assert json.loads(capsys.readouterr().out) == document()


def test_it_writes_the_document_of_another_server(tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    assert run("--server", "https://api.example.com/", "--output", str(file)) == 0
    assert json.loads(file.read_text())["servers"] == [{"url": "https://api.example.com"}]


def test_what_cannot_be_written_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--output", str(tmp_path / "none" / "openapi.json")) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
