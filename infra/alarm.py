"""One alarm, with what all of them have in common."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

MINUTE = Duration.minutes(1)


def add_alarm(
    scope: Construct,
    name: str,
    metric: cloudwatch.IMetric,
    *,
    to: sns.ITopic,
    threshold: float,
    what: str,
    periods: int = 1,
    breaching: int | None = None,
    below: bool = False,
) -> cloudwatch.Alarm:
    """Tell `to` when `metric` is at least `threshold` in `breaching` of the last `periods`.

    With `below`, when it is less than that; then silence is an alarm too.
    """
    alarm = cloudwatch.Alarm(
        scope,
        name,
        metric=metric,
        threshold=threshold,
        evaluation_periods=periods,
        datapoints_to_alarm=breaching,
        comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
        if below
        else cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.BREACHING
        if below
        else cloudwatch.TreatMissingData.NOT_BREACHING,
        alarm_description=what,
    )
    action = actions.SnsAction(to)
    alarm.add_alarm_action(action)
    alarm.add_ok_action(action)
    return alarm
