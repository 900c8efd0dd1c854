"""Fixtures for the tests of what is deployed."""

from pathlib import Path

import pytest

from infra.settings import STAGES
from tests.infra.asset import build


@pytest.fixture(params=list(STAGES))
def stage(request: pytest.FixtureRequest) -> str:
    """Each stage in turn."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def asset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The asset, built for this machine."""
    directory = tmp_path_factory.mktemp("asset")
    build(directory)
    return directory
