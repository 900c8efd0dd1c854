"""The asset, built for this machine of the libraries that are installed here, and run with nothing else.

No network, and what is left out of the asset cannot be had from elsewhere.
"""

import importlib.metadata
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from infra import bundling
from infra.bundling import Target, build_asset
from tests.api import Api
from tests.infra.test_requirements import shipped

HERE = Target(python=f"{sys.version_info.major}.{sys.version_info.minor}", platform="here")

PATIENCE_SECONDS = 10

PROGRAM = """
import importlib, json, sys
asset, handler = sys.argv[1:]
sys.path.insert(0, asset)
answers, sys.stdout = sys.stdout, sys.stderr
module = importlib.import_module(f"functions.{handler}")
for event in sys.stdin:
    print(json.dumps(module.handler(json.loads(event), None)), file=answers, flush=True)
"""
"""A function as Lambda runs it: one process, one event after the other; what it logs goes elsewhere."""


def copy_installed_libraries(directory: Path, _target: Target) -> None:
    """What uv would install, from this environment."""
    for name in shipped():
        for file in importlib.metadata.files(name) or ():
            if ".." not in file.parts:
                (directory / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), directory / file)


def build(directory: Path) -> None:
    """Fill `directory` with the asset."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundling, "install_libraries", copy_installed_libraries)
        build_asset(directory, HERE)


@dataclass(frozen=True)
class Functions:
    """The functions of an asset, each in a process of its own that can import nothing but the asset."""

    asset: Path
    environment: Mapping[str, str]
    logs: Path
    """Where each writes what it logs; a pipe that nobody reads would fill and stop it."""
    _running: dict[str, "subprocess.Popen[str]"] = field(default_factory=dict)

    @property
    def started(self) -> set[str]:
        """The handlers that have answered."""
        return set(self._running)

    def call(self, handler: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """What the function of `handler` (`customers.get_customer`) answers."""
        if handler not in self._running:
            command = [sys.executable, "-I", "-S", "-c", PROGRAM, str(self.asset), handler]
            with (self.logs / handler).open("w") as log:
                self._running[handler] = subprocess.Popen(
                    command,
                    env=dict(self.environment),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
        process = self._running[handler]
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{json.dumps(event)}\n")
        process.stdin.flush()
        if not (line := process.stdout.readline()):
            raise AssertionError(f"{handler} ended: {(self.logs / handler).read_text()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """End every process, and by force what does not end when it gets no more events."""
        for process in self._running.values():
            try:
                process.communicate(timeout=PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


@contextmanager
def running(asset: Path, environment: Mapping[str, str]) -> Iterator[Functions]:
    """The functions of an asset, as long as they are needed."""
    with tempfile.TemporaryDirectory() as logs:
        functions = Functions(asset, environment, Path(logs))
        try:
            yield functions
        finally:
            functions.stop()


@dataclass(frozen=True)
class AssetApi(Api):
    """The API as the asset's functions answer it."""

    functions: Functions

    def answered(self, handler: str, event: dict[str, Any]) -> Mapping[str, Any]:
        """What the asset's function answers."""
        return self.functions.call(handler, event)
