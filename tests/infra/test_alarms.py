"""What goes wrong on a deployed stage wakes somebody."""

import pytest

from infra.queues import GIVEN_UP
from infra.routes import AUTHORIZER
from infra.tables import TABLES
from infra.workers import WORKERS, StreamSource
from tests.infra.templates import Properties, functions, granted_resource, resources

pytestmark = pytest.mark.parametrize("stage", ["prod"])


def alarms(stage: str) -> list[Properties]:
    """Every alarm."""
    return list(resources(stage, "service", "AWS::CloudWatch::Alarm").values())


def watched_functions(stage: str, metric: str) -> set[str]:
    """The handlers whose metric has an alarm."""
    ids = {
        name: function["Handler"]
        for name, function in resources(stage, "service", "AWS::Lambda::Function").items()
    }
    handlers = {
        ids[alarm["Dimensions"][0]["Value"]["Ref"]]
        for alarm in alarms(stage)
        if alarm.get("MetricName") == metric
    }
    return {handler.removeprefix("functions.").removesuffix(".handler") for handler in handlers}


def test_every_function_that_fails_is_noticed_save_the_authorizer_which_raises_to_say_401(stage: str) -> None:
    assert watched_functions(stage, "Errors") == functions(stage).keys() - {AUTHORIZER.handler}


def test_every_function_that_is_throttled_is_noticed(stage: str) -> None:
    assert watched_functions(stage, "Throttles") == functions(stage).keys()


def test_faults_and_slowness_of_the_api_are_noticed(stage: str) -> None:
    watched = {
        (alarm.get("MetricName"), alarm.get("Statistic") or alarm.get("ExtendedStatistic"))
        for alarm in alarms(stage)
        if alarm.get("Namespace") == "AWS/ApiGateway"
    }
    assert watched == {("5XXError", "Sum"), ("Latency", "p99")}


def test_every_table_and_index_that_throttles_is_noticed(stage: str) -> None:
    watched = {
        tuple(
            value if isinstance(value, str) else granted_resource(stage, value)
            for value in sorted(
                (one["Value"] for one in alarm["Dimensions"]), key=lambda one: isinstance(one, str)
            )
        )
        for alarm in alarms(stage)
        if alarm.get("MetricName") == "WriteThrottleEvents"
    }
    tables = {(table.name,) for table in TABLES}
    assert watched == tables | {(table.name, index.name) for table in TABLES for index in table.indexes}
    reads = [alarm for alarm in alarms(stage) if alarm.get("MetricName") == "ReadThrottleEvents"]
    assert len(reads) == len(TABLES)


def test_cloudwatch_may_publish_to_the_topic(stage: str) -> None:
    ((topic_id, _),) = resources(stage, "service", "AWS::SNS::Topic").items()
    (policy,) = resources(stage, "service", "AWS::SNS::TopicPolicy").values()
    assert policy["Topics"] == [{"Ref": topic_id}]
    allowed = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]
    assert [(one["Principal"], one["Action"]) for one in allowed] == [
        ({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish")
    ]


def test_every_alarm_tells_the_one_topic_which_is_encrypted(stage: str) -> None:
    ((topic_id, topic),) = resources(stage, "service", "AWS::SNS::Topic").items()
    assert "KmsMasterKeyId" in topic
    for alarm in alarms(stage):
        assert alarm["AlarmActions"] == [{"Ref": topic_id}], alarm["AlarmDescription"]


def test_cloudwatch_may_use_the_topics_key(stage: str) -> None:
    (key,) = resources(stage, "service", "AWS::KMS::Key").values()
    assert key["EnableKeyRotation"] is True
    principals = [statement["Principal"] for statement in key["KeyPolicy"]["Statement"]]
    assert {"Service": "cloudwatch.amazonaws.com"} in principals


def test_silence_is_no_alarm(stage: str) -> None:
    assert {alarm["TreatMissingData"] for alarm in alarms(stage)} == {"notBreaching"}


def test_whatever_was_given_up_wakes_somebody_at_once(stage: str) -> None:
    watched = {
        granted_resource(stage, dimension["Value"])
        for alarm in alarms(stage)
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm["Dimensions"]
    }
    assert watched == {f"{name}_queue" for name in GIVEN_UP}


def test_a_stalled_import_and_a_worker_behind_its_stream_wake_somebody(stage: str) -> None:
    assert watched_functions(stage, "IteratorAge") == {
        worker.handler for worker in WORKERS if isinstance(worker.source, StreamSource)
    }
    assert [one for one in alarms(stage) if one.get("MetricName") == "ApproximateAgeOfOldestMessage"]
