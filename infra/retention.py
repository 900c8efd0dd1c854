"""How long things stay: logs, and what holds data when it leaves a stack."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs

from infra.settings import Stage


def log_retention(days: int) -> logs.RetentionDays:
    """The retention setting of so many days."""
    names = {1: "ONE_DAY", 30: "ONE_MONTH", 365: "ONE_YEAR"}
    return logs.RetentionDays[names[days]]


def removal_policy(stage: Stage) -> RemovalPolicy:
    """What becomes of what holds data or logs when it leaves the stack.

    A durable stage keeps it, but for what a first deploy made before it failed: that goes with it, so the
    deploy can simply be repeated (AWS: DeletionPolicy, RetainExceptOnCreate).
    """
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if stage.durable else RemovalPolicy.DESTROY
