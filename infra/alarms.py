"""What tells an operator of the API and its functions: a page for what harms callers now, else a ticket.

`infra/topics.py` has the two topics, the runbook (.github/RUNBOOK.md) what each alarm means and what helps.
"""

from collections.abc import Mapping
from functools import partial

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.alarm import MINUTE, add_alarm
from infra.dashboard import PERIOD, add_dashboard
from infra.data_stack import DataStack
from infra.function import ServiceFunction
from infra.routes import AUTHORIZER
from infra.settings import ALARMS_TOPIC_OUTPUT, TICKETS_TOPIC_OUTPUT, Stage
from infra.synthetic_tenant import CANARY
from infra.topics import alarm_topics
from infra.workers import WORKERS, StreamSource

FAULT_PERCENT = 5
"""How many of a minute's requests may end in 5XX, of `FEW_REQUESTS` or more."""

FEW_REQUESTS = 20
"""Below it a rate says nothing; the canary does."""

SLOW_MS = 3000
"""The 99th percentile of the API's latency that is too slow, in milliseconds."""

STREAM_MS = 600_000
"""How far events and erasure may be behind the customers table, in milliseconds."""

CONCURRENCY_PERCENT = 80
"""How much of the account's concurrent functions may be taken."""


class Alarms(Construct):
    """The alarms and the dashboard of one stage. Operators subscribe to `pages` and `tickets`.

    `rollback` are the alarms that take a function's new version back, by its handler.
    """

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
        self._stage = stage
        self._functions = functions
        self.pages, self.tickets = alarm_topics(self, stage)
        self._alarm = partial(add_alarm, self, to=self.pages)
        self.rollback: dict[str, list[cloudwatch.IAlarm]] = {}
        self._watch_functions(faults=self._watch_api())
        self._watch_streams()
        if stage.canary_minutes:
            self._watch_canary()
        add_dashboard(self, stage=stage, api=api, functions=functions, data=data)
        CfnOutput(scope, ALARMS_TOPIC_OUTPUT, value=self.pages.topic_arn)
        CfnOutput(scope, TICKETS_TOPIC_OUTPUT, value=self.tickets.topic_arn)

    def _watch_api(self) -> cloudwatch.IAlarm:
        faults, requests = self._of_api("5XXError", MINUTE), self._of_api("Count", MINUTE)
        rate = cloudwatch.MathExpression(
            expression=f"IF(requests >= {FEW_REQUESTS}, 100 * faults / requests, 0)",
            using_metrics={"faults": faults, "requests": requests},
            period=MINUTE,
            label="Requests that end in 5XX (%)",
        )
        what = "Of the API's requests, percent that end in 5XX"
        self._alarm(
            "ApiFaults",
            self._of_api("5XXError", PERIOD),
            threshold=1,
            what="The API answered with 5XX",
            to=self.tickets,
        )
        latency = self._of_api("Latency", PERIOD, "p99")
        self._alarm(
            "ApiLatency", latency, threshold=SLOW_MS, what="The API is slow: p99 in milliseconds", periods=3
        )
        return self._alarm("ApiFaultRate", rate, threshold=FAULT_PERCENT, what=what, periods=5, breaching=3)

    def _of_api(self, metric: str, period: Duration, statistic: str = "Sum") -> cloudwatch.Metric:
        """By name, not by reference: the API waits for aliases, and those for their rollouts' alarms."""
        return cloudwatch.Metric(
            namespace="AWS/ApiGateway",
            metric_name=metric,
            dimensions_map={"ApiName": self._stage.stack_name("api"), "Stage": self._stage.name},
            period=period,
            statistic=statistic,
        )

    def _watch_functions(self, *, faults: cloudwatch.IAlarm) -> None:
        for handler, service_function in self._functions.items():
            function, name = service_function.function, service_function.node.id
            self.rollback[handler] = [faults]
            # The authorizer has to raise in order to answer 401.
            if handler != AUTHORIZER.handler:
                errors = self._alarm(
                    f"{name}Errors",
                    function.metric_errors(period=MINUTE),
                    threshold=1,
                    what=f"{handler} raised or ran out of time",
                    to=self.tickets,
                )
                self.rollback[handler].append(errors)
        self._alarm(
            "Throttles",
            self._of_all_functions("Throttles", "Sum"),
            threshold=1,
            what="Functions were throttled, ours or another service's of the account",
            to=self.tickets,
        )
        self._alarm(
            "Concurrency",
            self._of_all_functions("ClaimedAccountConcurrency", "Maximum"),
            threshold=self._stage.account_concurrency * CONCURRENCY_PERCENT / 100,
            what="The account's functions, of all its services, are near its quota of concurrent ones",
        )

    @staticmethod
    def _of_all_functions(metric: str, statistic: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/Lambda", metric_name=metric, period=PERIOD, statistic=statistic
        )

    def _watch_streams(self) -> None:
        for worker in WORKERS:
            if not isinstance(worker.source, StreamSource):
                continue
            function, name = self._functions[worker.handler].function, self._functions[worker.handler].node.id
            self._alarm(
                f"{name}Age",
                function.metric("IteratorAge", period=PERIOD, statistic="Maximum"),
                threshold=STREAM_MS,
                what=f"{worker.handler} is behind its stream, which keeps a day: age in milliseconds",
            )
            self._alarm(
                f"{name}Lost",
                function.metric("DestinationDeliveryFailures", period=PERIOD, statistic="Sum"),
                threshold=1,
                what=f"{worker.handler} gave records up and could not note which",
            )
            if self._stage.canary_minutes:
                # A function that does not run has no age: the canary's customer gives it work at each flight.
                self._alarm(
                    f"{name}Stopped",
                    function.metric_invocations(period=PERIOD),
                    threshold=1,
                    below=True,
                    what=f"{worker.handler} has had nothing to do: is its event source disabled?",
                    periods=6,
                )

    def _watch_canary(self) -> None:
        canary = self._functions[CANARY.handler].function
        self._alarm(
            "CanaryFails",
            canary.metric_errors(period=PERIOD),
            threshold=1,
            what="The canary could not take its customer through the API",
            periods=3,
            breaching=2,
        )
        silent = {
            "CanarySilent": (canary.metric_invocations(period=PERIOD), "The canary does not fly"),
            "TrafficGone": (
                self._of_api("Count", PERIOD),
                "No request reaches the API, not even the canary's",
            ),
        }
        for name, (metric, what) in silent.items():
            self._alarm(name, metric, threshold=1, below=True, what=what, periods=3)
