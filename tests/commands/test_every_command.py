"""Every command speaks the same way: help with an example, errors in one line, colour on a terminal alone."""

import importlib
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cyclopts import App

from infra.commands import terminal
from infra.local.assembly import ROOT

SCRIPTS: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]

ESCAPE = "\x1b"


def app_of(script: str) -> App:
    module = importlib.import_module(SCRIPTS[script].partition(":")[0])
    app: App = module.app
    return app


def every_command() -> Iterator[tuple[str, ...]]:
    """Each command, and each command of a command."""
    for script in SCRIPTS:
        yield (script,)
        for name in app_of(script):
            if not name.startswith("-"):
                yield script, name


Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """What a command line ends with: exit code, stdout, stderr."""

    def run(script: str, *arguments: str) -> tuple[int, str, str]:
        module, _, function = SCRIPTS[script].partition(":")
        monkeypatch.setattr("sys.argv", [script, *arguments])
        with pytest.raises(SystemExit) as left:
            getattr(importlib.import_module(module), function)()
        told = capsys.readouterr()
        return int(left.value.code or 0), told.out, told.err

    return run


def test_a_command_starts_without_any_settings(tmp_path: Path) -> None:
    """But for those that draw or build the stacks, which need Node."""
    others = {SCRIPTS[script].partition(":")[0] for script in SCRIPTS.keys() - {"architecture", "bench"}}
    program = f"for one in {others}: __import__(one)"

    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("command", [*every_command()], ids=" ".join)
def test_its_help_teaches_by_an_example(typed: Typed, command: tuple[str, ...]) -> None:
    code, out, err = typed(*command, "--help")

    assert (code, err) == (0, "")
    example = [line.strip() for line in out.splitlines() if f"uv run {' '.join(command)}" in line]
    assert len(example) == 1
    assert ESCAPE not in out


@pytest.mark.parametrize("command", [*every_command()], ids=" ".join)
def test_a_wrong_argument_is_one_line_and_an_exit_code(typed: Typed, command: tuple[str, ...]) -> None:
    needed = ("--to", "2026-11-27T03:00Z") if command == ("restore",) else ()
    code, out, err = typed(*command, *needed, "--no-such-option")

    assert (code, out) == (terminal.MISUSED, "")
    assert len(err.splitlines()) == 1
    assert "--no-such-option" in err
    assert f"{command[0]} --help" in err
    assert ESCAPE not in err


@pytest.mark.parametrize("script", ["restore", "smoke", "tenants"])
def test_where_a_command_works_is_one_stage_or_this_machine(typed: Typed, script: str) -> None:
    rest = {"restore": ["--to", "2026-11-27T03:00Z"], "tenants": ["list"]}.get(script, [])
    both = typed(script, *rest, "--stage", "prod", "--local")
    unknown = typed(script, *rest, "--stage", "staging")

    assert [both[0], unknown[0]] == [terminal.MISUSED] * 2
    assert both[2].startswith("Say --stage or --local, not both.")
    assert 'Invalid value "staging" for --stage. Choose dev or prod.' in unknown[2]


def test_no_command_at_all_is_told_what_there_is(typed: Typed) -> None:
    code, out, _ = typed("tenants")
    assert code == 0
    assert "register" in out


def test_colour_is_for_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    # A command of its own, for each keeps the console that it made first.
    app = terminal.command("colourful")

    assert terminal.run(app, arguments=["--no-such-option"]) == terminal.MISUSED
    assert ESCAPE in capsys.readouterr().err


def test_a_line_for_a_program_is_never_broken(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 500
    terminal.say(long)
    terminal.show_table([{"tenant": long, "status": "active"}])
    terminal.complain(long)

    told = capsys.readouterr()
    assert [line.split() for line in told.out.splitlines()] == [[long], [long, "active"]]
    assert told.err == f"{long}\n"


def test_what_fails_as_expected_is_a_line_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    app = terminal.command("fails")

    @app.default
    def fail() -> None:
        raise LookupError("There is no such thing")

    assert terminal.run(app, LookupError, arguments=[]) == terminal.FAILED
    assert capsys.readouterr().err == "There is no such thing\n"


@pytest.mark.parametrize("wrong", ["yesterday", "2026-13-01T00:00Z", ""])
def test_a_restore_wants_a_second(typed: Typed, wrong: str) -> None:
    code, _, err = typed("restore", f"--to={wrong}")
    assert code == terminal.MISUSED
    assert "2026-11-27T03:00Z" in err


def test_the_gate_refuses_to_compare_nothing(typed: Typed, tmp_path: object) -> None:
    code, out, err = typed("gate", str(tmp_path), str(tmp_path))
    assert (code, out) == (terminal.MISUSED, "")
    assert "no cloud assembly" in err
