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

from infra.asset import bundling
from infra.asset.bundling import Target, build_asset
from tests.api import Api
from tests.asset.test_requirements import shipped

HERE = Target(python=f"{sys.version_info.major}.{sys.version_info.minor}", platform="here")

PROGRAM = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
answers, sys.stdout = sys.stdout, sys.stderr
for line in sys.stdin:
    handler, event = json.loads(line)
    module = importlib.import_module(f"functions.{handler}")
    print(json.dumps(module.handler(event, None)), file=answers, flush=True)
"""
"""The functions, one event after the other; what they log goes elsewhere."""


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
    """The functions of an asset, in a process that can import nothing but the asset."""

    process: "subprocess.Popen[str]"
    log: Path
    """Where they log; a pipe that nobody reads would fill and stop them."""
    answered: set[str] = field(default_factory=set)
    """The handlers that have answered."""

    def call(self, handler: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """What the function of `handler` (`customers.get_customer`) answers."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{json.dumps([handler, event])}\n")
        self.process.stdin.flush()
        if not (line := self.process.stdout.readline()):
            raise AssertionError(f"{handler} ended: {self.log.read_text()}")
        self.answered.add(handler)
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def running(asset: Path, environment: Mapping[str, str]) -> Iterator[Functions]:
    """The functions of an asset, as long as they are needed."""
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, str(asset)]
    with tempfile.NamedTemporaryFile("w") as log:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield Functions(process, Path(log.name))
        finally:
            process.kill()
            process.communicate()


@dataclass(frozen=True)
class AssetApi(Api):
    """The API as the asset's functions answer it."""

    functions: Functions

    def answered(self, handler: str, event: dict[str, Any]) -> Mapping[str, Any]:
        """What the asset's function answers."""
        return self.functions.call(handler, event)
