"""The gateway's own errors: the service's one error shape for each response type."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

RETRY_SOON: Mapping[str, str] = {"Retry-After": "1"}


@dataclass(frozen=True)
class GatewayError:
    """What a caller gets for one response type; without a `status` the gateway keeps its own."""

    response_type: str
    code: str
    message: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


NOT_FOUND = GatewayError("MISSING_AUTHENTICATION_TOKEN", "not_found", "There is no such route", status=404)
"""API Gateway's name for an unknown route or method."""

ERRORS = (
    GatewayError("DEFAULT_4XX", "invalid_request", "The request was refused"),
    GatewayError("DEFAULT_5XX", "internal_error", "Something went wrong on our side"),
    NOT_FOUND,
    GatewayError("RESOURCE_NOT_FOUND", "not_found", "There is no such route", status=404),
    # Of all routes only the one that answers unknown ones minds the type of a body.
    GatewayError("UNSUPPORTED_MEDIA_TYPE", "not_found", "There is no such route", status=404),
    GatewayError(
        "UNAUTHORIZED",
        "unauthorized",
        "Unauthorized",
        status=401,
        headers={"WWW-Authenticate": "Bearer"},
    ),
    GatewayError(
        "ACCESS_DENIED",
        "forbidden",
        "The access token is not for this tenant, or the tenant is disabled",
        status=403,
    ),
    GatewayError(
        "REQUEST_TOO_LARGE", "payload_too_large", "The request's body or headers are too large", status=413
    ),
    GatewayError(
        "THROTTLED", "too_many_requests", "Too many requests; try again", status=429, headers=RETRY_SOON
    ),
    GatewayError(
        "QUOTA_EXCEEDED",
        "quota_exceeded",
        "The quota is used up; try again later",
        status=429,
        headers={"Retry-After": "3600"},
    ),
    # Every tenant has a usage key, but for one that was registered before its stage had tiers.
    GatewayError("INVALID_API_KEY", "forbidden", "The tenant has no tier; ask the operator", status=403),
    GatewayError("WAF_FILTERED", "forbidden", "The request was refused", status=403),
    # A function or an authorizer that is throttled, raises, or takes too long is one of these.
    *(
        GatewayError(
            response_type, "unavailable", "The service is busy; try again", status=503, headers=RETRY_SOON
        )
        for response_type in (
            "API_CONFIGURATION_ERROR",
            "AUTHORIZER_CONFIGURATION_ERROR",
            "AUTHORIZER_FAILURE",
            "INTEGRATION_FAILURE",
            "INTEGRATION_TIMEOUT",
        )
    ),
)


def error_body(error: GatewayError, reference: str) -> str:
    """The body's template, which the gateway fills with the id of the request."""
    documentation = f"{reference}#{error.code}"
    body = {"message": error.message, "code": error.code, "requestId": "$context.requestId"}
    return json.dumps(body | {"documentation": documentation})
