"""The local stack, deployed once for the tests of what stands around it."""

from collections.abc import Iterator

import pytest

from infra.local.stack import LocalStack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The running stack, on a free port, with data of its own."""
    with LocalStack(tmp_path_factory.mktemp("emulator"), ephemeral=True) as running:
        yield running
