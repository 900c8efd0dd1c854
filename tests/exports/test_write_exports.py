"""The worker of exports: what comes twice, dies in between, or is deleted meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from functions.erasure import erase_customer
from functions.exports import write_exports, writing
from functions.shared import dynamo, s3, sqs
from tests import files
from tests.account import empty_account
from tests.api import CUSTOMERS, Api
from tests.clients import client
from tests.effort import EFFORT
from tests.exports.conftest import begun, id_of, stored, work_off
from tests.faults import KilledError
from tests.queues import deliver, messages_in
from tests.streams import records

ONE_CLOCK = timedelta(0)
"""No allowance for clocks: one makes all dates of a test."""


def customers_in(export: dict[str, Any]) -> list[str]:
    """The ids in the files of an export that can be read."""
    keys = [files.key_of(file["url"]) for file in export["files"] if "url" in file]
    return [one["id"] for key in keys for one in files.lines(files.content(key))]


def delete(api: Api, number: int) -> None:
    assert api.delete(f"{CUSTOMERS}/{id_of(number)}").status == 204


def erase(said: list[Any]) -> None:
    """Hand the stream's new records to the worker that erases; `said` are those it has had."""
    new = records()[len(said) :]
    said += new
    if new:
        assert erase_customer.handler({"Records": new}, None) == {"batchItemFailures": []}


def mortal(monkeypatch: pytest.MonkeyPatch, lives: Callable[[], bool]) -> None:
    """Have the worker die before or after any call of AWS at which `lives` says so."""
    for module in (dynamo, s3, sqs):
        real = module.call

        def call(*asked: Any, real: Any = real, **arguments: Any) -> Any:
            if not lives():
                raise KilledError
            answer = real(*asked, **arguments)
            if not lives():
                raise KilledError
            return answer

        monkeypatch.setattr(module, "call", call)


def deliver_to_a_mortal() -> bool:
    """Hand over all that waits, each to a worker of its own; whether there was any."""
    waiting = messages_in("exports")
    for record in waiting:
        try:
            answer = write_exports.handler({"Records": [record]}, None)
        except KilledError:
            continue
        if not answer["batchItemFailures"]:
            client("sqs").delete_message(QueueUrl=queue_url(), ReceiptHandle=record["receiptHandle"])
    return bool(waiting)


def queue_url() -> str:
    return str(client("sqs").get_queue_url(QueueName="exports")["QueueUrl"])


@settings(max_examples=3 * EFFORT, phases=[Phase.reuse, Phase.generate])
@given(
    numbers=st.sets(st.integers(0, 40), min_size=1),
    deaths=st.lists(st.integers(1, 40), max_size=12),
    gone=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 60)), max_size=6),
    twice=st.sets(st.integers(0, 15)),
)
def test_whoever_is_there_all_the_while_is_in_an_export_once_and_nobody_deleted_is(
    numbers: set[int], deaths: list[int], gone: list[tuple[int, int]], twice: set[int]
) -> None:
    with empty_account(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "BATCH", 2)
        patch.setattr(writing, "MAX_CUSTOMERS", 5)
        api, said = Api("demo"), list[Any]()
        for number in numbers:
            # All in one or two buckets, for parts that follow one another.
            stored(16 * number + number % 2)
        of = {number: 16 * number + number % 2 for number in numbers}
        url = begun(api)
        waiting = messages_in("exports")
        for at in sorted(twice):
            client("sqs").send_message(QueueUrl=queue_url(), MessageBody=waiting[at]["body"])
        calls, left, deleted = [0], sorted(deaths, reverse=True), set[int]()
        plan = sorted(gone, key=lambda one: one[1])

        def lives() -> bool:
            calls[0] += 1
            if left and calls[0] >= left[-1]:
                left.pop()
                calls[0] = 0
                return False
            return True

        with patch.context() as during:
            mortal(during, lives)
            rounds = 0
            while deliver_to_a_mortal():
                rounds += 1
                with pytest.MonkeyPatch.context() as alive:
                    for module, call in REAL.items():
                        alive.setattr(module, "call", call)
                    for number, when in list(plan):
                        if when <= 4 * rounds and number in numbers and number not in deleted:
                            delete(api, of[number])
                            deleted.add(number)
                    if rounds % 2:
                        erase(said)
        erase(said)
        work_off()

        export = api.get(url).json
        assert export["status"] == "completed"
        found = customers_in(export)

    withheld = sum(file["customers"] for file in export["files"] if "url" not in file)
    assert len(found) == len(set(found))
    assert set(found) <= {id_of(of[number]) for number in numbers - deleted}
    assert len(found) + withheld >= len(numbers - deleted)
    if not withheld:
        assert set(found) == {id_of(of[number]) for number in numbers - deleted}


REAL = {module: module.call for module in (dynamo, s3, sqs)}


@pytest.fixture
def said(api: Api) -> list[Any]:
    """The records of the stream that the worker has had."""
    return []


def url_date(api: Api, url: str) -> str:
    """When an export was complete."""
    return str(api.get(url).json["completedDate"])


def completed(api: Api, **body: Any) -> str:
    url = begun(api, **body)
    work_off()
    return url


def test_a_customer_deleted_while_an_export_runs_is_in_none_of_its_files(api: Api, said: list[Any]) -> None:
    for number in (0, 16, 32):
        stored(number)
    url = begun(api)
    deliver("exports", write_exports.handler, most=1)
    before = files.keys()
    assert len(before) == 1
    delete(api, 16)
    erase(said)
    work_off()

    export = api.get(url).json
    assert customers_in(export) == [id_of(0), id_of(32)]
    assert export["customers"] == 2
    assert files.keys().isdisjoint(before)


def test_of_a_completed_export_the_file_of_a_deleted_customer_is_deleted(api: Api, said: list[Any]) -> None:
    for number in (0, 16, 1):
        stored(number)
    url = completed(api)
    delete(api, 16)
    erase(said)

    first, second = api.get(url).json["files"]
    assert "url" not in first
    assert first["deletedDate"] >= url_date(api, url)
    assert customers_in(api.get(url).json) == [id_of(1)]
    assert len(files.keys()) == 1
    assert (first["customers"], second["customers"]) == (2, 1)
    assert "deletedDate" not in second


def test_an_export_keeps_its_files_when_a_later_customer_is_deleted(
    api: Api, said: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(0)
    url = completed(api)
    monkeypatch.setattr("functions.exports.export.CLOCKS", ONE_CLOCK)
    later = api.create()
    api.delete(f"{CUSTOMERS}/{later['id']}")
    erase(said)
    assert customers_in(api.get(url).json) == [id_of(0)]


def test_an_export_of_after_a_deletion_keeps_its_files_when_the_deletion_is_heard_late(
    api: Api, said: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(0)
    stored(16)
    delete(api, 16)
    url = completed(api)
    monkeypatch.setattr("functions.exports.export.CLOCKS", ONE_CLOCK)
    erase(said)
    assert customers_in(api.get(url).json) == [id_of(0)]


def test_a_deletion_is_heard_twice_without_harm(api: Api, said: list[Any]) -> None:
    stored(0)
    url = completed(api)
    delete(api, 0)
    erase(said)
    erase([])
    assert files.keys() == set()
    assert "url" not in api.get(url).json["files"][0]


def test_a_deletion_cut_off_before_the_file_was_deleted_is_done_when_it_is_heard_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(0)
    url = completed(api)
    delete(api, 0)

    def cut_off(*_: Any, **__: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(s3, "call", cut_off)
        answer = erase_customer.handler({"Records": records()}, None)
        assert len(answer["batchItemFailures"]) == 1
    assert "url" not in api.get(url).json["files"][0]

    erase([])
    assert files.keys() == set()


def test_another_tenants_export_is_nobody_elses_concern(api: Api, said: list[Any]) -> None:
    stored(0)
    Api("other").create()
    url = completed(Api("other"))
    delete(api, 0)
    erase(said)
    assert "url" in Api("other").get(url).json["files"][0]
