"""The canary's function, and the schedule it flies by."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from functions.auth import tenants
from functions.canary import TENANT
from infra.function import ServiceFunction
from infra.resources import Resource
from infra.routes import Endpoint
from infra.settings import Stage

CANARY = Endpoint("canary.try_api", (), {"canary": ("PutItem",)})
"""It renews its own tenant's secret, so that none has to be kept: it may write that tenant and no other."""


def add_canary(
    scope: Construct, *, stage: Stage, resources: Mapping[str, Resource], url: str, **common: Any
) -> ServiceFunction:
    """The canary of `stage`, which tries the API at `url` every few minutes."""
    own = replace(resources["tenants"], keys=(tenants.tenant_key(TENANT), tenants.client_key(TENANT)))
    function = ServiceFunction(
        scope,
        CANARY.handler,
        grants=CANARY.grants,
        description="A synthetic tenant's customer, from creation to deletion",
        stage=stage,
        resources={"canary": own},
        timeout=Duration.minutes(1),
        environment={"API_URL": url},
        **common,
    )
    events.Rule(
        scope,
        "CanarySchedule",
        description="The canary flies",
        schedule=events.Schedule.rate(Duration.minutes(stage.canary_minutes)),
        # The next flight is due before a repeat would help.
        targets=[targets.LambdaFunction(function.target, retry_attempts=0)],
    )
    return function
