"""The gateway's authorizer."""

import hashlib
import io
import json
import time
from typing import Any

import pytest

from functions.auth import tenants
from functions.auth.authorize import AuthorizerFaultError, handler
from functions.shared import dynamo
from functions.shared.errors import UnavailableError
from tests.auth.credentials import change, register, token_for

ARN = "arn:aws:execute-api:ap-southeast-2:123456789012:abc123"


@pytest.fixture
def token(aws: None) -> str:
    register("demo")
    register("other")
    return token_for("demo")


def authorize(**headers: str) -> dict[str, Any]:
    return handler(
        {
            "type": "REQUEST",
            "methodArn": f"{ARN}/v1/GET/services/customerservice/api/v2/customers/x",
            "headers": {name.replace("_", "-"): value for name, value in headers.items()},
            "requestContext": {"stage": "v1", "requestId": "r"},
        },
        None,
    )


def effect(answer: dict[str, Any]) -> str:
    (statement,) = answer["policyDocument"]["Statement"]
    return str(statement["Effect"])


def assert_unauthorized(**headers: str) -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011  the gateway knows exactly this
        authorize(**headers)
    assert (type(raised.value), str(raised.value)) == (Exception, "Unauthorized")


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "Bearer  ", ""])
def test_a_good_token_opens_the_whole_stage_to_its_tenant(token: str, scheme: str) -> None:
    answer = authorize(authorization=f"{scheme}{token}", X_TWC_Tenant="demo")

    (statement,) = answer["policyDocument"]["Statement"]
    assert statement == {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{ARN}/v1/*/*"}
    assert answer["context"]["tenantId"] == "demo"
    assert float(answer["context"]["tokenExpiresAt"]) > time.time()


def test_where_tenants_have_tiers_the_gateway_is_told_whose_request_it_is(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "usageIdentifierKey" not in authorize(Authorization=token, X_TWC_Tenant="demo")
    monkeypatch.setenv("USAGE_KEY_PREFIX", "customerservice-prod-")
    allowed = authorize(Authorization=token, X_TWC_Tenant="demo")
    # What the gateway has kept of each tenant since it was registered: another key would count for nobody.
    assert allowed["usageIdentifierKey"] == hashlib.sha256(b"customerservice-prod-demo").hexdigest()
    assert "usageIdentifierKey" not in authorize(Authorization=token, X_TWC_Tenant="other")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_TWC_Tenant": "demo"},
        {"Authorization": "Bearer wrong", "X_TWC_Tenant": "demo"},
        {"Authorization": "Bearer ", "X_TWC_Tenant": "demo"},
        {"Authorization": f"Bearer {'x' * 9000}", "X_TWC_Tenant": "demo"},
        {"Authorization": "half\ud800", "X_TWC_Tenant": "demo"},
    ],
)
def test_no_good_token_is_unauthorized(token: str, headers: dict[str, str]) -> None:
    assert_unauthorized(**headers)


def test_a_decision_is_logged_with_the_request_that_it_was_about(token: str, log: io.StringIO) -> None:
    authorize(Authorization=token, X_TWC_Tenant="demo")

    line = json.loads(log.getvalue())
    assert (line["message"], line["effect"], line["requestId"]) == ("authorization", "Allow", "r")


@pytest.mark.parametrize(("length", "reads"), [(0, 0), (1, 1), (512, 1), (513, 0)])
def test_only_what_may_be_a_token_is_looked_for(
    aws: None, dynamo_calls: list[str], length: int, reads: int
) -> None:
    assert_unauthorized(Authorization="x" * length, X_TWC_Tenant="demo")

    assert dynamo_calls == ["batch_get_item"] * reads


def test_a_missing_tenant_is_unauthorized(token: str) -> None:
    assert_unauthorized(Authorization=f"Bearer {token}")


@pytest.mark.parametrize("tenant", ["demo", "other"])
def test_an_expired_token_is_unauthorized(token: str, tenant: str) -> None:
    assert_unauthorized(Authorization=token_for("demo", seconds=0), X_TWC_Tenant=tenant)


def test_a_revoked_token_is_unauthorized(token: str) -> None:
    change(tenants.tenant_key("demo"), tokensValidFrom=int(time.time()) + 1)

    assert_unauthorized(Authorization=token, X_TWC_Tenant="demo")


@pytest.mark.parametrize("tenant", ["other", "nobody", "DEMO", "x" * 3000])
def test_a_token_of_another_tenant_is_denied(token: str, tenant: str) -> None:
    answer = authorize(Authorization=f"Bearer {token}", X_TWC_Tenant=tenant)

    assert effect(answer) == "Deny"
    assert answer["context"] == {}


def test_a_disabled_tenant_is_denied(token: str) -> None:
    change(tenants.tenant_key("demo"), status="disabled")

    assert effect(authorize(Authorization=token, X_TWC_Tenant="demo")) == "Deny"


def test_a_table_that_does_not_answer_is_a_fault_that_is_logged_and_not_a_401(
    token: str, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise UnavailableError

    monkeypatch.setattr(dynamo, "call", busy)

    with pytest.raises(AuthorizerFaultError):
        authorize(Authorization=token, X_TWC_Tenant="demo")

    assert json.loads(log.getvalue())["message"] == "authorizer fault"
