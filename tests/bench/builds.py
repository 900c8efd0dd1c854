"""The service's asset and its peers, each built as Lambda would unpack it, for this machine."""

import platform
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uv

from infra.asset.bundling import LAMBDA, ROOT, Target, build_asset, interpreter

PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Build:
    """One way to build the service: where its code lies, and its handlers' modules for create and get."""

    name: str
    path: Path
    create: str
    get: str


def here() -> Target:
    """The runtime's Python on this machine, or where it has none, the Python that runs this."""
    machine = platform.machine()
    system = "apple-darwin" if sys.platform == "darwin" else "manylinux2014"
    known = f"{'aarch64' if machine == 'arm64' else machine}-{system}"
    runtime = Target(LAMBDA.python, known)
    if interpreter(runtime):
        return runtime
    return Target(f"{sys.version_info.major}.{sys.version_info.minor}", known)


def build_all(directory: Path, target: Target) -> Sequence[Build]:
    """The product, the floor (boto3 alone) and the peers, below `directory`."""
    shared = [f"boto3=={_pin('boto3')}", f"botocore=={_pin('botocore')}"]
    pydantic = f"pydantic=={_pin('pydantic')}"
    powertools = f"aws-lambda-powertools=={_pin('aws-lambda-powertools')}"
    asset, floor = directory / "asset", directory / "floor"
    asset.mkdir()
    build_asset(asset, target)
    _install(floor, target, shared)
    (floor / "floor.py").write_text("import boto3\n\nboto3.client('dynamodb')\n")
    _compile(floor, target)
    return (
        Build(
            "customer service",
            asset,
            "functions.customers.create_customer",
            "functions.customers.get_customer",
        ),
        Build("boto3", floor, "floor", "floor"),
        _peer(directory, target, "boto3 and pydantic", "plain", [*shared, pydantic]),
        _peer(directory, target, "Powertools resolver", "resolver", [*shared, pydantic, powertools]),
        _peer(directory, target, "Chalice", "chalice_app", [*shared, pydantic], alone=["chalice"]),
        _peer(
            directory,
            target,
            "FastAPI and Mangum",
            "fastapi_app",
            [*shared, pydantic, *_pins("fastapi", "mangum")],
        ),
    )


def _peer(
    directory: Path,
    target: Target,
    name: str,
    module: str,
    requirements: Sequence[str],
    alone: Sequence[str] = (),
) -> Build:
    path = directory / module
    _install(path, target, requirements)
    if alone:
        # Chalice deploys its runtime alone, not what its command needs.
        _install(path, target, [*_pins(*alone), "--no-deps"])
    for file in (PEERS / "customer.py", PEERS / f"{module}.py"):
        shutil.copy(file, path)
    _compile(path, target)
    return Build(name, path, module, module)


def _compile(path: Path, target: Target) -> None:
    command = [str(interpreter(target)), "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*command, str(path)], check=True)


def _install(path: Path, target: Target, requirements: Sequence[str]) -> None:
    command = [uv.find_uv_bin(), "pip", "install", "--quiet", "--target", str(path)]
    command += ["--python-platform", target.platform, "--python-version", target.python]
    subprocess.run([*command, "--only-binary", ":all:", *requirements], check=True)


def _pin(name: str) -> str:
    (found,) = _pins(name)
    return found.partition("==")[2]


def _pins(*names: str) -> list[str]:
    """The exact requirements that pyproject.toml has of these packages."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = [*project["project"]["dependencies"], *project["dependency-groups"]["bench"]]
    return [pin for name in names for pin in listed if pin.partition("==")[0] == name]
