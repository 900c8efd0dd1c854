"""Every fault at every call of every endpoint and worker: the answer is true, the repeat ends well."""

import contextlib
import io
import itertools
import json
import random

import pytest

from functions.imports import import_rows, progress
from infra.queues import GIVEN_UP
from infra.routes import AUTHORIZER, ENDPOINTS, Endpoint
from infra.workers import WORKERS, Worker
from tests import queues
from tests.api import Api, Reply
from tests.effort import EFFORT
from tests.faults import FAULTS, Fault, Faults, KilledError, faults
from tests.invariants import assert_invariants, contents
from tests.trust.file_scenarios import EVERY_SCENARIO, PARTS_FROM
from tests.trust.scenarios import Ask, Prepare
from tests.trust.state import states

__all__ = ["faults"]

PERSONAL = ("@example.com", "0499 887", "99887766", "Lee", "Home", "Bearer")
"""What all values of the scenarios have in them, and nothing else has: no id by chance."""

MOST = EFFORT
"""Faults of a scenario in one run, chosen by its seed; a nightly run has them all."""

TRY_AGAIN = {409, 429, 503}
CASES = [(handler, name) for handler, scenarios in EVERY_SCENARIO.items() for name in scenarios]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_rows, "THREADS", 1)
    monkeypatch.setattr(progress, "MULTIPART_BYTES", PARTS_FROM)


def test_every_endpoint_and_worker_that_calls_aws_has_a_scenario() -> None:
    functions: tuple[Endpoint | Worker, ...] = (*ENDPOINTS, AUTHORIZER, *WORKERS)
    assert EVERY_SCENARIO.keys() == {one.handler for one in functions if one.grants}


@pytest.mark.parametrize(("handler", "name"), CASES)
def test_whatever_fails_the_answer_is_true_and_the_repeat_ends_well(
    aws: None, faults: Faults, log: io.StringIO, handler: str, name: str
) -> None:
    prepare = EVERY_SCENARIO[handler][name]
    _run(prepare, Api("undisturbed"), faults)
    operations = faults.operations
    assert operations
    disturbed: dict[str, str] = {}
    cases = [
        (fault, at, operation)
        for fault, (at, operation) in itertools.product(FAULTS, enumerate(operations, 1))
        if fault.of is None or operation in fault.of
    ]
    for fault, at, operation in random.sample(cases, len(cases)):
        if len(disturbed) == MOST:
            break
        tenant = f"{fault.name.replace(' ', '-')}-{at}"
        _run(prepare, Api(tenant), faults, fault, at)
        if faults.happened:
            disturbed[tenant] = f"{fault} at call {at}, {operation}"

    assert disturbed
    found = contents()
    after = states(found)

    for tenant, where in disturbed.items():
        assert after.get(tenant) == after.get("undisturbed"), where
    assert_invariants(found)
    # Whatever was done and whatever failed, no value of anybody's was logged or left with the dead letters.
    dead = [json.dumps(queues.messages_in(queue)) for queue in GIVEN_UP]
    assert log.getvalue()
    for value in PERSONAL:
        assert value not in "".join([log.getvalue(), *dead])


def _run(prepare: Prepare, api: Api, faults: Faults, fault: Fault | None = None, at: int = 0) -> None:
    """A run with a fault, and its repeat without."""
    asked = prepare(api)
    disturbance, where = faults.armed(fault, at), f"{fault} at call {at}"
    if isinstance(asked, Ask):
        reply: Reply | None = None
        with disturbance, contextlib.suppress(KilledError):
            reply = asked.send(api)
        if reply is not None and reply.status >= 300:
            assert reply.status in TRY_AGAIN, f"{where}: {reply.text}"
            assert "retry-after" in reply.headers, where
            assert not [value for value in PERSONAL if value in reply.text], where
        repeat = asked.send(api)
        assert repeat.status < 300 or repeat.status in asked.again, f"repeat after {where}: {repeat.text}"
        return
    left = asked.records
    with disturbance, contextlib.suppress(KilledError):
        left = asked.deliver(asked.records)
    if left:
        assert asked.deliver(left) == [], f"left after {where}"
    # At least once: all of it may come again.
    assert asked.deliver(asked.records) == [], f"again after {where}"
