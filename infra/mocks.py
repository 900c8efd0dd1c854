"""What the gateway answers by itself, without a function: unknown routes, and every mock as text."""

from typing import cast

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_apigateway as apigateway

from functions.shared import cors
from infra.gateway_errors import NOT_FOUND, error_body


def answer_unknown_routes(rest_api: apigateway.RestApi, reference: str) -> None:
    """404 for what no route serves.

    Without this, API Gateway takes the `Authorization` header of a call to an unknown route for an
    AWS signature and answers 403, which no response type turns into a 404.
    """
    headers = {
        f"method.response.header.{name}": f"'{value}'" for name, value in cors.RESPONSE_HEADERS.items()
    }
    status = '{"statusCode": 404}'
    not_found = apigateway.MockIntegration(
        # A mock reads its status from the template of the request's content type, whatever the body.
        request_templates=dict.fromkeys(
            (
                "application/json",
                "application/octet-stream",
                "application/x-www-form-urlencoded",
                "application/xml",
                "multipart/form-data",
                "text/csv",
                "text/plain",
                "text/xml",
            ),
            status,
        ),
        passthrough_behavior=apigateway.PassthroughBehavior.NEVER,
        integration_responses=[
            apigateway.IntegrationResponse(
                status_code="404",
                response_parameters=headers,
                response_templates={"application/json": error_body(NOT_FOUND, reference)},
            )
        ],
    )
    for resource in (rest_api.root, rest_api.root.add_resource("{proxy+}")):
        method = resource.add_method(
            "ANY",
            not_found,
            authorization_type=apigateway.AuthorizationType.NONE,
            method_responses=[
                apigateway.MethodResponse(status_code="404", response_parameters=dict.fromkeys(headers, True))
            ],
        )
        for rule in ("AwsSolutions-APIG4", "AwsSolutions-COG4"):
            Validations.of(method).acknowledge(
                Acknowledgment(
                    id=rule, reason="It answers 404 to unknown routes and reaches no code and no data."
                )
            )


def answer_mocks_as_text(rest_api: apigateway.RestApi) -> None:
    """Let a mock read and write text of binary types too.

    Without this it answers 500 to a preflight that counts as JSON (AWS: content type conversions).
    """
    for method in rest_api.methods:
        if method.http_method in {"OPTIONS", "ANY"}:
            resource = cast("apigateway.CfnMethod", method.node.default_child)
            resource.add_property_override("Integration.ContentHandling", "CONVERT_TO_TEXT")
            resource.add_property_override(
                "Integration.IntegrationResponses.0.ContentHandling", "CONVERT_TO_TEXT"
            )
