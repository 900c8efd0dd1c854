"""Where alarms tell: one topic for what somebody has to look at now, one for what can wait until morning."""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.retention import removal_policy
from infra.settings import Stage

_OWN_ACCOUNT = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}


def alarm_topics(scope: Construct, stage: Stage) -> tuple[sns.Topic, sns.Topic]:
    """The topics for pages and for tickets, encrypted with one key that this account's alarms may use."""
    alarms = iam.ServicePrincipal("cloudwatch.amazonaws.com")
    # CloudWatch cannot publish to a topic under the key that AWS manages for SNS.
    key = kms.Key(
        scope,
        "Key",
        enable_key_rotation=True,
        description="Alarms of the customer service",
        removal_policy=removal_policy(stage),
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[alarms],
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            resources=["*"],
            conditions=_OWN_ACCOUNT,
        )
    )
    pages, tickets = (
        sns.Topic(scope, name, master_key=key, enforce_ssl=True) for name in ("Topic", "Tickets")
    )
    for topic in (pages, tickets):
        # The policy that demands TLS takes the place of SNS's own, which lets the account's alarms publish.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[alarms],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions=_OWN_ACCOUNT,
            )
        )
    return pages, tickets
