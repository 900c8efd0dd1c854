"""`uv run local`: it says where the API is while it answers, keeps the data, and stops when told to."""

import fcntl
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from infra.local.assembly import ROOT
from tests.api import CUSTOMERS, UPLOADS
from tests.deployed.conditions import eventually
from tests.deployed.http_api import HttpApi

STOP_SECONDS = 60

GUIDE = ROOT / ".github" / "guides" / "12-orders.md"

FILES = """
import sys
from pathlib import Path
from infra.commands import local as command, place, tenants
from infra.local import run
files = Path(sys.argv.pop(1)) / ".local"
run.STATE = files / "emulator"
run.API_FILE = place.API_FILE = files / "api.json"
run.DEMO_FILE = files / "demo.json"
run.ACCESS_FILE = place.ACCESS_FILE = files / "aws"
"""
"""Has the commands keep their files in a directory of its own."""


def start(directory: Path, *arguments: str, command: str = "command") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", f"{FILES}\n{command}.main()", str(directory), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> str:
    """All that it has printed, once it has ended."""
    return process.communicate(timeout=STOP_SECONDS)[0]


@contextmanager
def running(directory: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    file = directory / ".local" / "api.json"
    # A run that was killed has left its own.
    file.unlink(missing_ok=True)
    process = start(directory, "--port", str(port))

    def announced() -> bool:
        assert process.poll() is None, said(process)
        return file.exists()

    try:
        eventually(announced)
        yield process, json.loads(file.read_text())
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            said(process)


def api_of(announced: dict[str, Any]) -> HttpApi:
    return HttpApi(announced["tenant"], announced["url"], announced["accessToken"])


def emulator_of(directory: Path) -> int:
    """The emulator's process id."""
    return int((directory / ".local" / "emulator" / "lock").read_text())


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
        return free


def test_the_data_outlives_a_stop_and_the_announcement_does_not(tmp_path: Path, port: int) -> None:
    files = [tmp_path / ".local" / name for name in ("api.json", "aws")]
    with running(tmp_path, port) as (process, announced):
        assert announced.keys() == {"url", "tenant", "clientId", "clientSecret", "accessToken"}
        assert announced["url"].startswith(f"http://127.0.0.1:{port}/")
        assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
        customer = api_of(announced).create(customerRef="C1")
        rival = start(tmp_path, "--port", str(port))
        assert "stop that first" in said(rival)
        assert rival.returncode == 1
    assert process.returncode == 0
    assert [file.exists() for file in files] == [False, False]

    with running(tmp_path, port) as (_, again):
        assert again == announced
        api = api_of(again)
        assert api.get(f"{CUSTOMERS}/C1/ref").json == customer
        # Queues are found again, wherever the emulator listens now.
        upload = api.post(UPLOADS, json_body=[{"email": "c2@example.com"}]).headers["location"]
        assert eventually(lambda: api.get(upload).json["status"] == "completed")


def test_ctrl_c_many_times_still_saves_the_data(tmp_path: Path, port: int) -> None:
    with running(tmp_path, port) as (process, announced):
        api_of(announced).create(customerRef="C1")
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        # Saving takes until it may go on.
        os.kill(emulator_of(tmp_path), signal.SIGSTOP)
        try:
            process.send_signal(signal.SIGINT)
            assert "Saving the data …\n" in lines
            for _ in range(10):
                process.send_signal(signal.SIGINT)
                assert select.select([process.stdout], [], [], 0.1)[0] == []
        finally:
            os.kill(emulator_of(tmp_path), signal.SIGCONT)
        assert list(lines) == ["Stopped; the data stays for the next start.\n"]
        process.wait(STOP_SECONDS)
    assert process.returncode == 0

    with running(tmp_path, port) as (_, again):
        assert api_of(again).get(f"{CUSTOMERS}/C1/ref").status == 200


@pytest.mark.parametrize(
    ("by", "told"),
    [
        (signal.SIGKILL, "The emulator was killed by signal 9 and has not saved its data: "),
        (signal.SIGTERM, "Somebody else has stopped the emulator; the data stays for the next start."),
    ],
)
def test_an_emulator_that_others_stop_is_told_as_what_it_is(
    tmp_path: Path, port: int, by: signal.Signals, told: str
) -> None:
    with running(tmp_path, port) as (process, _):
        os.kill(emulator_of(tmp_path), by)
        output = said(process)
    assert output.splitlines()[-1].startswith(told)
    assert "Traceback" not in output
    assert process.returncode == 1
    assert not (tmp_path / ".local" / "api.json").exists()


def test_a_state_that_cannot_be_saved_does_not_stay(tmp_path: Path, port: int) -> None:
    with running(tmp_path, port) as (process, _):
        state = tmp_path / ".local" / "emulator" / "state"
        shutil.rmtree(state, ignore_errors=True)
        state.write_text("no directory")
        process.send_signal(signal.SIGINT)
        told = said(process)
    assert "has not saved its data" in told
    assert "the data stays" not in told
    assert "Traceback" not in told
    assert process.returncode == 1


def test_an_emulator_without_its_run_saves_the_data_and_ends(tmp_path: Path, port: int) -> None:
    with running(tmp_path, port) as (process, announced):
        api_of(announced).create(customerRef="C1")
        emulator = emulator_of(tmp_path)
        process.kill()
        process.wait()

    with (tmp_path / ".local" / "emulator" / "lock").open() as lock:
        try:
            eventually(lambda: let_go(lock))
        except AssertionError:
            os.kill(emulator, signal.SIGKILL)
            raise
    with running(tmp_path, port) as (_, again):
        assert api_of(again).get(f"{CUSTOMERS}/C1/ref").status == 200


def let_go(lock: IO[str]) -> bool:
    """Whether no process holds the lock any more."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process = start(tmp_path, "--port", str(port))

        assert f"Port {port} is in use" in said(process)
        assert process.returncode == 1


@pytest.mark.parametrize("wrong", ["0", "65536", "-1", "4566.5", "http"])
def test_a_port_that_is_none_is_told(tmp_path: Path, wrong: str) -> None:
    process = start(tmp_path, f"--port={wrong}")

    told = said(process)
    assert f"{wrong!r} is not a number from 1 to 65535" in told
    assert len(told.splitlines()) == 1
    assert process.returncode == 2


def test_the_operators_commands_find_the_running_stack(tmp_path: Path, port: int) -> None:
    def tenants(*arguments: str) -> str:
        return said(start(tmp_path, *arguments, "--local", command="tenants"))

    assert "No local stack runs here; start one with: uv run local" in tenants("list")
    with running(tmp_path, port):
        assert "client secret" in tenants("register", "acme")
        assert [line.split()[0] for line in tenants("list").splitlines()] == ["acme", "demo"]
        left = {name: (tmp_path / ".local" / name).read_text() for name in ("aws", "api.json")}
    # As a run leaves them that was killed.
    for name, text in left.items():
        (tmp_path / ".local" / name).write_text(text)
    assert "Does uv run local run?" in tenants("list")


def test_the_guides_order_is_counted(tmp_path: Path, port: int) -> None:
    command, _, rest = GUIDE.read_text().partition(" python3 -m uv run python - <<'END'\n")
    name, value = command.rpartition("\n")[2].split("=")
    program = rest.partition("\nEND\n")[0]
    with running(tmp_path, port) as (_, announced):
        api = api_of(announced)
        customer = api.create(email="jane.doe@example.com")
        subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, name: value}, check=True
        )
        url = f"{CUSTOMERS}/{customer['id']}"
        assert eventually(lambda: api.get(url).json["totalOrders"] == "1")
        assert api.get(url).json["totalSpend"] == "100.50"
