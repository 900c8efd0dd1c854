"""`uv run local`: it says where the API is while it answers, keeps the data, and stops when told to."""

import fcntl
import json
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from infra.commands import local, terminal
from infra.local.access import Access
from infra.local.assembly import ROOT
from tests.api import CUSTOMERS, UPLOADS
from tests.deployed.conditions import eventually
from tests.deployed.http_api import HttpApi

STOP_SECONDS = 60

GUIDE = ROOT / ".github" / "guides" / "12-orders.md"

FILES = """
import sys
from pathlib import Path
from infra.commands import {command} as command, place
from infra.local import run
files = Path(sys.argv.pop(1)) / ".local"
run.STATE = files / "emulator"
run.API_FILE = place.API_FILE = files / "api.json"
run.DEMO_FILE = files / "demo.json"
run.ACCESS_FILE = place.ACCESS_FILE = files / "aws"
command.main()
"""
"""Has the commands keep their files in a directory of its own."""


def start(directory: Path, *arguments: str, command: str = "local") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", FILES.format(command=command), str(directory), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> str:
    """All that it has printed, once it has ended."""
    return process.communicate(timeout=STOP_SECONDS)[0]


Running = tuple["subprocess.Popen[str]", dict[str, Any]]


@contextmanager
def running(directory: Path, port: int) -> Iterator[Running]:
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
        return free


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a run that goes on while its tests look at it."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def announced(home: Path) -> Iterator[dict[str, Any]]:
    """What that run announces."""
    with running(home, free_port()) as (process, told):
        yield told
        assert process.poll() is None, said(process)


def test_who_runs_it_alone_may_read_where_it_is_and_its_secret(home: Path, announced: dict[str, Any]) -> None:
    assert announced.keys() == {"url", "tenant", "clientId", "clientSecret", "accessToken"}
    modes = [(home / ".local" / name).stat().st_mode & 0o777 for name in ("api.json", "aws")]
    assert modes == [0o600, 0o600]


def test_a_second_run_of_the_same_data_is_refused(home: Path, announced: dict[str, Any], port: int) -> None:
    rival = start(home, "--port", str(port))
    assert "stop that first" in said(rival)
    assert rival.returncode == 1


def sigterm(process: "subprocess.Popen[str]", emulator: int) -> None:
    process.terminate()
    said(process)
    assert process.returncode == 0


def ctrl_c_many_times(process: "subprocess.Popen[str]", emulator: int) -> None:
    assert process.stdout
    lines = iter(process.stdout.readline, "")
    # Saving takes until it may go on.
    os.kill(emulator, signal.SIGSTOP)
    try:
        process.send_signal(signal.SIGINT)
        assert "Saving the data …\n" in lines
        for _ in range(10):
            process.send_signal(signal.SIGINT)
            assert select.select([process.stdout], [], [], 0.1)[0] == []
    finally:
        os.kill(emulator, signal.SIGCONT)
    assert list(lines) == ["Stopped; the data stays for the next start.\n"]
    assert process.wait(STOP_SECONDS) == 0


def kill_of_the_run(process: "subprocess.Popen[str]", emulator: int) -> None:
    process.kill()
    process.communicate()


def stop_of_the_emulator(process: "subprocess.Popen[str]", emulator: int) -> None:
    os.kill(emulator, signal.SIGTERM)
    told = said(process)
    assert told.splitlines()[-1] == (
        "Somebody else has stopped the emulator; the data stays for the next start."
    )
    assert "Traceback" not in told
    assert process.returncode == 1


ENDS: list[Callable[["subprocess.Popen[str]", int], None]] = [
    sigterm,
    ctrl_c_many_times,
    kill_of_the_run,
    stop_of_the_emulator,
]


def test_however_a_run_ends_the_next_has_its_data_and_ends_as_told(tmp_path: Path, port: int) -> None:
    made: list[Any] = []
    first: dict[str, Any] | None = None
    for end in random.sample(ENDS, len(ENDS)):
        with running(tmp_path, port) as (process, announced):
            first = first or announced
            assert announced == first
            api = api_of(announced)
            has(api, made)
            made.append(api.create(customerRef=end.__name__))
            emulator = emulator_of(tmp_path)
            end(process, emulator)
        if end is not kill_of_the_run:
            assert [(tmp_path / ".local" / name).exists() for name in ("api.json", "aws")] == [False, False]
        let_go(tmp_path, emulator)

    with running(tmp_path, port) as (process, announced):
        api = api_of(announced)
        has(api, made)
        # Queues are found again, wherever the emulator listens now.
        upload = api.post(UPLOADS, json_body=[{"email": "c2@example.com"}]).headers["location"]
        assert eventually(lambda: api.get(upload).json["status"] == "completed")
        os.kill(emulator_of(tmp_path), signal.SIGKILL)
        told = said(process)
    assert told.splitlines()[-1].startswith(
        "The emulator was killed by signal 9 and has not saved its data: "
    )
    assert "Traceback" not in told
    assert process.returncode == 1
    assert not (tmp_path / ".local" / "api.json").exists()


def has(api: HttpApi, customers: list[Any]) -> None:
    """Checks that they are there as they were made."""
    assert [api.get(f"{CUSTOMERS}/{one['customerRef']}/ref").json for one in customers] == customers


def let_go(directory: Path, emulator: int) -> None:
    """Wait until the emulator, which may have lost its run, has saved its data and ended."""

    def free(lock: IO[str]) -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    with (directory / ".local" / "emulator" / "lock").open() as lock:
        try:
            eventually(lambda: free(lock))
        except AssertionError:
            os.kill(emulator, signal.SIGKILL)
            raise


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


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process = start(tmp_path, "--port", str(port))

        assert f"Port {port} is in use" in said(process)
        assert process.returncode == 1


@pytest.mark.parametrize("wrong", ["0", "65536", "-1", "4566.5", "http"])
def test_a_port_that_is_none_is_told(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert terminal.run(local.app, arguments=[f"--port={wrong}"]) == terminal.MISUSED

    told = capsys.readouterr()
    assert f"{wrong!r} is not a number from 1 to 65535" in told.err
    assert (told.out, len(told.err.splitlines())) == ("", 1)


def test_the_operators_commands_find_the_running_stack(home: Path, announced: dict[str, Any]) -> None:
    def tenants(directory: Path, *arguments: str) -> str:
        return said(start(directory, *arguments, "--local", command="tenants"))

    assert "client secret" in tenants(home, "register", "acme")
    assert [line.split()[0] for line in tenants(home, "list").splitlines()] == ["acme", "demo"]


def test_without_a_running_stack_they_say_how_to_start_one(tmp_path: Path, port: int) -> None:
    def tenants() -> str:
        return said(start(tmp_path, "list", "--local", command="tenants"))

    assert "No local stack runs here; start one with: uv run local" in tenants()
    # As a run leaves it that was killed.
    Access.new(port).keep(tmp_path / ".local" / "aws")
    (tmp_path / ".local" / "api.json").write_text(json.dumps({"url": f"http://127.0.0.1:{port}"}))
    assert "Does uv run local run?" in tenants()


def test_the_guides_order_is_counted(home: Path, announced: dict[str, Any]) -> None:
    command, _, rest = GUIDE.read_text().partition(" python3 -m uv run python - <<'END'\n")
    name, value = command.rpartition("\n")[2].split("=")
    program = rest.partition("\nEND\n")[0]
    api = api_of(announced)
    customer = api.create(email="jane.doe@example.com")
    subprocess.run([sys.executable, "-c", program], cwd=home, env={**os.environ, name: value}, check=True)
    url = f"{CUSTOMERS}/{customer['id']}"
    assert eventually(lambda: api.get(url).json["totalOrders"] == "1")
    assert api.get(url).json["totalSpend"] == "100.50"
