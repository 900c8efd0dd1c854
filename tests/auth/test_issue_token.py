"""POST /auth/realms/{tenant}/protocol/openid-connect/token."""

import base64
import time
from urllib.parse import quote_plus, urlencode

import pytest

from functions.auth import authorize, tenants
from functions.auth.issue_token import MAX_PARAMETERS
from functions.shared import dynamo
from functions.shared.dynamo import get
from tests.api import Api, Reply
from tests.auth.credentials import Credentials, authorizer_event, change, register

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}


@pytest.fixture
def demo(aws: None) -> Credentials:
    return register("demo")


def url(realm: str = "demo") -> str:
    return f"/auth/realms/{realm}/protocol/openid-connect/token"


def ask(form: dict[str, str], realm: str = "demo", headers: dict[str, str] | None = None) -> Reply:
    return Api(None).post(url(realm), text=urlencode(form), headers=FORM | (headers or {}))


def ask_as(credentials: Credentials, **form: str) -> Reply:
    given = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
    }
    return ask(given | form, credentials.tenant)


def assert_error(reply: Reply, status: int, error: str) -> None:
    assert (reply.status, reply.json["error"], reply.json["code"]) == (status, error, error), reply.text
    assert reply.json["error_description"] == reply.json["message"]
    assert reply.json["requestId"]
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["access-control-allow-origin"] == "*"


def test_good_credentials_get_a_token_that_only_its_hash_is_kept_of(demo: Credentials) -> None:
    reply = ask_as(demo)

    token = reply.json["access_token"]
    assert reply.status == 200
    assert reply.json == {
        "access_token": token,
        "expires_in": 18_000,
        "refresh_expires_in": 0,
        "token_type": "Bearer",
        "not-before-policy": 0,
        "scope": "email profile",
    }
    assert reply.headers["cache-control"] == "no-store"
    stored = dynamo.call("scan", TableName="tenants")["Items"]
    assert tenants.token_key(token) in [item["tenantKey"]["S"] for item in stored]
    assert token not in str(stored)
    assert demo.client_secret not in str(stored)


def test_the_authorizer_takes_an_issued_token_for_as_long_as_is_said(demo: Credentials) -> None:
    issued = ask_as(demo).json

    context = authorize.handler(authorizer_event(issued["access_token"], "demo"), None)["context"]

    kept = get("tenants", {"tenantKey": tenants.token_key(issued["access_token"])}) or {}
    assert kept["expiresAt"] - kept["issuedAt"] == issued["expires_in"]
    assert context == {"tenantId": "demo", "tokenExpiresAt": str(kept["expiresAt"])}


def test_a_token_and_a_secret_are_256_random_bits() -> None:
    made = [tenants.new_secret() for _ in range(2)]

    assert made[0] != made[1]
    assert all(len(base64.urlsafe_b64decode(one + "=")) >= 32 for one in made)


def test_credentials_may_come_as_http_basic(demo: Credentials) -> None:
    pair = f"{quote_plus(demo.client_id)}:{quote_plus(demo.client_secret)}"
    header = {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    assert ask({"grant_type": "client_credentials"}, headers=header).status == 200


def test_wrong_credentials_are_an_invalid_client(demo: Credentials) -> None:
    assert_error(ask_as(demo, client_secret="wrong"), 401, "invalid_client")
    assert_error(ask_as(demo, client_id="wrong"), 401, "invalid_client")
    assert_error(ask_as(demo, client_secret=""), 401, "invalid_client")
    assert_error(ask_as(demo, client_id="x" * 3000), 401, "invalid_client")
    assert "www-authenticate" in ask_as(demo, client_id="wrong").headers


def test_credentials_longer_than_any_key_are_an_invalid_client(demo: Credentials) -> None:
    for text in ("x" * 3000, "🎂" * 512, "é" * 300):
        assert_error(ask_as(demo, client_id=text), 401, "invalid_client")
        pair = base64.b64encode(f"{text}:x".encode()).decode()
        basic = {"Authorization": f"Basic {pair}"}
        assert_error(ask({"grant_type": "client_credentials"}, headers=basic), 401, "invalid_client")


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
    ],
)
def test_what_is_wrong_is_told_in_the_order_of_the_standard_but_for_the_realm(
    demo: Credentials, form: dict[str, str], status: int, error: str
) -> None:
    assert_error(ask(form), status, error)
    assert ask(form, "nobody").status == 404
    assert ask(form, "No Realm").status == 404


def test_a_client_that_authenticates_in_two_ways_is_refused(demo: Credentials) -> None:
    pair = base64.b64encode(f"{demo.client_id}:{demo.client_secret}".encode()).decode()
    basic = {"Authorization": f"Basic {pair}"}
    grant = {"grant_type": "client_credentials"}

    assert_error(ask(grant | {"client_secret": "x"}, headers=basic), 400, "invalid_request")
    assert_error(ask(grant | {"client_id": "other"}, headers=basic), 400, "invalid_request")
    assert ask(grant | {"client_id": demo.client_id}, headers=basic).status == 200


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Basic /w==", "Basic OnNlY3JldA=="])
def test_a_broken_basic_header_is_an_invalid_client(demo: Credentials, header: str) -> None:
    assert_error(
        ask({"grant_type": "client_credentials"}, headers={"Authorization": header}), 401, "invalid_client"
    )


def test_good_credentials_in_base64_with_anything_else_in_it_are_an_invalid_client(demo: Credentials) -> None:
    pair = base64.b64encode(f"{demo.client_id}:{demo.client_secret}".encode()).decode()
    header = {"Authorization": f"Basic {pair[:4]}!{pair[4:]}"}

    assert_error(ask({"grant_type": "client_credentials"}, headers=header), 401, "invalid_client")


def test_another_tenants_client_is_an_invalid_client(demo: Credentials) -> None:
    other = register("other")

    assert_error(ask_as(Credentials("demo", other.client_id, other.client_secret)), 401, "invalid_client")


def test_a_disabled_tenant_gets_no_token(aws: None) -> None:
    assert_error(ask_as(register("gone", status="disabled")), 401, "invalid_client")


def test_the_secret_before_a_rotation_is_good_until_its_end(demo: Credentials) -> None:
    rotated = {"secretHash": tenants.hashed("new"), "previousSecretHash": tenants.hashed(demo.client_secret)}
    change(tenants.client_key(demo.client_id), **rotated, previousSecretUntil=int(time.time()) + 60)
    assert ask_as(demo).status == ask_as(demo, client_secret="new").status == 200

    assert_error(ask_as(demo, client_secret="a third"), 401, "invalid_client")

    change(tenants.client_key(demo.client_id), previousSecretUntil=int(time.time()))
    assert_error(ask_as(demo), 401, "invalid_client")


@pytest.mark.parametrize("realm", ["nobody", "No%20Tenant", "x" * 3000])
def test_an_unknown_realm_is_not_found(demo: Credentials, realm: str) -> None:
    reply = ask({"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"}, realm)

    assert (reply.status, reply.json["code"]) == (404, "not_found")


def test_only_client_credentials_are_granted(demo: Credentials) -> None:
    assert_error(ask_as(demo, grant_type="password"), 400, "unsupported_grant_type")
    assert_error(
        ask({"client_id": demo.client_id, "client_secret": demo.client_secret}), 400, "invalid_request"
    )


def test_a_parameter_without_a_value_counts_as_left_out(demo: Credentials) -> None:
    given = {"client_id": demo.client_id, "client_secret": demo.client_secret}
    good = urlencode({"grant_type": "client_credentials", **given})

    assert Api(None).post(url(), text=f"scope=&client_id=&{good}", headers=FORM).status == 200
    assert_error(ask({"grant_type": "", **given}), 400, "invalid_request")


def test_a_form_of_too_many_parameters_is_refused(demo: Credentials) -> None:
    assert ask_as(demo, **{f"a{n}": "1" for n in range(MAX_PARAMETERS - 3)}).status == 200
    many = ask_as(demo, **{f"a{n}": "1" for n in range(MAX_PARAMETERS - 2)})

    assert_error(many, 400, "invalid_request")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", "{}"),
        ("text/plain", "grant_type=client_credentials&client_id=a&client_secret=b"),
        (FORM["Content-Type"], "grant_type=client_credentials&grant_type=password"),
        (FORM["Content-Type"], "grant_type=client_credentials&client_id=%ff&client_secret=b"),
    ],
)
def test_what_is_no_form_is_an_invalid_request(demo: Credentials, content_type: str, body: str) -> None:
    reply = Api(None).post(url(), text=body, headers={"Content-Type": content_type})

    assert_error(reply, 400, "invalid_request")
