"""Whatever happens on the way, an import ends in one result a row."""

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from functions.imports import import_rows, ranges
from functions.shared import aws, dynamo
from functions.shared.errors import UnavailableError
from functions.uploads import chunking
from infra.queues import IMPORTS as QUEUE
from tests.account import empty_account
from tests.api import CUSTOMERS, Api
from tests.effort import EFFORT
from tests.faults import KilledError
from tests.files import put_file, tell_of
from tests.imports.sending import announced, failed_rows, imported, results, sent, work
from tests.queues import deliver, messages_in

REAL = aws.call
COUNTS = ("created", "updated", "unchanged", "failed")
ROWS = 12
STEP = max(1, 32 // EFFORT)
"""From one call that fails to the next, the first chosen by the run's seed; a nightly run has them all."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows in a range, fewer in a chunk: the same steps with fewer rows."""
    monkeypatch.setattr(ranges, "RANGE_BYTES", 100)
    monkeypatch.setattr(chunking, "MAX_CHUNK_ROWS", 2)


def file_of(tag: str) -> str:
    """Twelve rows, of which 3 is not valid, 7 repeats row 6, 10 has a value that is taken."""
    rows = [f"{tag}{number}@example.com,{tag}{number}" for number in range(1, ROWS + 1)]
    rows[2] = "nobody,x"
    rows[6] = f"{tag}6@example.com,{tag}7"
    rows[9] = f"taken@example.com,{tag}10"
    return "\n".join(["email,customerRef", *rows])


def assert_one_result_a_row(api: Api, report: dict[str, Any], tag: str) -> None:
    assert report["state"] == "completed", report
    assert (report["received"], report["created"], report["failed"]) == (ROWS, 9, 3)
    told = results(report)
    assert [one["row"] for one in told] == list(range(1, ROWS + 1))
    assert [one["row"] for one in told if one["status"] == "failed"] == [3, 7, 10]
    assert [row[0] for row in failed_rows(report)[1:]] == ["3", "7", "10"]
    for number in range(1, ROWS + 1):
        found = api.get(f"{CUSTOMERS}/{tag}{number}/ref").status
        assert found == (404 if number in {3, 7, 10} else 200), number


def failing_at(failing: int, kind: str) -> Callable[..., Any]:
    """A stand-in for `aws.call` that fails at one call, before it or after it was carried out."""
    counter = itertools.count(1)

    def call(made: Any, operation: str, **arguments: Any) -> Any:
        if next(counter) != failing:
            return REAL(made, operation, **arguments)
        if kind == "killed before":
            raise KilledError
        if kind == "unavailable":
            raise UnavailableError
        REAL(made, operation, **arguments)
        raise KilledError

    call.reached = lambda: next(counter) > failing  # type: ignore[attr-defined]
    return call


@pytest.mark.parametrize("partial", [True, False])
@pytest.mark.parametrize("kind", ["killed before", "killed after", "unavailable"])
def test_a_fault_at_every_so_many_calls_loses_nothing_and_counts_nothing_twice(
    api: Api, monkeypatch: pytest.MonkeyPatch, kind: str, partial: bool
) -> None:
    api.create(email="taken@example.com")
    for failing in itertools.count(random.randint(1, STEP), STEP):
        tag = f"f{failing}-"
        text = file_of(tag) if partial else file_of(tag).replace("nobody,x", f"{tag}3@example.com,{tag}3")
        url = sent(api, text, partial=partial)
        call = failing_at(failing, kind)
        with monkeypatch.context() as patch:
            patch.setattr(aws, "call", call)
            while messages_in("imports"):
                try:
                    deliver("imports", import_rows.handler)
                except KilledError:
                    break
        work()
        if not call.reached():  # type: ignore[attr-defined]
            break
        report = api.get(url).json
        if partial:
            assert_one_result_a_row(api, report, tag)
        else:
            assert (report["state"], report["created"], report["failed"]) == ("completed", 10, 2)
            assert len(results(report)) == ROWS
    assert failing > 30


def test_every_message_may_come_again_and_in_any_order(api: Api) -> None:
    api.create(email="taken@example.com")
    url = sent(api, file_of("a"))
    seen: list[dict[str, Any]] = []
    while waiting := messages_in("imports"):
        seen += waiting
        deliver("imports", import_rows.handler)
    first = api.get(url).json

    assert import_rows.handler({"Records": seen[::-1]}, None) == {"batchItemFailures": []}
    work()

    second = api.get(url).json
    assert {name: first[name] for name in COUNTS} == {name: second[name] for name in COUNTS}
    assert_one_result_a_row(api, second, "a")


def test_a_range_whose_time_is_up_goes_on_later(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_rows, "SLICE_SECONDS", -1)
    monkeypatch.setattr(ranges, "RANGE_BYTES", 10_000)
    api.create(email="taken@example.com")
    rounds = 0
    url = sent(api, file_of("a"))
    while messages_in("imports") and rounds < 100:
        deliver("imports", import_rows.handler)
        rounds += 1

    assert rounds > 6
    assert_one_result_a_row(api, api.get(url).json, "a")


def test_two_workers_at_one_range_end_in_one_result(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.create(email="taken@example.com")
    for before in itertools.count(1 + random.randint(1, STEP), STEP):
        tag = f"b{before}-"
        url = sent(api, file_of(tag))
        deliver("imports", import_rows.handler)
        deliver("imports", import_rows.handler)
        event = {"Records": messages_in("imports")}
        counter = itertools.count(1)

        def call(made: Any, operation: str, counter: Iterator[int] = counter, **arguments: Any) -> Any:
            if next(counter) == before:  # noqa: B023  the loop waits for the call
                with monkeypatch.context() as alone:
                    alone.setattr(aws, "call", REAL)
                    import_rows.handler(event, None)  # noqa: B023
            return REAL(made, operation, **arguments)

        with monkeypatch.context() as patch:
            patch.setattr(aws, "call", call)
            assert import_rows.handler(event, None) == {"batchItemFailures": []}
        work()
        assert_one_result_a_row(api, api.get(url).json, tag)
        if next(counter) <= before:
            break
    assert before > 20


def test_what_has_begun_when_an_import_is_cancelled_is_finished_and_counted(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.create(email="taken@example.com")
    url = sent(api, file_of("a"))
    deliver("imports", import_rows.handler)
    deliver("imports", import_rows.handler)
    monkeypatch.setattr(import_rows, "SLICE_SECONDS", -1)
    deliver("imports", import_rows.handler, most=1)

    assert api.delete(url).json["state"] == "cancelled"
    work()

    report = api.get(url).json
    there = [n for n in range(1, ROWS + 1) if api.get(f"{CUSTOMERS}/a{n}/ref").status == 200]
    assert report["state"] == "cancelled"
    assert 0 < len(there) == report["created"] < 9
    assert len(results(report)) == report["created"] + report["failed"]


def test_a_file_that_is_replaced_while_it_is_imported_ends_the_import(api: Api) -> None:
    one = announced(api, file_of("a").encode())
    key = one["upload"]["fields"]["key"]
    url = sent_again(api, one, key)

    report = api.get(url).json
    assert report["state"] == "failed"
    assert "replaced" in report["reason"]


def sent_again(api: Api, one: dict[str, Any], key: str) -> str:
    """Another file comes between the news of the first and its reading."""
    put_file(key, file_of("a").encode())
    deliver("imports", import_rows.handler)
    put_file(key, file_of("b").encode())
    work()
    return f"/services/customerservice/api/v2/imports/{one['importId']}"


def test_news_of_what_is_no_imports_file_is_no_work(api: Api) -> None:
    tell_of("imports/demo/x/results/000001.jsonl", 1, "e")
    tell_of("imports/demo/5b0c1c1e-0f6e-4f2e-8f0e-7c0d1a2b3c4d/file", 1, "e")

    work()

    assert messages_in(QUEUE.name) == []


TABLES = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["", "x", "y"]), st.sampled_from(["", "Ann", "Bob"])),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=4 * EFFORT,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(TABLES, st.sampled_from(["create", "update", "upsert"]))
def test_a_dry_run_of_rows_that_one_worker_has_is_a_real_run(
    monkeypatch: pytest.MonkeyPatch, rows: list[tuple[str, str, str]], mode: str
) -> None:
    monkeypatch.setattr(ranges, "RANGE_BYTES", 10_000)
    monkeypatch.setattr(chunking, "MAX_CHUNK_ROWS", 96)
    text = "\n".join(
        ["email,customerRef,firstName", *(f"{one}@example.com,{ref},{name}" for one, ref, name in rows)]
    )
    with empty_account():
        api = Api("demo")
        api.create(email="a@example.com", customerRef="x")
        dry = imported(api, text, mode=mode, dryRun=True)
        before = dynamo.call("scan", TableName="customers", ConsistentRead=True)["Items"]
        real = imported(api, text, mode=mode)

    assert len(before) == 1
    assert {name: dry[name] for name in COUNTS} == {name: real[name] for name in COUNTS}
