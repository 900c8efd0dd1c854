"""Workers are fed by what they are to empty or follow, and nothing that fails is lost or blocks the rest."""

import json
from collections import Counter

import pytest

from infra.settings import STAGES
from infra.workers import STREAM_RETRIES, WORKERS, QueueSource, StreamSource, Worker
from tests.infra.templates import Properties, functions, granted_resource, resources, target

ON_QUEUES = [worker for worker in WORKERS if isinstance(worker.source, QueueSource)]
ON_STREAMS = [worker for worker in WORKERS if isinstance(worker.source, StreamSource)]


def source(stage: str, worker: Worker) -> Properties:
    """The event source mapping of a worker's function."""
    (found,) = [
        mapping
        for mapping in resources(stage, "service", "AWS::Lambda::EventSourceMapping").values()
        if target(stage, worker.handler)["Ref"] in str(mapping["FunctionName"])
    ]
    return found


@pytest.mark.parametrize("worker", WORKERS, ids=lambda worker: worker.handler)
def test_a_worker_takes_from_its_source_and_answers_for_each_message(stage: str, worker: Worker) -> None:
    mapping = source(stage, worker)
    assert granted_resource(stage, mapping["EventSourceArn"]) == worker.source.resource
    assert mapping["BatchSize"] == worker.source.batch_size
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("worker", WORKERS, ids=lambda worker: worker.handler)
def test_a_worker_has_the_time_its_source_allows(stage: str, worker: Worker) -> None:
    assert functions(stage)[worker.handler]["Timeout"] == worker.source.timeout.to_seconds()


@pytest.mark.parametrize("worker", ON_QUEUES, ids=lambda worker: worker.handler)
def test_a_flood_in_a_queue_cannot_take_all_of_the_accounts_functions(stage: str, worker: Worker) -> None:
    assert source(stage, worker)["ScalingConfig"] == {"MaximumConcurrency": STAGES[stage].queue_workers}


@pytest.mark.parametrize("worker", ON_STREAMS, ids=lambda worker: worker.handler)
def test_a_record_that_keeps_failing_is_split_off_tried_for_long_and_noted(
    stage: str, worker: Worker
) -> None:
    assert isinstance(worker.source, StreamSource)
    mapping = source(stage, worker)
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["MaximumRetryAttempts"] == STREAM_RETRIES
    destination = mapping["DestinationConfig"]["OnFailure"]["Destination"]
    assert granted_resource(stage, destination) == f"{worker.source.failures}_queue"


def test_no_stream_has_more_readers_than_two() -> None:
    # AWS: two processes at most read one shard of a table's stream; a third one throttles all.
    readers = Counter(worker.source.resource for worker in ON_STREAMS)
    assert max(readers.values()) <= 2


def test_the_erasure_hears_of_deleted_customers_and_of_notes_deleted_at_once_alone(stage: str) -> None:
    (worker,) = (one for one in ON_STREAMS if one.handler == "erasure.erase_customer")
    patterns = [json.loads(one["Pattern"]) for one in source(stage, worker)["FilterCriteria"]["Filters"]]
    there = {"S": [{"exists": True}]}
    assert [one["dynamodb"]["NewImage"] for one in patterns] == [
        {"deletedDate": there},
        {"noteTally": {"M": {"deletedThrough": there}}},
    ]
