"""One Lambda with our defaults: its own role, its own log group, and nothing it was not granted."""

from collections.abc import Iterator, Mapping

from aws_cdk import Acknowledgment, Duration, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.resources import Grants, Resource
from infra.retention import log_retention, removal_policy
from infra.settings import SERVICE, Stage

RUNTIME = lambda_.Runtime.PYTHON_3_14

GATEWAY_PATIENCE = Duration.seconds(25)
"""API Gateway gives up after 29 s; the function stops before, so that no answer is lost to it."""

LOCAL_ENVIRONMENT = {
    # The emulator serves an API below a path of its own, has no TLS and decodes path values itself.
    "API_URL_FORMAT": "http://{host}/_aws/execute-api/{apiId}{path}",
    "FILES_URL_FORMAT": "http://{host}",
    "PATH_VALUES_ARE_ENCODED": "false",
}


LOCAL_ACTIONS = {"sqs:SendMessage": "sqs:SendMessageBatch"}
"""What the emulator asks for in place of the right that covers it on AWS."""


class ServiceFunction(Construct):
    """The function of one handler (`customers.get_customer`), with what `grants` allow it.

    `target` is what others invoke: the function, or the alias by which its versions take over.
    `reserved` is how many of it are kept free, and the most there may be.
    """

    def __init__(
        self,
        scope: Construct,
        handler: str,
        *,
        grants: Grants,
        description: str,
        stage: Stage,
        resources: Mapping[str, Resource],
        code: lambda_.Code,
        timeout: Duration = GATEWAY_PATIENCE,
        memory_mib: int = 1024,
        reserved: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, _construct_id(handler))
        log_group = logs.LogGroup(
            self,
            "Logs",
            retention=log_retention(stage.log_days),
            removal_policy=removal_policy(stage),
        )
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={
                "Permissions": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                            resources=[log_group.log_group_arn],
                        ),
                        *_statements(grants, resources, stage),
                    ]
                )
            },
        )
        for name in grants:
            if resources[name].service == "s3":
                _acknowledge_folder(self.role, resources[name])
        self.function = lambda_.Function(
            self,
            "Function",
            description=description,
            runtime=RUNTIME,
            architecture=lambda_.Architecture.ARM_64,
            code=code,
            handler=f"functions.{handler}.handler",
            role=self.role.without_policy_updates(),
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            timeout=timeout,
            memory_size=memory_mib,
            environment={
                "POWERTOOLS_SERVICE_NAME": SERVICE,
                "POWERTOOLS_LOG_LEVEL": "INFO",
                "ACCESS_TOKEN_SECONDS": str(stage.access_token_seconds),
                **{resources[name].variable: resources[name].value for name in grants},
                **(LOCAL_ENVIRONMENT if stage.emulated else {}),
                **(environment or {}),
            },
            reserved_concurrent_executions=reserved,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if stage.snap_start else None,
        )
        self.alias: lambda_.Alias | None = None
        if stage.snap_start or stage.durable:
            self.alias = lambda_.Alias(self, "Live", alias_name="live", version=self.function.current_version)
        self.target: lambda_.IFunction = self.alias or self.function


def _acknowledge_folder(role: iam.Role, folder: Resource) -> None:
    imported, below = Stack.of(role).resolve(folder.arn)["Fn::Join"][1]
    Validations.of(role).acknowledge(
        Acknowledgment(
            id=f"AwsSolutions-IAM5[Resource::{imported['Fn::ImportValue']}{below}]",
            reason="A file gets its name as it is written; the grant is of one folder of one bucket alone.",
        )
    )


def _construct_id(handler: str) -> str:
    return "".join(word.capitalize() for word in handler.rpartition(".")[2].split("_"))


def _statements(
    grants: Grants, resources: Mapping[str, Resource], stage: Stage
) -> Iterator[iam.PolicyStatement]:
    for name, actions in grants.items():
        resource = resources[name]
        granted = [f"{resource.service}:{action}" for action in actions]
        if stage.emulated:
            granted += [LOCAL_ACTIONS[action] for action in granted if action in LOCAL_ACTIONS]
        keys = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": list(resource.keys)}}
        yield iam.PolicyStatement(
            actions=granted, resources=[resource.arn], conditions=keys if resource.keys else None
        )
