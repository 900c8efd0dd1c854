"""The gateway's authorizer: from token to tenant, one read.

Answers with a policy for the whole stage, because the gateway caches it for every method of a token.
"""

import time
from typing import Any

from functions.auth import tenants
from functions.shared import dynamo
from functions.shared.endpoint import Event, headers_of
from functions.shared.errors import UnavailableError
from functions.shared.observe import log_fault, logger
from functions.shared.settings import usage_key_prefix
from functions.shared.startup import lambda_handler

MAX_TOKEN_LENGTH = 512


class AuthorizerFaultError(Exception):
    """The authorizer could not decide; the gateway answers AUTHORIZER_FAILURE."""


@lambda_handler
def handler(event: Event, _context: Any) -> dict[str, Any]:
    """Allow, or Deny (403) for another tenant's token and a disabled tenant.

    Raises `Exception("Unauthorized")`, which API Gateway makes a 401 (AWS: Lambda authorizer output).
    """
    try:
        decision = _decision(event)
    except UnavailableError as error:
        log_fault("authorizer fault", error)
        raise AuthorizerFaultError from None
    effect = "Deny" if decision is None else "Allow" if decision else "Unauthorized"
    logger.info("authorization", effect=effect, requestId=event["requestContext"].get("requestId"))
    if effect == "Unauthorized":
        raise Exception("Unauthorized")  # noqa: TRY002  the very words API Gateway knows
    return _policy(event, effect, decision or {})


def _decision(event: Event) -> dict[str, str] | None:
    """The authorizer context of a good request, empty for a token that is no good, None for a refusal."""
    headers = headers_of(event)
    token = _token(headers.get("authorization", ""))
    tenant_id = headers.get("x-twc-tenant", "")
    if not 0 < len(token) <= MAX_TOKEN_LENGTH or not tenant_id:
        return {}
    keys = [tenants.token_key(token)]
    if tenants.is_tenant_id(tenant_id):
        keys.append(tenants.tenant_key(tenant_id))
    known, *named = dynamo.batch_get([("tenants", {"tenantKey": key}) for key in keys])
    now = int(time.time())
    if known is None or now >= int(known["expiresAt"]):
        return {}
    tenant = next(iter(named), None)
    if tenant is None or known["tenantId"] != tenant_id:
        return None
    if not tenants.token_is_good(known, tenant, now=now):
        return {}
    if tenant["status"] != "active":
        return None
    return {"tenantId": tenant_id, "tokenExpiresAt": str(known["expiresAt"])}


def _token(authorization: str) -> str:
    scheme, _, rest = authorization.partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else authorization


def _policy(event: Event, effect: str, context: dict[str, str]) -> dict[str, Any]:
    arn, _, _ = event["methodArn"].partition("/")
    stage = event["requestContext"]["stage"]
    prefix = usage_key_prefix()
    counted = (
        {"usageIdentifierKey": tenants.usage_key(prefix, context["tenantId"])} if prefix and context else {}
    )
    return {
        **counted,
        "principalId": context.get("tenantId", "refused"),
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Action": "execute-api:Invoke", "Effect": effect, "Resource": f"{arn}/{stage}/*/*"}
            ],
        },
        "context": context,
    }
