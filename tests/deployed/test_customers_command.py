"""`uv run customers` against the deployed API, as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.commands.caller import SECRET_VARIABLE
from infra.commands.customers_import import ROWS_REFUSED
from infra.commands.terminal import STOPPED
from infra.local.assembly import ROOT
from infra.local.stack import LocalStack
from infra.routes import CUSTOMERS, IMPORTS
from infra.tenant_registry import Credentials
from infra.transfer.checkpoint import SUFFIX
from tests.deployed.conditions import eventually
from tests.deployed.http_api import HttpApi

PATIENCE_SECONDS = 120


class Terminal:
    """Where somebody types `customers …` as one tenant."""

    def __init__(self, stack: LocalStack, credentials: Credentials) -> None:
        self._who = ["--url", stack.url, "--tenant", credentials.tenant_id]
        self._who += ["--client-id", credentials.client_id]
        self._secret = {SECRET_VARIABLE: credentials.client_secret}

    @contextmanager
    def begun(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """Type a command, which has ended when its caller is done with it."""
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.commands.customers", *arguments, *self._who],
            cwd=ROOT,
            env=os.environ | self._secret,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def run(self, *arguments: str) -> tuple[int, str]:
        """What a command ends with: its exit code and what it printed."""
        with self.begun(*arguments) as process:
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, out or err


@pytest.fixture
def mover(stack: LocalStack) -> Credentials:
    """A tenant that moves in, of each test's own."""
    return stack.tenants.register(f"mover-{uuid.uuid4().hex[:8]}")


@pytest.fixture
def terminal(stack: LocalStack, mover: Credentials) -> Terminal:
    return Terminal(stack, mover)


@pytest.fixture
def moved(stack: LocalStack, mover: Credentials) -> HttpApi:
    """The API as the tenant that moves in."""
    tenant = mover.tenant_id
    return HttpApi(tenant, stack.url, stack.tenants.issue_token(tenant, seconds=3600))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """60 customers, and one without an email."""
    file = tmp_path / "customers.csv"
    rows = [f'{number}@example.com,M{number},"Ann\nof {number}"' for number in range(60)]
    file.write_text("\n".join(["email,customerRef,firstName", *rows, "nobody,M60,Ann"]))
    return file


def announced(file: Path, process: "subprocess.Popen[str]") -> bool:
    """Whether the API knows of the import that a process, which still runs, makes of a file."""
    assert process.poll() is None, process.communicate()
    checkpoint = file.with_name(file.name + SUFFIX)
    return checkpoint.exists() and json.loads(checkpoint.read_text())["id"] is not None


@contextmanager
def no_import_worker(stack: LocalStack) -> Iterator[None]:
    """No import gets any further meanwhile."""
    lambda_ = stack.emulator.client("lambda")
    mappings = lambda_.list_event_source_mappings()["EventSourceMappings"]
    (worker,) = [one["UUID"] for one in mappings if "-ImportsQueue" in one["EventSourceArn"]]
    lambda_.update_event_source_mapping(UUID=worker, Enabled=False)
    try:
        yield
    finally:
        lambda_.update_event_source_mapping(UUID=worker, Enabled=True)


def test_an_import_that_was_stopped_goes_on_and_makes_every_customer_once(
    stack: LocalStack, terminal: Terminal, moved: HttpApi, file: Path, tmp_path: Path
) -> None:
    with no_import_worker(stack), terminal.begun("import", str(file), "--yes") as first:
        eventually(lambda: announced(file, first))
        first.send_signal(signal.SIGINT)
        told = first.communicate(timeout=PATIENCE_SECONDS)
    assert first.returncode == STOPPED, told

    code, out = terminal.run("import", str(file), "--yes", "--json")

    assert code == ROWS_REFUSED, out
    report = json.loads(out)
    assert [report[name] for name in ("received", "created", "failed")] == [61, 60, 1]
    assert len(moved.get(IMPORTS).json) == 1
    assert moved.get(f"{CUSTOMERS}/M59/ref").json["firstName"] == "Ann\nof 59"
    assert "nobody,M60" in (tmp_path / "customers.failed.csv").read_text("utf-8-sig")
    assert not (tmp_path / f"customers.csv{SUFFIX}").exists()


def test_the_same_file_again_changes_nothing(terminal: Terminal, moved: HttpApi, tmp_path: Path) -> None:
    file = tmp_path / "customers.jsonl"
    file.write_text('{"email": "again@example.com", "customerRef": "again", "firstName": "Ann"}\n')
    assert terminal.run("import", str(file), "--yes", "--mode", "upsert")[0] == 0
    before = moved.get(f"{CUSTOMERS}/again/ref").headers["etag"]

    code, out = terminal.run("import", str(file), "--yes", "--mode", "upsert", "--json")

    assert (code, json.loads(out)["unchanged"]) == (0, 1)
    assert moved.get(f"{CUSTOMERS}/again/ref").headers["etag"] == before


def test_all_customers_come_out_and_go_in_at_another_tenant(
    terminal: Terminal, stack: LocalStack, file: Path, tmp_path: Path
) -> None:
    assert terminal.run("import", str(file), "--yes")[0] == ROWS_REFUSED
    code, out = terminal.run("export", "-o", str(tmp_path), "--json")
    assert code == 0, out
    told = json.loads(out)
    lines = [json.loads(line) for line in Path(told["file"]).read_text("utf-8").splitlines()]
    assert len({one["id"] for one in lines}) == len(lines) == told["customers"] == 60

    elsewhere = Terminal(stack, stack.tenants.register("elsewhere"))
    code, out = elsewhere.run("import", told["file"], "--yes", "--json")
    assert (code, json.loads(out)["created"]) == (0, 60)
    code, out = elsewhere.run("get", "customerRef=M7")
    assert (code, json.loads(out)["firstName"]) == (0, "Ann\nof 7")
