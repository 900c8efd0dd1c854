"""The stateless stack: one function for each endpoint, the API before them, the alarms over them."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.alarms import Alarms
from infra.api import Api
from infra.bundling import function_code
from infra.function import ServiceFunction
from infra.routes import AUTHORIZER, ENDPOINTS
from infra.settings import API_ID_OUTPUT, API_URL_OUTPUT, Stage


class ServiceStack(Stack):
    """Everything of one stage that can be thrown away and built again."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        tables: Mapping[str, dynamodb.TableV2],
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        code = function_code(stage)
        functions = {
            endpoint.handler: ServiceFunction(self, endpoint, stage=stage, tables=tables, code=code)
            for endpoint in (*ENDPOINTS, AUTHORIZER)
        }
        api = Api(self, "Api", stage=stage, functions=functions)
        if not stage.emulated:
            Alarms(self, "Alarms", stage=stage, api=api.rest_api, functions=functions, tables=tables)
        CfnOutput(self, API_URL_OUTPUT, value=api.rest_api.url)
        CfnOutput(self, API_ID_OUTPUT, value=api.rest_api.rest_api_id)
