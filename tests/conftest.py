"""Every test in this process talks to moto; `tests/deployed` brings MiniStack."""

import os

# The processes that tests start are many: what one has compiled the next need not.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="ap-southeast-2",
    AWS_EC2_METADATA_DISABLED="true",
    POWERTOOLS_SERVICE_NAME="customerservice",
)
os.environ.pop("AWS_ENDPOINT_URL", None)
os.environ.pop("AWS_PROFILE", None)

from infra.queues import QUEUES, STREAM_FAILURES
from infra.tables import TABLES

os.environ.update({f"{table.name.upper()}_TABLE": table.name for table in TABLES})
os.environ.update(
    {
        f"{queue.upper()}_QUEUE_URL": f"https://sqs.ap-southeast-2.amazonaws.com/123456789012/{queue}"
        for queue in (*(queue.name for queue in QUEUES), *STREAM_FAILURES)
    },
    BUS_NAME="customers",
    FILES_BUCKET="files",
)

import io
import signal
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

# Before the functions, whose clients would otherwise go past it.
import moto  # noqa: F401
import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from functions.shared import dynamo
from functions.shared.observe import logger
from tests.account import empty_account
from tests.api import Api
from tests.effort import EFFORT
from tests.quick_moto import make_moto_quick
from tests.strict_dynamodb import refuse_what_dynamodb_refuses

# A shell has what it starts in the background ignore Ctrl-C, and what that starts would too.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine fails no test. Else as Hypothesis has it: the same examples each time where `CI` is set.
settings.register_profile(
    "without a clock",
    settings.default,
    deadline=None,
    max_examples=min(20 * EFFORT, 100),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("without a clock")

dynamo.client.meta.events.register("provide-client-params.dynamodb", refuse_what_dynamodb_refuses)
make_moto_quick(dynamo.client)


GROUPS = {
    "asset": "asset",
    "asset/test_imports.py": "imports",
    "deployed": "deployed",
    "deployed/test_reference_page.py": "page",
    "deployed/test_restore.py": "restore",
    "gate": "synthesis",
    "infra": "synthesis",
    "local/test_guard.py": "local",
    "local/test_presigned.py": "local",
    "local/test_run.py": "run",
    "trust/test_isolation.py": "isolation",
}
"""What shares something that takes long to make, by file or by the rest of a folder."""


@pytest.fixture
def aws() -> Iterator[None]:
    """An empty AWS account with this service's tables, queues and files."""
    with empty_account():
        yield


@pytest.fixture
def api(aws: None) -> Api:
    """The API as tenant `demo`, each request straight to its handler."""
    return Api("demo")


@pytest.fixture
def dynamo_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the DynamoDB calls made so far, as botocore names its methods."""
    calls: list[str] = []
    real = dynamo.call

    def recorded(operation: str, **arguments: Any) -> dict[str, Any]:
        calls.append(operation)
        return real(operation, **arguments)

    monkeypatch.setattr(dynamo, "call", recorded)
    return calls


@pytest.fixture
def dynamo_costs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The DynamoDB calls made so far, each with how many items it read or wrote, filtered ones too."""
    costs: list[tuple[str, int]] = []
    real = dynamo.call

    def recorded(operation: str, **arguments: Any) -> dict[str, Any]:
        answer = real(operation, **arguments)
        batches = arguments.get("RequestItems", {}).values()
        many = [len(batch["Keys"] if isinstance(batch, dict) else batch) for batch in batches]
        single = len(arguments.get("TransactItems", "1"))
        costs.append((operation, answer.get("ScannedCount", sum(many) or single)))
        return answer

    monkeypatch.setattr(dynamo, "call", recorded)
    return costs


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Everything the functions log, as CloudWatch would get it."""
    stream = io.StringIO()
    for handler in logger.handlers:
        monkeypatch.setattr(handler, "stream", stream)
    return stream


def pytest_configure(config: pytest.Config) -> None:
    """Answers on loopback only: a test that reaches further fails."""
    config.option.allow_hosts = "127.0.0.1,localhost,::1"


def group_of(nodeid: str) -> str | None:
    """The group of a test by its id, if it has one."""
    path = nodeid.partition("::")[0].removeprefix("tests/")
    return GROUPS.get(path) or GROUPS.get(path.partition("/")[0])


class Grouped(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Tests of one group run in one process, the others anywhere."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid) or nodeid


WORKERS: dict[str, set[str]] = defaultdict(set)
"""The processes that ran tests of a group."""


def torn() -> list[str]:
    """The groups whose tests ran in several processes."""
    return [group for group, workers in WORKERS.items() if len(workers) > 1]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Notes where a test ran."""
    if (group := group_of(report.nodeid)) and (worker := getattr(report, "node", None)):
        WORKERS[group].add(worker.gateway.id)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fails a run whose groups were torn: each process made anew what takes long to make."""
    if torn():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says what repeats this run's order and its sequences of calls, and which groups were torn."""
    terminalreporter.write_line(f"--randomly-seed={config.getoption('randomly_seed', 'none')}")
    if torn():
        terminalreporter.write_line(f"FAILED: tests of one group ran in several processes: {torn()}")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Grouped:
    """In place of xdist's own groups: it writes them behind a test's id, where pytest 9.2 reads nothing."""
    return Grouped(config, log)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a third of the tests' time is waiting for other processes."""
    return (os.cpu_count() or 1) + 1
