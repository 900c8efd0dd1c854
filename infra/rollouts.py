"""How a new version of a function takes over on a durable stage: a tenth of its calls first, then all.

With the context AT_ONCE all calls go over together and no alarm takes them back: half on restored tables and
half on those they replace would be two truths.

CodeDeploy takes it back when its alarm rings (AWS: CodeDeploy, deployments on a Lambda compute platform);
CloudFormation then takes the whole deploy back.
"""

from collections.abc import Mapping, Sequence

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.function import ServiceFunction
from infra.settings import AT_ONCE

SHIFT_TRAFFIC = "service-role/AWSCodeDeployRoleForLambdaLimited"


class Rollouts(Construct):
    """A gradual deployment for every function of `functions` (by handler), under its alarms of `alarms`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        functions: Mapping[str, ServiceFunction],
        alarms: Mapping[str, Sequence[cloudwatch.IAlarm]],
    ) -> None:
        super().__init__(scope, construct_id)
        at_once = bool(self.node.try_get_context(AT_ONCE))
        application = codedeploy.LambdaApplication(self, "Application")
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(SHIFT_TRAFFIC)],
        )
        Validations.of(role).acknowledge(
            Acknowledgment(
                id=f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{SHIFT_TRAFFIC}]",
                reason="The smallest policy AWS has for CodeDeploy on Lambda; it moves aliases and reads "
                "alarms, and no code of ours can assume its role.",
            )
        )
        for handler, function in functions.items():
            if function.alias is None:
                continue
            watching = [] if at_once else list(alarms.get(handler, ()))
            codedeploy.LambdaDeploymentGroup(
                self,
                function.node.id,
                application=application,
                alias=function.alias,
                deployment_config=codedeploy.LambdaDeploymentConfig.ALL_AT_ONCE
                if at_once
                else codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
                alarms=watching,
                auto_rollback=codedeploy.AutoRollbackConfig(
                    deployment_in_alarm=bool(watching),
                    failed_deployment=True,
                    stopped_deployment=True,
                ),
                role=role,
            )
