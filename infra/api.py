"""The REST API: every route of `infra/routes.py`, the authorizer before them, CORS on every answer."""

import json
from collections.abc import Mapping

from aws_cdk import Acknowledgment, CfnOutput, Duration, Size, Validations
from aws_cdk import Stack as CdkStack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_logs as logs
from constructs import Construct

from functions import canary
from functions.auth.tenants import usage_key
from functions.shared import cors
from functions.shared.address import REFERENCE_PATH
from infra.address import TLS, Address
from infra.function import ServiceFunction
from infra.gateway_errors import ERRORS as GATEWAY_ERRORS
from infra.gateway_errors import error_body
from infra.mocks import answer_mocks_as_text, answer_unknown_routes
from infra.retention import log_retention, removal_policy
from infra.routes import AUTHORIZER, ENDPOINTS, TOKEN, UPLOADS
from infra.settings import Stage, Tier, usage_plan_output
from infra.web_acl import WebAcl

ACCESS_LOG_FIELDS = {
    "requestId": "$context.requestId",
    "requestTime": "$context.requestTime",
    "tenantId": "$context.authorizer.tenantId",
    "httpMethod": "$context.httpMethod",
    # The route's template: the path and the query may hold an e-mail address, the caller's IP is a person's.
    "resourcePath": "$context.resourcePath",
    "status": "$context.status",
    "errorType": "$context.error.responseType",
    "integrationStatus": "$context.integration.status",
    "responseLatency": "$context.responseLatency",
    "integrationLatency": "$context.integrationLatency",
    "responseLength": "$context.responseLength",
}

PREFLIGHT_CACHE = Duration.hours(1)


class Api(Construct):
    """The gateway of one stage; `functions` by handler, as in the route table.

    `url` is what the paths of the route table come after.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, functions: Mapping[str, ServiceFunction]
    ) -> None:
        super().__init__(scope, construct_id)
        self.rest_api = _rest_api(self, stage)
        reference = _reference_address(self.rest_api, stage)
        _add_error_responses(self.rest_api, reference)
        authorizer = apigateway.RequestAuthorizer(
            self,
            "Authorizer",
            handler=functions[AUTHORIZER.handler].target,
            identity_sources=[
                apigateway.IdentitySource.header("Authorization"),
                apigateway.IdentitySource.header("X-TWC-Tenant"),
            ],
            results_cache_ttl=Duration.seconds(stage.authorizer_cache_seconds),
        )
        for endpoint in ENDPOINTS:
            integration = apigateway.LambdaIntegration(
                functions[endpoint.handler].target,
                allow_test_invoke=False,
                # One permission a function, not one a route: a stack ends at 500 resources.
                scope_permission_to_method=False,
            )
            for http_method, path in endpoint.methods_and_paths:
                method = self.rest_api.root.resource_for_path(path).add_method(
                    http_method,
                    integration,
                    api_key_required=(bool(stage.tiers) and endpoint.authorized) or None,
                    authorizer=authorizer if endpoint.authorized else None,
                    authorization_type=apigateway.AuthorizationType.CUSTOM
                    if endpoint.authorized
                    else apigateway.AuthorizationType.NONE,
                )
                _acknowledge_authorization(method, public=not endpoint.authorized)
        # The emulator does not render the templates of a mock; there, gateway errors alone say 404.
        if not stage.emulated:
            answer_unknown_routes(self.rest_api, reference)
            _speak_modern_tls(self.rest_api)
        answer_mocks_as_text(self.rest_api)
        for tier in stage.tiers:
            _add_usage_plan(self.rest_api, tier, stage)
        if stage.web_acl:
            WebAcl(
                self,
                "WebAcl",
                name=stage.stack_name("api"),
                stage_arn=self.rest_api.deployment_stage.stage_arn,
            )
        if stage.domain:
            self.url = Address(self, "Address", domain=stage.domain, rest_api=self.rest_api).url
        else:
            self.url = self.rest_api.url.rstrip("/")


def _rest_api(scope: Construct, stage: Stage) -> apigateway.RestApi:
    access_log = logs.LogGroup(
        scope,
        "AccessLog",
        retention=log_retention(stage.log_days),
        removal_policy=removal_policy(stage),
    )
    rest_api = apigateway.RestApi(
        scope,
        "RestApi",
        rest_api_name=stage.stack_name("api"),
        endpoint_types=[apigateway.EndpointType.REGIONAL],
        # Of a binary type the functions get the bytes as they came; of others, what is not UTF-8 is U+FFFD.
        binary_media_types=["application/json"],
        # A tenant's key comes from the authorizer; a caller's `x-api-key` counts for nothing.
        api_key_source_type=apigateway.ApiKeySourceType.AUTHORIZER if stage.tiers else None,
        # The account's stack sets it.
        cloud_watch_role=False,
        disable_execute_api_endpoint=stage.domain is not None,
        # For who accepts it; the reference's viewer is megabytes of text.
        min_compression_size=Size.kibibytes(1),
        default_cors_preflight_options=apigateway.CorsOptions(
            allow_origins=[cors.ALLOW_ORIGIN],
            allow_headers=list(cors.ALLOW_HEADERS),
            allow_methods=sorted({method for e in ENDPOINTS for method, _ in e.methods_and_paths}),
            max_age=PREFLIGHT_CACHE,
        ),
        deploy_options=apigateway.StageOptions(
            stage_name=stage.name,
            throttling_rate_limit=stage.requests_per_second,
            throttling_burst_limit=stage.burst,
            method_options=_throttles(stage),
            access_log_destination=apigateway.LogGroupLogDestination(access_log),
            access_log_format=apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG_FIELDS)),
            # Execution logs and traces hold the URL, and with it e-mail addresses.
            logging_level=apigateway.MethodLoggingLevel.OFF,
            data_trace_enabled=False,
            tracing_enabled=False,
            metrics_enabled=False,
        ),
    )
    _acknowledge_api(rest_api, stage)
    return rest_api


def _throttles(stage: Stage) -> dict[str, apigateway.MethodDeploymentOptions]:
    """The throttles of the routes that cost more than others, or that strangers reach, by path and method.

    What no route serves has the stage's own: AWS documents no setting of a method `ANY`, and a wrong one
    would fail the first deploy. It reaches no function.
    """
    limits = {
        f"{TOKEN}/POST": stage.token_requests_per_second,
        f"{UPLOADS}/POST": stage.upload_requests_per_second,
    }
    return {
        route: apigateway.MethodDeploymentOptions(
            throttling_rate_limit=limit, throttling_burst_limit=2 * limit
        )
        for route, limit in limits.items()
    }


def _add_usage_plan(rest_api: apigateway.RestApi, tier: Tier, stage: Stage) -> None:
    """A tier's usage plan. The canary has the first tier's key; `tenants` gives the others theirs."""
    name = usage_plan_output(tier)
    plan = rest_api.add_usage_plan(
        name,
        name=f"{stage.usage_key_prefix}{tier.name}",
        throttle=apigateway.ThrottleSettings(rate_limit=tier.requests_per_second, burst_limit=tier.burst),
        api_stages=[apigateway.UsagePlanPerApiStage(api=rest_api, stage=rest_api.deployment_stage)],
    )
    if tier == stage.tiers[0] and stage.canary_minutes:
        plan.add_api_key(
            rest_api.add_api_key(
                "CanaryKey",
                api_key_name=f"{stage.usage_key_prefix}{canary.TENANT}",
                value=usage_key(stage.usage_key_prefix, canary.TENANT),
            )
        )
    CfnOutput(CdkStack.of(rest_api), name, value=plan.usage_plan_id)


def _speak_modern_tls(rest_api: apigateway.RestApi) -> None:
    """The gateway's own address would take TLS 1.0 (AWS: security policies for REST APIs)."""
    resource = rest_api.node.find_child("Resource")
    assert isinstance(resource, apigateway.CfnRestApi)  # noqa: S101  what the construct is made of
    resource.security_policy = f"SecurityPolicy_{TLS.value}"
    resource.endpoint_access_mode = apigateway.EndpointAccessMode.STRICT.value


def _reference_address(rest_api: apigateway.RestApi, stage: Stage) -> str:
    """Where the gateway's own errors say the reference is."""
    if stage.emulated:
        # The emulator knows no domain name; the path is right for whoever asked it.
        return f"/_aws/execute-api/{rest_api.rest_api_id}/{stage.name}{REFERENCE_PATH}"
    if stage.domain:
        # There the API is at the root, without its stage.
        return f"https://$context.domainName{REFERENCE_PATH}"
    return f"https://$context.domainName/$context.stage{REFERENCE_PATH}"


def _add_error_responses(rest_api: apigateway.RestApi, reference: str) -> None:
    """Give `rest_api` an answer in our shape for every error of the gateway itself.

    `reference` is where the reference page is, in the gateway's words.
    """
    for error in GATEWAY_ERRORS:
        headers = {**cors.RESPONSE_HEADERS, **error.headers}
        rest_api.add_gateway_response(
            error.response_type.title().replace("_", ""),
            type=apigateway.ResponseType.of(error.response_type),
            status_code=str(error.status) if error.status else None,
            response_headers={name: f"'{value}'" for name, value in headers.items()},
            templates={"application/json": error_body(error, reference)},
        )


def _acknowledge_authorization(method: apigateway.Method, *, public: bool) -> None:
    if public:
        Validations.of(method).acknowledge(
            Acknowledgment(
                id="AwsSolutions-APIG4",
                reason="This route gives out the tokens the others ask for (RFC 6749), to a caller who has "
                "none yet and proves itself with the client's secret; or it serves the reference, which is "
                "for everybody and reaches no data.",
            )
        )
    Validations.of(method).acknowledge(
        Acknowledgment(
            id="AwsSolutions-COG4",
            reason="Callers are retailers' systems with client credentials, checked by this service "
            "itself: there are no people with user names for a Cognito pool.",
        )
    )


def _acknowledge_api(rest_api: apigateway.RestApi, stage: Stage) -> None:
    Validations.of(rest_api.node.find_child("Resource")).acknowledge(
        Acknowledgment(
            id="AwsSolutions-APIG2",
            reason="The functions validate every request and name all wrong fields at once; "
            "the gateway's validator would stop at the first with a message of its own.",
        )
    )
    Validations.of(rest_api.deployment_stage).acknowledge(
        Acknowledgment(
            id="AwsSolutions-APIG6",
            reason="Execution logs hold the URL, which may hold an e-mail address. "
            "The access log has every request with its route instead.",
        )
    )
    if not stage.web_acl:
        Validations.of(rest_api.deployment_stage).acknowledge(
            Acknowledgment(
                id="AwsSolutions-APIG3",
                reason="This stage's settings leave the web ACL out, to save its fixed cost where no real "
                "customers are: every route but one needs a token of 256 random bits, that one takes a "
                "secret as long, and each is throttled.",
            )
        )
