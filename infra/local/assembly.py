"""The synthesized stacks of the local stage, kept until their sources change: jsii takes seconds to start."""

import fcntl
import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]

KEPT = 4
"""How many assemblies stay; several runs may be at work with different sources."""


class SynthesisError(Exception):
    """The app could not be synthesized; says what it printed."""


def synthesized(stage: str, cache: Path, **context: object) -> Path:
    """The cloud assembly of `stage`, from `cache` if these very sources were synthesized before.

    `context` is added to that of cdk.json, which only the CDK's command reads by itself.
    Raises SynthesisError.
    """
    settings = json.loads((ROOT / "cdk.json").read_text())["context"] | {"stage": stage} | context
    assembly = cache / f"{stage}-{_sources_hash(settings)}"
    if not assembly.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache), tempfile.TemporaryDirectory(dir=cache) as scratch:
            # Unless another run has made it meanwhile.
            if not assembly.exists():
                fresh = Path(scratch) / "assembly"
                _synthesize(fresh, settings)
                fresh.rename(assembly)
                _prune(cache, stage)
    return assembly


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Wait for other runs that synthesize into `cache`, and have them wait."""
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sources_hash(settings: dict[str, object]) -> str:
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    digest.update(importlib.metadata.version("aws-cdk-lib").encode())
    for path in sorted(
        path
        for folder in (ROOT / "infra", ROOT / "functions", ROOT / ".github" / "guides")
        for path in folder.rglob("*.*")
        if path.is_file() and "__pycache__" not in path.parts
    ):
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _synthesize(directory: Path, settings: dict[str, object]) -> None:
    environment = os.environ | {
        # jsii runs the first `node` it finds; the one beside this interpreter is of the right version.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "CDK_OUTDIR": str(directory),
        "CDK_CONTEXT_JSON": json.dumps(settings),
    }
    done = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SynthesisError(f"The stacks could not be synthesized:\n{done.stdout}{done.stderr}")


def _prune(cache: Path, stage: str) -> None:
    newest_first = sorted(cache.glob(f"{stage}-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for stale in newest_first[KEPT:]:
        shutil.rmtree(stale, ignore_errors=True)
