"""`uv run local`: it says where the API is while it answers, keeps the data, and stops when told to."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.local.assembly import ROOT
from tests.api import CUSTOMERS
from tests.deployed.conditions import eventually
from tests.deployed.http_api import HttpApi

STOP_SECONDS = 60

PROGRAM = """
import sys
from pathlib import Path
from infra.local import run
directory = Path(sys.argv.pop(1))
run.STATE = directory / "state"
run.API_FILE = directory / "api.json"
run.DEMO_FILE = directory / "demo.json"
run.main()
"""
"""The command, with its files in a directory of its own."""


def start(directory: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(directory), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def running(directory: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    process = start(directory, "--port", str(port))
    file = directory / "api.json"

    def announced() -> bool:
        assert process.poll() is None, process.communicate()[0]
        return file.exists()

    try:
        eventually(announced)
        yield process, json.loads(file.read_text())
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=STOP_SECONDS)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
        return free


def test_the_data_outlives_a_stop_and_the_announcement_does_not(tmp_path: Path, port: int) -> None:
    with running(tmp_path, port) as (process, announced):
        assert announced.keys() == {"url", "tenant", "clientId", "clientSecret", "accessToken"}
        assert announced["url"].startswith(f"http://127.0.0.1:{port}/")
        assert (tmp_path / "api.json").stat().st_mode & 0o777 == 0o600
        api = HttpApi(announced["tenant"], announced["url"], announced["accessToken"])
        customer = api.create(customerRef="C1")
        rival = start(tmp_path, "--port", str(port))
        assert "stop that first" in rival.communicate(timeout=STOP_SECONDS)[0]
        assert rival.returncode == 1
    assert process.returncode == 0
    assert not (tmp_path / "api.json").exists()

    with running(tmp_path, port) as (_, again):
        assert again == announced
        assert api.get(f"{CUSTOMERS}/C1/ref").json == customer


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process = start(tmp_path, "--port", str(port))

        assert f"Port {port} is in use" in process.communicate(timeout=STOP_SECONDS)[0]
        assert process.returncode == 1
