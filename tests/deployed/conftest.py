"""The local stage, deployed once for all tests over HTTP, with IAM enforced: a missing grant fails them."""

from collections.abc import Iterator

import pytest

from infra.local.stack import LocalStack
from infra.tenant_registry import Credentials
from tests.deployed.http_api import HttpApi

TOKEN_SECONDS = 3600


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The running stack, on a free port, with data of its own."""
    with LocalStack(tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture(scope="session")
def demo(stack: LocalStack) -> Credentials:
    """The credentials of the tenant `demo`."""
    return stack.tenants.register("demo")


@pytest.fixture(scope="session")
def api(stack: LocalStack, demo: Credentials) -> HttpApi:
    """The API as the tenant `demo`."""
    return _api(stack, demo)


@pytest.fixture(scope="session")
def other_api(stack: LocalStack) -> HttpApi:
    """The API as another tenant."""
    return _api(stack, stack.tenants.register("other"))


def _api(stack: LocalStack, credentials: Credentials) -> HttpApi:
    tenant = credentials.tenant_id
    return HttpApi(tenant, stack.url, stack.tenants.issue_token(tenant, seconds=TOKEN_SECONDS))
