"""The asset, built once for all tests of it."""

from pathlib import Path

import pytest

from tests.asset.built import build


@pytest.fixture(scope="session")
def asset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The asset, built for this machine."""
    directory = tmp_path_factory.mktemp("asset")
    build(directory)
    return directory
