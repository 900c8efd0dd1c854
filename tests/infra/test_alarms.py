"""What goes wrong on a durable stage wakes somebody, also when nothing runs; a blip waits till morning."""

from typing import Any

import pytest

from infra.queues import GIVEN_UP, QUEUES
from infra.routes import AUTHORIZER
from infra.settings import STAGES
from infra.synthetic_tenant import CANARY
from infra.tables import TABLES
from infra.workers import WORKERS, StreamSource
from tests.infra.templates import Properties, functions, granted_resource, resources

STAGE = "prod"
FOLLOWERS = {worker.handler for worker in WORKERS if isinstance(worker.source, StreamSource)}


def alarms() -> dict[str, Properties]:
    """Every alarm by its name in the code."""
    found = {
        name: one
        for part in ("service", "alarms")
        for name, one in resources(STAGE, part, "AWS::CloudWatch::Alarm").items()
    }
    return {name.removeprefix("Alarms")[:-8]: _told_by_name(one) for name, one in found.items()}


def _told_by_name(alarm: Properties) -> Properties:
    """An alarm with the topics of the other stack by their names there, as if they were its own."""

    def named(action: dict[str, str]) -> dict[str, str]:
        name = action.get("Fn::ImportValue", "").partition("ExportsOutputRef")[2]
        return {"Ref": name[: -len("12345678")]} if name else action

    told = ("AlarmActions", "OKActions")
    return alarm | {part: [named(action) for action in alarm[part]] for part in told}


def topic(kind: str) -> dict[str, str]:
    """The topic for `Topic` (pages) or `Tickets`."""
    (found,) = (
        name for name in resources(STAGE, "service", "AWS::SNS::Topic") if name.startswith(f"Alarms{kind}")
    )
    return {"Ref": found}


def watched(metric: str, *, silence: str = "notBreaching") -> set[str]:
    """The handlers whose metric has an alarm."""
    ids = {
        name: function["Handler"].removeprefix("functions.").removesuffix(".handler")
        for name, function in resources(STAGE, "service", "AWS::Lambda::Function").items()
    }
    return {
        ids[alarm["Dimensions"][0]["Value"]["Ref"]]
        for alarm in alarms().values()
        if alarm.get("MetricName") == metric
        and alarm.get("Namespace") == "AWS/Lambda"
        and alarm.get("Dimensions")
        and alarm["TreatMissingData"] == silence
    }


def measures(alarm: Properties) -> set[str]:
    """The metrics that an alarm's expression is made of."""
    return {
        one["MetricStat"]["Metric"]["MetricName"] for one in alarm.get("Metrics", []) if "MetricStat" in one
    }


def test_every_function_that_fails_is_noticed_save_the_authorizer_which_raises_to_say_401() -> None:
    assert watched("Errors") == functions(STAGE).keys() - {AUTHORIZER.handler}


def test_functions_that_are_throttled_are_noticed_and_before_that_an_account_that_is_nearly_full() -> None:
    throttles = alarms()["Throttles"]
    assert (throttles["MetricName"], "Dimensions" in throttles) == ("Throttles", False)
    concurrency = alarms()["Concurrency"]
    assert concurrency["MetricName"] == "ClaimedAccountConcurrency"
    assert concurrency["Threshold"] == 0.8 * STAGES[STAGE].account_concurrency


def test_the_rate_of_faults_and_slowness_page_and_a_single_fault_does_not() -> None:
    found = alarms()
    assert measures(found["ApiFaultRate"]) == {"5XXError", "Count"}
    assert (found["ApiLatency"]["MetricName"], found["ApiLatency"]["ExtendedStatistic"]) == ("Latency", "p99")
    for name, told in (("ApiFaultRate", "Topic"), ("ApiLatency", "Topic"), ("ApiFaults", "Tickets")):
        assert found[name]["AlarmActions"] == [topic(told)], name


def test_every_table_and_index_that_throttles_is_noticed_for_reads_and_writes() -> None:
    def of(alarm: Properties) -> tuple[str, ...]:
        values = sorted((one["Value"] for one in alarm["Dimensions"]), key=lambda one: isinstance(one, str))
        return tuple(one if isinstance(one, str) else granted_resource(STAGE, one) for one in values)

    tables = {(table.name,) for table in TABLES}
    indexes = {(table.name, index.name) for table in TABLES for index in table.indexes}
    for event in ("ReadThrottleEvents", "WriteThrottleEvents"):
        found = {of(alarm) for alarm in alarms().values() if alarm.get("MetricName") == event}
        assert found == tables | indexes


def test_a_source_that_is_disabled_or_stopped_rings_though_nothing_runs() -> None:
    assert watched("Invocations", silence="breaching") == FOLLOWERS | {CANARY.handler}
    for queue in QUEUES:
        alarm = alarms()[f"{queue.name.capitalize()}NotTaken"]
        assert measures(alarm) == {"ApproximateNumberOfMessagesVisible", "NumberOfMessagesReceived"}
    gone = alarms()["TrafficGone"]
    assert (gone["MetricName"], gone["TreatMissingData"]) == ("Count", "breaching")


def test_what_could_not_even_be_noted_as_failed_rings() -> None:
    assert watched("DestinationDeliveryFailures") == FOLLOWERS
    for name in ("OrdersLost", "FilesLost"):
        assert measures(alarms()[name]) == {"FailedInvocations", "InvocationsFailedToBeSentToDlq"}


def test_a_worker_behind_its_stream_and_a_stalled_import_wake_somebody() -> None:
    assert watched("IteratorAge") == FOLLOWERS
    assert alarms()["ImportsAge"]["MetricName"] == "ApproximateAgeOfOldestMessage"


def test_whatever_was_given_up_is_a_ticket_at_once() -> None:
    waiting = [
        alarm
        for alarm in alarms().values()
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
    ]
    named = {granted_resource(STAGE, alarm["Dimensions"][0]["Value"]) for alarm in waiting}
    assert named == {f"{name}_queue" for name in GIVEN_UP}
    assert [alarm["AlarmActions"] for alarm in waiting] == [[topic("Tickets")]] * len(GIVEN_UP)


def test_an_alarm_tells_one_topic_also_when_it_is_over() -> None:
    for name, alarm in alarms().items():
        assert alarm["AlarmActions"] in ([topic("Topic")], [topic("Tickets")]), name
        assert alarm["OKActions"] == alarm["AlarmActions"], name


@pytest.mark.parametrize("kind", ["Topic", "Tickets"])
def test_cloudwatch_of_this_account_may_publish_to_a_topic_and_nobody_else(kind: str) -> None:
    policies = resources(STAGE, "service", "AWS::SNS::TopicPolicy").values()
    (policy,) = (one for one in policies if one["Topics"] == [topic(kind)])
    allowed = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]
    assert [(one["Principal"], one["Action"], one["Condition"]) for one in allowed] == [OWN_ALARMS]
    assert "KmsMasterKeyId" in resources(STAGE, "service", "AWS::SNS::Topic")[topic(kind)["Ref"]]


OWN_ALARMS: tuple[dict[str, str], str, dict[str, Any]] = (
    {"Service": "cloudwatch.amazonaws.com"},
    "sns:Publish",
    {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
)


def test_only_this_accounts_alarms_may_use_the_topics_key() -> None:
    (key,) = resources(STAGE, "service", "AWS::KMS::Key").values()
    assert key["EnableKeyRotation"] is True
    (grant,) = (
        one
        for one in key["KeyPolicy"]["Statement"]
        if one["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    )
    assert grant["Condition"] == OWN_ALARMS[2]


def test_a_dashboard_names_its_region_for_an_account_has_one_list_of_them() -> None:
    (dashboard,) = resources(STAGE, "service", "AWS::CloudWatch::Dashboard").values()
    assert {"Ref": "AWS::Region"} in dashboard["DashboardName"]["Fn::Join"][1]


@pytest.mark.parametrize("stage", [name for name, stage in STAGES.items() if not stage.durable])
def test_other_stages_pay_for_no_alarm_no_key_and_no_dashboard(stage: str) -> None:
    for kind in (
        "AWS::CloudWatch::Alarm",
        "AWS::KMS::Key",
        "AWS::CloudWatch::Dashboard",
        "AWS::Events::Rule",
    ):
        assert not resources(stage, "service", kind)


def test_the_canary_flies_as_often_as_the_stage_says() -> None:
    (rule,) = resources(STAGE, "service", "AWS::Events::Rule").values()
    assert rule["ScheduleExpression"] == f"rate({STAGES[STAGE].canary_minutes} minutes)"
