"""The stateless stack: one function for each endpoint and worker, the API before, the alarms over them."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.alarms import Alarms
from infra.api import Api
from infra.asset.bundling import function_code
from infra.data_stack import DataStack
from infra.function import ServiceFunction
from infra.reference.asset import reference_code
from infra.rollouts import Rollouts
from infra.routes import AUTHORIZER, ENDPOINTS, REFERENCE, TOKEN_HANDLER
from infra.settings import API_ID_OUTPUT, API_URL_OUTPUT, Stage
from infra.synthetic_tenant import CANARY, add_canary
from infra.workers import WORKERS, add_event_source


class ServiceStack(Stack):
    """Everything of one stage that can be thrown away and built again; `alarms` where the stage has any."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        data: DataStack,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        common: dict[str, Any] = {
            "stage": stage,
            "resources": data.resources,
            "code": function_code(stage),
        }
        counting = {"USAGE_KEY_PREFIX": stage.usage_key_prefix} if stage.tiers else None
        reserved = {
            AUTHORIZER.handler: stage.authorizer_concurrency,
            TOKEN_HANDLER: stage.token_concurrency,
        }
        functions = {
            endpoint.handler: ServiceFunction(
                self,
                endpoint.handler,
                grants=endpoint.grants,
                description=", ".join(endpoint.routes) or endpoint.handler,
                reserved=reserved.get(endpoint.handler),
                environment=counting if endpoint is AUTHORIZER else None,
                **(common | ({"code": reference_code(stage)} if endpoint.handler == REFERENCE else {})),
            )
            for endpoint in (*ENDPOINTS, AUTHORIZER)
        }
        for worker in WORKERS:
            function = ServiceFunction(
                self,
                worker.handler,
                grants=worker.grants,
                description=f"{worker.handler}, fed by {worker.source.resource}",
                timeout=worker.source.timeout,
                memory_mib=worker.memory_mib,
                **common,
            )
            add_event_source(worker, function, data, stage)
            functions[worker.handler] = function
        api = Api(self, "Api", stage=stage, functions=functions)
        if stage.canary_minutes:
            functions[CANARY.handler] = add_canary(self, url=api.url, **common)
        self.alarms = (
            Alarms(self, "Alarms", stage=stage, api=api.rest_api, functions=functions, data=data)
            if stage.alarms
            else None
        )
        if stage.durable:
            rollback = self.alarms.rollback if self.alarms else {}
            Rollouts(self, "Rollouts", functions=functions, alarms=rollback)
        CfnOutput(self, API_URL_OUTPUT, value=api.url)
        CfnOutput(self, API_ID_OUTPUT, value=api.rest_api.rest_api_id)
