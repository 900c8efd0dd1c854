"""What wakes an operator, and what they look at then: alarms to one topic, one dashboard a stage."""

from collections.abc import Mapping

from aws_cdk import Aws, CfnOutput, Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.data_stack import DataStack
from infra.function import ServiceFunction
from infra.queues import IMPORTS, ORDERS
from infra.retention import removal_policy
from infra.routes import AUTHORIZER
from infra.settings import ALARMS_TOPIC_OUTPUT, Stage
from infra.tables import CUSTOMERS
from infra.workers import WORKERS, StreamSource

PERIOD = Duration.minutes(5)

SLOW_MS = 3000
"""The 99th percentile of the API's latency that is too slow, in milliseconds."""

IMPORT_SECONDS = 900
"""How long a bulk upload may wait."""

STREAM_MS = 600_000
"""How far events and erasure may be behind the customers table, in milliseconds."""

MANY_IN_FLIGHT = 60_000
"""Messages put off or being worked at; SQS hands out no more beyond about 120,000 (AWS: SQS quotas)."""


class Alarms(Construct):
    """The alarms and the dashboard of one stage. Operators subscribe to `topic`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        api: apigateway.RestApi,
        functions: Mapping[str, ServiceFunction],
        data: DataStack,
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic = _encrypted_topic(self, stage)
        # A dashboard is one for the whole account, whatever its region.
        self.dashboard = cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=f"{stage.stack_name('overview')}-{Aws.REGION}"
        )
        self._watch_api(api)
        self._watch_functions(functions)
        self._watch_tables(data.tables)
        self._watch_queues(data)
        self._watch_streams(functions)
        CfnOutput(scope, ALARMS_TOPIC_OUTPUT, value=self.topic.topic_arn)

    def _watch_api(self, api: apigateway.RestApi) -> None:
        stage = api.deployment_stage
        faults = stage.metric_server_error(period=PERIOD, statistic="Sum")
        latency = stage.metric_latency(period=PERIOD, statistic="p99")
        self._alarm("ApiFaults", faults, threshold=1, what="The API answered with 5XX")
        self._alarm(
            "ApiLatency", latency, threshold=SLOW_MS, what="The API is slow: p99 in milliseconds", periods=3
        )
        self.dashboard.add_widgets(
            cloudwatch.GraphWidget(
                title="Requests and errors",
                left=[
                    stage.metric_count(period=PERIOD, statistic="Sum"),
                    stage.metric_client_error(period=PERIOD, statistic="Sum"),
                    faults,
                ],
                width=12,
            ),
            cloudwatch.GraphWidget(
                title="Latency (ms)",
                left=[stage.metric_latency(period=PERIOD, statistic="p50"), latency],
                width=12,
            ),
        )

    def _watch_functions(self, functions: Mapping[str, ServiceFunction]) -> None:
        for handler, service_function in functions.items():
            function, name = service_function.function, service_function.node.id
            # The authorizer has to raise in order to answer 401.
            if handler != AUTHORIZER.handler:
                self._alarm(
                    f"{name}Errors",
                    function.metric_errors(period=PERIOD),
                    threshold=1,
                    what=f"{handler} raised or ran out of time",
                )
            self._alarm(
                f"{name}Throttles",
                function.metric_throttles(period=PERIOD),
                threshold=1,
                what=f"{handler} was throttled",
            )
        all_functions = [one.function for one in functions.values()]
        self.dashboard.add_widgets(
            cloudwatch.GraphWidget(
                title="Functions: errors and throttles",
                left=[function.metric_errors(period=PERIOD) for function in all_functions],
                right=[function.metric_throttles(period=PERIOD) for function in all_functions],
                width=12,
            ),
            cloudwatch.GraphWidget(
                title="Functions: duration p99 (ms)",
                left=[function.metric_duration(period=PERIOD, statistic="p99") for function in all_functions],
                width=12,
            ),
        )

    def _watch_tables(self, tables: Mapping[str, dynamodb.TableV2]) -> None:
        for name, table in tables.items():
            for event in ("ReadThrottleEvents", "WriteThrottleEvents"):
                self._alarm(
                    f"{name.capitalize()}{event}",
                    table.metric(event, period=PERIOD, statistic="Sum"),
                    threshold=1,
                    what=f"DynamoDB throttled the table {name}",
                    periods=3,
                )
        for index in CUSTOMERS.indexes:
            self._alarm(
                f"{index.name[0].upper()}{index.name[1:]}IndexWriteThrottleEvents",
                tables[CUSTOMERS.name].metric(
                    "WriteThrottleEvents",
                    period=PERIOD,
                    statistic="Sum",
                    dimensions_map={
                        "TableName": tables[CUSTOMERS.name].table_name,
                        "GlobalSecondaryIndexName": index.name,
                    },
                ),
                threshold=1,
                what=f"DynamoDB throttled the customers' index {index.name}, and with it their writes",
                periods=3,
            )
        self.dashboard.add_widgets(
            cloudwatch.GraphWidget(
                title="Tables: write units consumed",
                left=[
                    table.metric_consumed_write_capacity_units(period=PERIOD, label=name)
                    for name, table in tables.items()
                ],
                width=12,
            ),
            cloudwatch.GraphWidget(
                title="Tables: read units consumed",
                left=[
                    table.metric_consumed_read_capacity_units(period=PERIOD, label=name)
                    for name, table in tables.items()
                ],
                width=12,
            ),
        )

    def _watch_queues(self, data: DataStack) -> None:
        waiting = {
            name: queue.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(1), statistic="Maximum"
            )
            for name, queue in data.given_up.items()
        }
        for name, metric in waiting.items():
            self._alarm(
                data.given_up[name].node.id,
                metric,
                threshold=1,
                what=f"{name}: something failed too often and waits for an operator (README, Operations)",
            )
        ages = {
            name: queue.metric_approximate_age_of_oldest_message(period=PERIOD)
            for name, queue in data.queues.items()
        }
        self._alarm(
            "ImportsAge",
            ages[IMPORTS.name],
            threshold=IMPORT_SECONDS,
            what="Bulk uploads are not being imported: age of the oldest message in seconds",
        )
        self._alarm(
            "OrdersInFlight",
            data.queues[ORDERS.name].metric_approximate_number_of_messages_not_visible(
                period=PERIOD, statistic="Maximum"
            ),
            threshold=MANY_IN_FLIGHT,
            what="So many orders wait for their customers that the queue will stop handing out others",
        )
        self.dashboard.add_widgets(
            cloudwatch.GraphWidget(title="Queues: oldest message (s)", left=list(ages.values()), width=12),
            cloudwatch.GraphWidget(title="Given up (messages)", left=list(waiting.values()), width=12),
        )

    def _watch_streams(self, functions: Mapping[str, ServiceFunction]) -> None:
        ages = {
            worker.handler: functions[worker.handler].function.metric(
                "IteratorAge", period=PERIOD, statistic="Maximum"
            )
            for worker in WORKERS
            if isinstance(worker.source, StreamSource)
        }
        for handler, age in ages.items():
            self._alarm(
                f"{functions[handler].node.id}Age",
                age,
                threshold=STREAM_MS,
                what=f"{handler} is behind its stream, which keeps a day: age in milliseconds",
            )
        self.dashboard.add_widgets(
            cloudwatch.GraphWidget(title="Streams: behind (ms)", left=list(ages.values()), width=12)
        )

    def _alarm(
        self, name: str, metric: cloudwatch.IMetric, *, threshold: float, what: str, periods: int = 1
    ) -> None:
        """Alarm when `metric` is at least `threshold` in each of the last `periods` periods."""
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=what,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))


def _encrypted_topic(scope: Construct, stage: Stage) -> sns.Topic:
    # CloudWatch cannot publish to a topic under the key that AWS manages for SNS.
    key = kms.Key(
        scope,
        "Key",
        enable_key_rotation=True,
        description="Alarms of the customer service",
        removal_policy=removal_policy(stage),
    )
    cloudwatch_alarms = iam.ServicePrincipal("cloudwatch.amazonaws.com")
    own_account = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[cloudwatch_alarms],
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            resources=["*"],
            conditions=own_account,
        )
    )
    topic = sns.Topic(scope, "Topic", master_key=key, enforce_ssl=True)
    # The policy that demands TLS takes the place of SNS's own, which lets the account's alarms publish.
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[cloudwatch_alarms],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions=own_account,
        )
    )
    return topic
