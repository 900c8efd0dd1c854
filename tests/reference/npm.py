"""Packages of npm that some tests use, where they are installed; without them those tests are skipped."""

from pathlib import Path

import pytest

from infra.local.assembly import ROOT

INSTALLED = ROOT / ".local" / "npm" / "node_modules"

HOW = (
    "needs packages of npm: mkdir -p .local/npm && cp tests/reference/package.json .local/npm && "
    "python3 -m uv run npm install --prefix .local/npm --no-package-lock --ignore-scripts"
)


def npm_file(path: str) -> Path:
    """A file of an installed package. Skips the test, and says how to have it, where it is not there."""
    file = INSTALLED / path
    if not file.exists():
        pytest.skip(HOW)
    return file
