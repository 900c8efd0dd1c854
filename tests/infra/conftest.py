"""Fixtures for the tests of what is deployed."""

import pytest

from infra.settings import STAGES


@pytest.fixture(params=list(STAGES))
def stage(request: pytest.FixtureRequest) -> str:
    """Each stage in turn."""
    name: str = request.param
    return name
