"""What an operator looks at: one dashboard a stage and region."""

from collections.abc import Mapping

from aws_cdk import Aws, Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.data_stack import DataStack
from infra.function import ServiceFunction
from infra.settings import Stage
from infra.workers import WORKERS, StreamSource

PERIOD = Duration.minutes(5)


def add_dashboard(
    scope: Construct,
    *,
    stage: Stage,
    api: apigateway.RestApi,
    functions: Mapping[str, ServiceFunction],
    data: DataStack,
) -> None:
    """Requests, functions, tables, queues and streams of one stage."""
    deployed = api.deployment_stage
    tables, queues, given_up = data.tables.items(), data.queues.items(), data.given_up.items()
    every = [one.function for one in functions.values()]
    followers = [one.handler for one in WORKERS if isinstance(one.source, StreamSource)]
    lines: dict[str, list[cloudwatch.IMetric]] = {
        "Requests and errors": [
            deployed.metric_count(period=PERIOD, statistic="Sum"),
            deployed.metric_client_error(period=PERIOD, statistic="Sum"),
            deployed.metric_server_error(period=PERIOD, statistic="Sum"),
        ],
        "Latency (ms)": [deployed.metric_latency(period=PERIOD, statistic=one) for one in ("p50", "p99")],
        "Functions: errors": [function.metric_errors(period=PERIOD) for function in every],
        "Functions: throttles": [function.metric_throttles(period=PERIOD) for function in every],
        "Functions: duration p99 (ms)": [
            function.metric_duration(period=PERIOD, statistic="p99") for function in every
        ],
        "Tables: write units consumed": [
            table.metric_consumed_write_capacity_units(period=PERIOD, label=name) for name, table in tables
        ],
        "Tables: read units consumed": [
            table.metric_consumed_read_capacity_units(period=PERIOD, label=name) for name, table in tables
        ],
        "Queues: oldest message (s)": [
            queue.metric_approximate_age_of_oldest_message(period=PERIOD, label=name)
            for name, queue in queues
        ],
        "Given up (messages)": [
            queue.metric_approximate_number_of_messages_visible(period=PERIOD, label=name)
            for name, queue in given_up
        ],
        "Streams: behind (ms)": [
            functions[handler].function.metric("IteratorAge", period=PERIOD, statistic="Maximum")
            for handler in followers
        ],
    }
    # A dashboard's name is one for the whole account, whatever the region.
    name = f"{stage.stack_name('overview')}-{Aws.REGION}"
    dashboard = cloudwatch.Dashboard(scope, "Dashboard", dashboard_name=name)
    dashboard.add_widgets(
        *(cloudwatch.GraphWidget(title=title, left=left, width=12) for title, left in lines.items())
    )
