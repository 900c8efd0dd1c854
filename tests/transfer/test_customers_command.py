"""`uv run customers`: what a person at the terminal sees, and a program."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.commands import customers_import, terminal
from infra.commands.caller import SECRET_VARIABLE
from infra.commands.customers import EXPECTED, app
from infra.routes import CUSTOMERS, EXPORTS, IMPORTS
from infra.transfer.credentials import Credentials
from infra.transfer.retries import MAX_ATTEMPTS
from tests.api import Api
from tests.transfer.served import Lost, Served

Typed = Callable[..., tuple[int, str, str]]

ESCAPE = "\x1b"


@pytest.fixture
def typed(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """What a command line ends with, typed as the tenant `demo`: exit code, stdout, stderr."""
    monkeypatch.setenv(SECRET_VARIABLE, credentials.client_secret)
    who = ["--url", credentials.url, "--tenant", credentials.tenant, "--client-id", credentials.client_id]

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = terminal.run(app, *EXPECTED, arguments=[*arguments, *who])
        told = capsys.readouterr()
        # What the functions log belongs to the service.
        lines = [line for line in told.out.splitlines(keepends=True) if not line.startswith('{"level"')]
        assert credentials.client_secret not in f"{told.out}{told.err}"
        assert ESCAPE not in f"{told.out}{told.err}"
        return code, "".join(lines), told.err

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two customers and one without a good email."""
    file = tmp_path / "customers.csv"
    file.write_text("email,customerRef,secret\nann@example.com,C1,x\nbob@example.com,C2,y\nnobody,C3,z\n")
    return file


def test_an_import_shows_what_it_sends_and_ends_with_a_summary(typed: Typed, file: Path, api: Api) -> None:
    code, out, err = typed("import", str(file), "--yes")

    assert (code, err) == (customers_import.ROWS_REFUSED, "")
    assert "Not sent, for they fill no field: secret" in out
    assert '{"row": 1, "customerRef": "C1", "email": "ann@example.com"}' in out
    assert "3 rows checked, 1 not valid" in out
    assert "2 created, 0 updated, 0 unchanged, 1 failed" in out
    failed = file.with_name("customers.failed.csv")
    assert str(failed) in out
    assert "nobody,C3" in failed.read_text("utf-8-sig")
    assert sorted(file.parent.iterdir()) == [file, failed]
    assert api.get(f"{CUSTOMERS}/C2/ref").json["email"] == "bob@example.com"


def test_a_program_gets_one_json_object(typed: Typed, file: Path) -> None:
    code, out, err = typed("import", str(file), "--yes", "--json")

    assert (code, err) == (customers_import.ROWS_REFUSED, "")
    report = json.loads(out)
    assert {name: report[name] for name in ("state", "received", "created", "failed")} == {
        "state": "completed",
        "received": 3,
        "created": 2,
        "failed": 1,
    }
    failed = file.with_name("customers.failed.csv")
    assert report["failedFile"] == str(failed)
    assert failed.stat().st_mode & 0o077 == 0, "others on this machine read it"
    assert "Signature" not in out


def test_all_or_none_sends_nothing_of_a_file_with_a_bad_row(
    typed: Typed, file: Path, http_api: Served
) -> None:
    code, out, err = typed("import", str(file), "--all-or-none", "--yes", "--json")

    assert code == customers_import.ROWS_REFUSED
    assert json.loads(out)["failed"] == 1
    assert len(err.splitlines()) == 1
    assert "nobody,C3" in file.with_name("customers.failed.csv").read_text("utf-8-sig")
    assert http_api.asked == []


def test_a_file_without_a_good_row_is_not_sent(typed: Typed, file: Path, http_api: Served) -> None:
    file.write_text("email\nnobody\n")
    code, _, err = typed("import", str(file), "--yes")

    assert (code, len(err.splitlines())) == (customers_import.ROWS_REFUSED, 1)
    assert http_api.asked == []


def test_a_good_file_leaves_no_failed_rows_of_an_earlier_one(typed: Typed, file: Path) -> None:
    typed("import", str(file), "--yes")
    file.write_text(file.read_text().replace("nobody", "carl@example.com"))

    code, out, _ = typed("import", str(file), "--yes", "--mode", "upsert", "--match-by", "email")

    assert code == 0
    assert "1 created, 0 updated, 2 unchanged, 0 failed" in out
    assert list(file.parent.iterdir()) == [file]


def test_a_dry_run_writes_nothing(typed: Typed, file: Path, api: Api) -> None:
    _, out, _ = typed("import", str(file), "--dry-run", "--yes")

    assert "A dry run: nothing was written." in out
    assert api.get(f"{CUSTOMERS}/C1/ref").status == 404


def test_a_mapping_says_what_columns_mean(typed: Typed, tmp_path: Path, api: Api) -> None:
    file, mapping = tmp_path / "people.csv", tmp_path / "mapping.json"
    file.write_text("Mail,Town\nann@example.com,Sydney\n")
    mapping.write_text('{"Mail": "email", "Town": "addresses.0.city"}')

    assert typed("import", str(file), "--mapping", str(mapping), "--yes")[0] == 0
    found: dict[str, Any] = api.get(f"{CUSTOMERS}/email=ann@example.com").json
    assert found["addresses"][0]["city"] == "Sydney"


def test_nobody_to_ask_is_a_no(typed: Typed, file: Path, http_api: Served) -> None:
    code, _, err = typed("import", str(file))

    assert code == terminal.FAILED
    assert "--yes" in err
    assert http_api.asked == []


def test_ctrl_c_stops_and_the_same_command_goes_on(
    typed: Typed, file: Path, monkeypatch: pytest.MonkeyPatch, http_api: Served
) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as once:
        once.setattr("infra.transfer.looks.sleep", interrupted)
        stopped = typed("import", str(file), "--yes")
    assert (stopped[0], stopped[2]) == (
        terminal.STOPPED,
        "Stopped. The same command goes on from here.\n",
    )

    code, out, _ = typed("import", str(file), "--yes")

    assert code == customers_import.ROWS_REFUSED
    assert "Going on with the import" in out
    assert "2 created" in out
    assert http_api.asked.count(f"POST {IMPORTS}") == 1


def test_a_service_that_cannot_be_reached_is_one_line(
    typed: Typed, file: Path, http_api: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.transfer.retries.FIRST_PAUSE_SECONDS", 0)
    http_api.faults["token"] = [Lost()] * MAX_ATTEMPTS

    code, _, err = typed("get", "ann@example.com")

    assert code == terminal.FAILED
    assert err == "No answer from 127.0.0.1 (RemoteProtocolError)\n"


def test_customers_are_shown_found_and_deleted(typed: Typed, api: Api) -> None:
    ann = api.create(email="ann+1@example.com", customerRef="C/1", lastName="Lee", firstName="Ann")

    for who in (ann["id"], "ann+1@example.com", "customerRef=C/1", "email=ann+1@example.com"):
        code, out, _ = typed("get", who)
        assert (code, json.loads(out)["id"]) == (0, ann["id"])
    _, found, _ = typed("search", "--last-name", "lee", "--json")
    assert [one["id"] for one in json.loads(found)] == [ann["id"]]
    assert typed("search", "--last-name", "lee")[1].split() == [
        ann["id"],
        "C/1",
        "ann+1@example.com",
        "Ann",
        "Lee",
    ]
    asked = typed("delete", "customerRef=C/1")
    assert (asked[0], "Delete Ann Lee <ann+1@example.com> for good?" in asked[2]) == (terminal.FAILED, True)
    assert json.loads(typed("delete", "customerRef=C/1", "--yes", "--json")[1]) == {"deleted": ann["id"]}
    code, out, err = typed("get", ann["id"])
    assert (code, out, err) == (terminal.FAILED, "", "There is no such customer\n")


def test_an_export_is_one_file(typed: Typed, tmp_path: Path, api: Api) -> None:
    api.create(email="ann@example.com")

    code, out, err = typed("export", "-o", str(tmp_path / "out"))

    file = tmp_path / "out" / "customers.jsonl"
    assert (code, out, err) == (0, f"1 customers are in {file}\n", "")
    assert json.loads(file.read_text())["email"] == "ann@example.com"
    _, told, _ = typed("export", "-o", str(tmp_path), "--format", "csv", "--fields", "email", "--json")
    assert json.loads(told)["file"] == str(tmp_path / "customers.csv")
    assert (tmp_path / "customers.csv").read_text("utf-8-sig").split() == ["email", "ann@example.com"]


def test_an_export_that_was_stopped_goes_on(
    typed: Typed, tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch, http_api: Served
) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    api.create(email="ann@example.com")
    with monkeypatch.context() as once:
        once.setattr("infra.transfer.looks.sleep", interrupted)
        assert typed("export", "-o", str(tmp_path))[0] == terminal.STOPPED

    assert typed("export", "-o", str(tmp_path))[0] == 0
    assert http_api.asked.count(f"POST {EXPORTS}") == 1


def test_a_field_that_is_none_is_one_line(typed: Typed, tmp_path: Path) -> None:
    code, _, err = typed("export", "-o", str(tmp_path), "--fields", "shoesize")
    assert code == terminal.FAILED
    assert err == "Some fields are not valid: fields.0 is not a field of a customer\n"


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        ("a,b\n1,2\n", (), "a mapping says what they mean"),
        ("email,email\n1,2\n", (), "The header names a column twice: email"),
        ("", (), "The file has no rows"),
        ("email,firstName\n", (), "The file has no rows"),
        ("email\nann@example.com\n", ("--match-by", "email"), "matchBy"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(
    typed: Typed, tmp_path: Path, content: str, options: tuple[str, ...], told: str, http_api: Served
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(content)

    code, _, err = typed("import", str(file), "--yes", *options)

    assert code == terminal.FAILED
    assert told in err
    assert len(err.splitlines()) == 1
    assert http_api.asked == []


def test_a_file_that_is_not_there_is_a_misuse(typed: Typed, tmp_path: Path) -> None:
    code, _, err = typed("import", str(tmp_path / "none.csv"))
    assert code == terminal.MISUSED
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("who", "code", "told"),
    [
        ((), terminal.FAILED, "Say where: --local, or --url with --tenant and --client-id"),
        (("--url", "https://api.example.com"), terminal.MISUSED, "--url needs --tenant and --client-id."),
        (
            ("--url", "http://localhost.example.com", "--tenant", "demo", "--client-id", "demo"),
            terminal.FAILED,
            "--url must begin with https://, for a secret goes there",
        ),
        (
            ("--url", "https://api.example.com", "--tenant", "demo", "--client-id", "demo"),
            terminal.FAILED,
            f"Put the client secret into {SECRET_VARIABLE}",
        ),
        (
            ("--local", "--url", "https://api.example.com"),
            terminal.MISUSED,
            "Say --url or --local, not both.",
        ),
    ],
)
def test_who_calls_has_to_be_said(
    who: tuple[str, ...],
    code: int,
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)
    assert terminal.run(app, *EXPECTED, arguments=["get", "C1", *who]) == code
    assert told in capsys.readouterr().err
