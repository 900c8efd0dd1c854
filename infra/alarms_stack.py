"""What tells an operator of tables, queues and rules.

In a stack of its own, for one has 500 resources at most (AWS: CloudFormation quotas). It stands on the other
two, so that no deploy of theirs waits for it.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.alarm import MINUTE, add_alarm
from infra.dashboard import PERIOD
from infra.data_stack import DataStack
from infra.queues import EXPORTS, IMPORTS, ORDERS
from infra.tables import TABLES

IMPORT_SECONDS = 900
"""How long rows of an upload or a file may wait."""

EXPORT_SECONDS = 3600
"""How long the next part of an export may wait."""

MANY_IN_FLIGHT = 60_000
"""Messages put off or being worked at; SQS hands out no more beyond about 120,000 (AWS: SQS quotas)."""


class AlarmsStack(Stack):
    """The alarms over what `data` has of one stage, told to the topics `pages` and `tickets`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        data: DataStack,
        pages: sns.ITopic,
        tickets: sns.ITopic,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self._data, self.tickets = data, tickets
        self._alarm = partial(add_alarm, self, to=pages)
        for table in TABLES:
            self._watch_table(table.name, data.tables[table.name], [index.name for index in table.indexes])
        self._watch_queues()
        self._watch_rules()

    def _watch_table(self, name: str, table: dynamodb.ITableV2, indexes: list[str]) -> None:
        for index in (None, *indexes):
            where, of = name.capitalize(), {"TableName": table.table_name}
            if index:
                where, of = f"{index[0].upper()}{index[1:]}Index", {**of, "GlobalSecondaryIndexName": index}
            for event in ("ReadThrottleEvents", "WriteThrottleEvents"):
                self._alarm(
                    f"{where}{event}",
                    table.metric(event, period=PERIOD, statistic="Sum", dimensions_map=of),
                    threshold=1,
                    what=f"DynamoDB throttled {name}{f' by its index {index}' if index else ''}",
                    periods=3,
                )

    def _watch_queues(self) -> None:
        for name, queue in self._data.given_up.items():
            self._alarm(
                queue.node.id,
                queue.metric_approximate_number_of_messages_visible(period=MINUTE, statistic="Maximum"),
                threshold=1,
                what=f"{name}: something failed too often and waits for an operator (runbook)",
                to=self.tickets,
            )
        for name, queue in self._data.queues.items():
            waiting = queue.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Minimum")
            taken = queue.metric_number_of_messages_received(period=PERIOD, statistic="Sum")
            self._alarm(
                f"{name.capitalize()}NotTaken",
                cloudwatch.MathExpression(
                    expression="IF(FILL(waiting, 0) > 0 AND FILL(taken, 0) == 0, 1, 0)",
                    using_metrics={"waiting": waiting, "taken": taken},
                    period=PERIOD,
                    label="Messages wait and none is taken",
                ),
                threshold=1,
                what=f"Messages wait in {name} and nobody takes them: is its event source disabled?",
                periods=3,
            )
        self._alarm(
            "ImportsAge",
            self._data.queues[IMPORTS.name].metric_approximate_age_of_oldest_message(period=PERIOD),
            threshold=IMPORT_SECONDS,
            what="Rows of uploads or files wait to be imported: age of the oldest message in seconds",
        )
        self._alarm(
            "ExportsAge",
            self._data.queues[EXPORTS.name].metric_approximate_age_of_oldest_message(period=PERIOD),
            threshold=EXPORT_SECONDS,
            what="Exports are not being written: age of the oldest message in seconds",
            to=self.tickets,
        )
        self._alarm(
            "OrdersInFlight",
            self._data.queues[ORDERS.name].metric_approximate_number_of_messages_not_visible(
                period=PERIOD, statistic="Maximum"
            ),
            threshold=MANY_IN_FLIGHT,
            what="So many orders wait for their customers that the queue will stop handing out others",
        )

    def _watch_rules(self) -> None:
        # Of a rule on a bus of one's own, metrics name both (AWS: monitoring EventBridge).
        orders = {"RuleName": self._data.orders_rule.rule_name, "EventBusName": self._data.bus.event_bus_name}
        self._watch_rule("OrdersLost", orders, "Orders on the bus could not be put into their queue")
        files = {"RuleName": self._data.files_rule.rule_name}
        self._watch_rule("FilesLost", files, "News of files to import could not be put into their queue")

    def _watch_rule(self, name: str, of: Mapping[str, str], what: str) -> None:
        failed, lost = (
            cloudwatch.Metric(
                namespace="AWS/Events", metric_name=metric, dimensions_map=of, period=PERIOD, statistic="Sum"
            )
            for metric in ("FailedInvocations", "InvocationsFailedToBeSentToDlq")
        )
        self._alarm(
            name,
            cloudwatch.MathExpression(
                expression="FILL(failed, 0) + FILL(lost, 0)",
                using_metrics={"failed": failed, "lost": lost},
                period=PERIOD,
                label="What reached neither queue",
            ),
            threshold=1,
            what=what,
        )
