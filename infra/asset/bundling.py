"""The deployable asset, made without Docker: the functions, their libraries, compiled where possible."""

import hashlib
import shutil
import subprocess
import sys
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jsii
import uv
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from infra.asset import core_schemas, trimming
from infra.settings import Stage

ROOT = Path(__file__).parent.parent.parent
FUNCTIONS = ROOT / "functions"
REQUIREMENTS = FUNCTIONS / "requirements.txt"

LAMBDA_ROOT = "/var/task"
"""Where Lambda puts the asset; compiled code carries it, so traces name the file as it is there."""


@dataclass(frozen=True)
class Target:
    """What the asset runs on: Python's minor version, and uv's name of the platform."""

    python: str
    platform: str


LAMBDA = Target(python="3.14", platform="aarch64-manylinux2014")


class BundlingError(Exception):
    """The asset could not be made; says what uv said."""


def function_code(stage: Stage) -> lambda_.Code:
    """The one asset of all functions of `stage`. On an emulated stage without their libraries.

    The same commit makes the same asset hash wherever it is built: on a durable stage the code is compiled,
    or not built at all.
    """
    target = None if stage.emulated else LAMBDA
    return lambda_.Code.from_asset(
        str(FUNCTIONS),
        asset_hash_type=AssetHashType.CUSTOM,
        asset_hash=content_hash(target, compiled=stage.durable or _can_compile(target)),
        bundling=BundlingOptions(
            # CDK wants an image for where the local bundling declines; ours never does.
            image=DockerImage.from_registry("unused"),
            local=_WithoutDocker(target, must_compile=stage.durable),
        ),
    )


def build_asset(directory: Path, target: Target | None, *, must_compile: bool = False) -> None:
    """Fill `directory` with what Lambda unpacks; without a target, without the libraries.

    Raises BundlingError when the libraries cannot be had, or pydantic is here in another version than ships,
    and with `must_compile` when the target's Python cannot be had; UnshippedFunctionError.
    """
    if target and must_compile and not _can_compile(target):
        raise BundlingError(
            f"There is no Python {target.python} here to compile the functions with, and a durable stage "
            f"takes nothing less. Get it with: python3 -m uv python install {target.python}"
        )
    _require_shipped_pydantic()
    if target:
        install_libraries(directory, target)
        trimming.trim(directory)
    for source in _sources(ROOT):
        copy = directory / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    core_schemas.put_schemas(directory)
    if target:
        _compile(directory, target)


def _sources(root: Path) -> list[Path]:
    """The code of the functions that ships; the reference has an asset of its own."""
    functions = root / FUNCTIONS.relative_to(ROOT)
    return sorted(path for path in functions.rglob("*.py") if path.parent != functions / "reference")


@jsii.implements(ILocalBundling)
class _WithoutDocker:
    def __init__(self, target: Target | None, *, must_compile: bool) -> None:
        self._target = target
        self._must_compile = must_compile

    def try_bundle(self, output_dir: str, *_args: Any, **_kwargs: Any) -> bool:
        build_asset(Path(output_dir), self._target, must_compile=self._must_compile)
        return True


def content_hash(target: Target | None, *, compiled: bool, root: Path = ROOT) -> str:
    """Changes with whatever goes into the asset, and with nothing else, also not with where `root` is."""
    digest = hashlib.sha256(repr((target, compiled)).encode())
    makers, requirements = (root / path.relative_to(ROOT) for path in (Path(__file__).parent, REQUIREMENTS))
    for path in (*_sources(root), *sorted(makers.glob("*.py")), requirements):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def install_libraries(directory: Path, target: Target) -> None:
    """The pinned libraries, from uv's cache where it has them. Raises BundlingError."""
    command = [
        uv.find_uv_bin(),
        "pip",
        "install",
        "--quiet",
        "--target",
        str(directory),
        "--python-platform",
        target.platform,
        "--python-version",
        target.python,
        # A copy, for what follows edits files: a link would edit the cache with them.
        "--link-mode",
        "copy",
        "--only-binary",
        ":all:",
        "--require-hashes",
        "--requirements",
        str(REQUIREMENTS),
    ]
    if subprocess.run([*command, "--offline"], capture_output=True, check=False).returncode == 0:
        return
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BundlingError(f"The functions' libraries could not be installed:\n{done.stderr}")


def _require_shipped_pydantic() -> None:
    """Raises BundlingError where the schemas would be made by another pydantic than that which reads them."""
    shipped = REQUIREMENTS.read_text()
    for name in ("pydantic", "pydantic-core"):
        here = version(name)
        if f"{name}=={here} " not in shipped:
            raise BundlingError(f"{name} {here} is installed here and {REQUIREMENTS.name} ships another")


def _compile(directory: Path, target: Target) -> None:
    """Compile everything, so that no cold start has to.

    The files of a Lambda package are dated 1980 and read-only, so the compiled code must be
    trusted without a look at its source (PEP 552, unchecked hash).
    """
    python = interpreter(target)
    if python is None:
        warnings.warn(
            f"There is no Python {target.python} here to compile the functions with: "
            "every cold start will compile them, which makes it two to three times as long.",
            stacklevel=2,
        )
        return
    subprocess.run(
        [
            python,
            "-m",
            "compileall",
            "-q",
            "--invalidation-mode",
            "unchecked-hash",
            "-s",
            str(directory),
            "-p",
            LAMBDA_ROOT,
            str(directory),
        ],
        check=True,
    )


def _can_compile(target: Target | None) -> bool:
    return bool(target and interpreter(target))


def interpreter(target: Target) -> str | None:
    """A Python of the target's minor version that is on this machine already."""
    if target.python == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = subprocess.run(
        [uv.find_uv_bin(), "python", "find", "--no-python-downloads", target.python],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() if found.returncode == 0 else None
