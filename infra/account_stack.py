"""What is one setting for an account and region, whatever the number of stages in it."""

from typing import Any

from aws_cdk import Acknowledgment, RemovalPolicy, Stack, Validations
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct

PUSH_LOGS = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"


class AccountStack(Stack):
    """The role by which API Gateway writes access logs (AWS: API Gateway logging).

    Both outlive the stack: other APIs of the account may write by this role.
    """

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        role = iam.Role(
            self,
            "GatewayLogs",
            assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(PUSH_LOGS)],
        )
        account = apigateway.CfnAccount(self, "Gateway", cloud_watch_role_arn=role.role_arn)
        for kept in (role, account):
            kept.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        Validations.of(role).acknowledge(
            Acknowledgment(
                id=f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{PUSH_LOGS}]",
                reason="API Gateway writes every API's logs by one role of the account, "
                "and this policy is the one AWS documents for it; no code of ours can assume it.",
            )
        )
