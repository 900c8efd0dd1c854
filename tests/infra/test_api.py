"""The gateway: its own errors, what it logs, its throttle."""

import json

import pytest

from functions.shared import cors
from infra.routes import TOKEN, UPLOADS
from infra.settings import STAGES
from tests.infra.templates import Properties, methods, resources

# Every response type API Gateway has (AWS: gateway response types) and the status a caller sees.
STATUSES = {
    "UNSUPPORTED_MEDIA_TYPE": 404,
    "ACCESS_DENIED": 403,
    "API_CONFIGURATION_ERROR": 503,
    "AUTHORIZER_CONFIGURATION_ERROR": 503,
    "AUTHORIZER_FAILURE": 503,
    "INTEGRATION_FAILURE": 503,
    "INTEGRATION_TIMEOUT": 503,
    "INVALID_API_KEY": 403,
    "MISSING_AUTHENTICATION_TOKEN": 404,
    "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413,
    "RESOURCE_NOT_FOUND": 404,
    "THROTTLED": 429,
    "UNAUTHORIZED": 401,
    "WAF_FILTERED": 403,
}


def gateway_errors(stage: str) -> dict[str, Properties]:
    """The gateway's own errors by response type."""
    found = resources(stage, "service", "AWS::ApiGateway::GatewayResponse").values()
    return {one["ResponseType"]: one for one in found}


def body_of(error: Properties) -> dict[str, str]:
    """The body of an error of the gateway."""
    template = error["ResponseTemplates"]["application/json"]
    if isinstance(template, dict):
        template = "".join(part if isinstance(part, str) else "api" for part in template["Fn::Join"][1])
    body: dict[str, str] = json.loads(template)
    return body


def deployed_stage(stage: str) -> Properties:
    """The API's stage."""
    (found,) = resources(stage, "service", "AWS::ApiGateway::Stage").values()
    return found


def test_every_error_of_the_gateway_has_a_body_of_ours_and_cors_headers(stage: str) -> None:
    errors = gateway_errors(stage)
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= errors.keys()
    for response_type, error in errors.items():
        body = body_of(error)
        assert body.keys() == {"message", "code", "requestId", "documentation"}, response_type
        assert body["requestId"] == "$context.requestId"
        assert body["code"] == body["code"].lower()
        for name, value in cors.RESPONSE_HEADERS.items():
            assert error["ResponseParameters"][f"gatewayresponse.header.{name}"] == f"'{value}'"


def test_the_gateways_errors_have_the_statuses_of_the_contract(stage: str) -> None:
    found = {
        kind: int(error["StatusCode"])
        for kind, error in gateway_errors(stage).items()
        if "StatusCode" in error
    }
    assert found == STATUSES


def test_a_request_without_a_good_token_is_told_unauthorized(stage: str) -> None:
    assert body_of(gateway_errors(stage)["UNAUTHORIZED"])["message"] == "Unauthorized"


def test_every_error_of_the_gateway_leads_to_its_entry_in_the_reference(stage: str) -> None:
    base = "/_aws/execute-api/api/local" if stage == "local" else "https://$context.domainName/$context.stage"
    for error in gateway_errors(stage).values():
        body = body_of(error)
        assert body["documentation"] == f"{base}/services/customerservice/docs#{body['code']}"


def test_who_is_told_to_try_again_is_told_when(stage: str) -> None:
    for response_type, error in gateway_errors(stage).items():
        told = "gatewayresponse.header.Retry-After" in error["ResponseParameters"]
        assert told == (error.get("StatusCode") in {"429", "503"}), response_type


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_an_unknown_route_is_404_whatever_headers_it_carries(stage: str) -> None:
    for path in ("", "/{proxy+}"):
        method = methods(stage)["ANY", path]
        assert (method["AuthorizationType"], method["Integration"]["Type"]) == ("NONE", "MOCK")
        (answer,) = method["Integration"]["IntegrationResponses"]
        assert answer["StatusCode"] == "404"
        assert json.loads(answer["ResponseTemplates"]["application/json"])["code"] == "not_found"
        assert answer["ResponseParameters"]["method.response.header.Access-Control-Allow-Origin"] == "'*'"


def test_the_access_log_has_the_route_and_nothing_of_the_caller(stage: str) -> None:
    log = deployed_stage(stage)["AccessLogSetting"]
    fields = set(json.loads(log["Format"]).values())
    assert "$context.resourcePath" in fields
    personal = ("path", "protocol", "identity", "querystring", "header", "requestOverride")
    assert not [field for field in fields if field.removeprefix("$context.").startswith(personal)]


def test_nothing_that_holds_a_url_is_logged_or_traced(stage: str) -> None:
    found = deployed_stage(stage)
    assert found["TracingEnabled"] is False
    (everywhere,) = [one for one in found["MethodSettings"] if one["ResourcePath"] == "/*"]
    assert (everywhere["LoggingLevel"], everywhere["DataTraceEnabled"]) == ("OFF", False)
    assert not [one for one in found["MethodSettings"] if one.get("LoggingLevel", "OFF") != "OFF"]


def test_each_route_is_throttled_as_the_settings_say_and_costly_ones_sooner(stage: str) -> None:
    limits = {
        (one["ResourcePath"].replace("~1", "/").replace("//", "/"), one["HttpMethod"]): (
            one["ThrottlingRateLimit"],
            one["ThrottlingBurstLimit"],
        )
        for one in deployed_stage(stage)["MethodSettings"]
    }
    settings = STAGES[stage]
    assert limits.pop(("/*", "*")) == (settings.requests_per_second, settings.burst)
    tokens, uploads = settings.token_requests_per_second, settings.upload_requests_per_second
    assert limits.pop((TOKEN, "POST")) == (tokens, 2 * tokens)
    assert limits.pop((UPLOADS, "POST")) == (uploads, 2 * uploads)
    assert limits == {}


def test_the_authorizer_sees_both_headers_and_its_answers_are_kept_for_a_while(stage: str) -> None:
    (authorizer,) = resources(stage, "service", "AWS::ApiGateway::Authorizer").values()
    assert authorizer["IdentitySource"].split(",") == [
        "method.request.header.Authorization",
        "method.request.header.X-TWC-Tenant",
    ]
    assert authorizer["AuthorizerResultTtlInSeconds"] == STAGES[stage].authorizer_cache_seconds > 0


def test_answers_of_a_kilobyte_or_more_are_compressed_for_who_accepts_it(stage: str) -> None:
    (api,) = resources(stage, "service", "AWS::ApiGateway::RestApi").values()
    assert api["MinimumCompressionSize"] == 1024
