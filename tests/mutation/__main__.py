"""Would the tests notice? `uv run python -m tests.mutation notes.store shared.etags --sample 20 --seed 7`."""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutation.mutants import mutants

ROOT = Path(__file__).parents[2]
SECONDS = 240
"""A mutant that the tests are not done with by then is noticed: it does not end."""

ROOMS = {
    "auth": ("auth", "every_route"),
    "customers": ("customers", "every_route", "notes"),
    "exports": ("exports", "erasure"),
    "imports": ("imports",),
    "notes": ("notes", "erasure"),
    "orders": ("orders", "erasure"),
    "shared": ("shared", "every_route", "notes", "uploads", "customers"),
    "uploads": ("uploads", "imports"),
}
"""The tests of a room, in the order in which they are run."""


def main() -> int:
    """Print what the tests did not notice, and the score; 1 where anything was not noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="+", help="below functions, `notes.store`")
    parser.add_argument("--sample", type=int, help="so many mutants of each module; all where not said")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    noticed, unnoticed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "copy"
        left_out = shutil.ignore_patterns(".*", "__pycache__", "node_modules")
        shutil.copytree(ROOT, copied, ignore=left_out)
        for module in asked.modules:
            file = copied / "functions" / f"{module.replace('.', '/')}.py"
            source = file.read_text()
            tests = [f"tests/{room}" for room in ROOMS[module.partition(".")[0]]]
            assert _passes(copied, tests), f"the tests of {module} fail without a mutant"
            found = list(mutants(source))
            chosen = random.Random(asked.seed).sample(found, min(asked.sample or len(found), len(found)))
            for what, mutant in chosen:
                file.write_text(mutant)
                if _passes(copied, tests):
                    unnoticed += 1
                    print(f"not noticed: {module}:{what}", flush=True)
                else:
                    noticed += 1
            file.write_text(source)
            print(f"{module}: {len(chosen)} of {len(found)} mutants", flush=True)
    print(f"{noticed} of {noticed + unnoticed} noticed")
    return 1 if unnoticed else 0


def _passes(copied: Path, tests: list[str]) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-n", "0", "-p", "no:randomly", *tests]
    # The environment's own package is the tree that this one is a copy of.
    environment = {**os.environ, "PYTHONPATH": str(copied), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=copied, env=environment, timeout=SECONDS, capture_output=True, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
