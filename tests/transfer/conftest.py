"""A tenant, and a client of the API that is served over HTTP."""

from collections.abc import Iterator

import pytest

from infra.tenant_registry import TenantRegistry
from infra.transfer.client import Client
from infra.transfer.credentials import Credentials
from infra.transfer.retries import Retries
from tests.clients import resource
from tests.exports.conftest import work_off
from tests.imports.sending import work
from tests.transfer.s3_over_http import signer
from tests.transfer.served import Served, served


@pytest.fixture
def registry(aws: None) -> TenantRegistry:
    """The tenants of the API."""
    return TenantRegistry(resource("dynamodb").Table("tenants"))


@pytest.fixture
def http_api(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The API over HTTP; what a test has planted must have happened."""
    monkeypatch.setattr("functions.shared.address.API_URL_FORMAT", "http://{host}{path}")
    monkeypatch.setattr("functions.shared.s3.signer", signer)
    with served() as running:
        yield running
        assert not any(running.faults.values()), running.faults


@pytest.fixture
def credentials(http_api: Served, registry: TenantRegistry) -> Credentials:
    """What the tenant `demo` has."""
    given = registry.register("demo")
    return Credentials(http_api.url, given.tenant_id, given.client_id, given.client_secret)


@pytest.fixture
def pauses() -> list[float]:
    """The seconds that a client has waited."""
    return []


@pytest.fixture
def client(credentials: Credentials, pauses: list[float]) -> Iterator[Client]:
    """A client whose pauses take no time."""
    with Client(credentials, Retries(sleep=pauses.append, chance=lambda: 1.0)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits lets the workers work, on one thing at a time: moto is not for threads."""
    monkeypatch.setattr("functions.imports.import_rows.THREADS", 1)
    monkeypatch.setattr("functions.exports.writing.THREADS", 1)

    def both(_seconds: float) -> None:
        work()
        work_off()

    monkeypatch.setattr("infra.transfer.looks.sleep", both)
