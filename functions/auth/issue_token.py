"""POST /auth/realms/{tenant}/protocol/openid-connect/token.

An OpenID Connect token endpoint for the grant type client_credentials (RFC 6749, 4.4).
"""

import base64
import binascii
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from functions.auth import tenants
from functions.auth.errors import (
    NO_STORE,
    InvalidClientError,
    InvalidTokenRequestError,
    UnsupportedGrantTypeError,
)
from functions.shared import dynamo
from functions.shared.dynamo import Write
from functions.shared.endpoint import (
    Answer,
    Event,
    Response,
    answer,
    body_text,
    error_response,
    headers_of,
    path_values,
    utf8_bytes,
)
from functions.shared.errors import ApiError, NotFoundError
from functions.shared.settings import ACCESS_TOKEN_SECONDS
from functions.shared.startup import lambda_handler

MAX_CREDENTIAL_BYTES = 512
MAX_PARAMETERS = 20
NO_REALM = "There is no such realm"


@lambda_handler
def handler(event: Event, _context: Any) -> Answer:
    """Never raises. Errors hold RFC 6749's `error` beside the API's own shape."""
    return answer(event, lambda: _response(event))


def _response(event: Event) -> Response:
    try:
        return Response(200, _issued(event), NO_STORE)
    except (InvalidTokenRequestError, UnsupportedGrantTypeError, InvalidClientError) as error:
        told = error_response(error, str((event.get("requestContext") or {}).get("requestId", "")))
        body = {"error": error.code, "error_description": error.message, **told.body}
        return Response(told.status, body, told.headers)


def _issued(event: Event) -> dict[str, Any]:
    realm = path_values(event).get("tenant", "")
    if not tenants.is_tenant_id(realm):
        raise NotFoundError(NO_REALM)
    tenant_key = {"tenantKey": tenants.tenant_key(realm)}
    try:
        client_id, secret = _requested_credentials(event)
    except ApiError:
        # Where there is no such realm, that is what is wrong.
        if dynamo.batch_get([("tenants", tenant_key)]) == [None]:
            raise NotFoundError(NO_REALM) from None
        raise
    now = int(time.time())
    tenant, client = dynamo.batch_get(
        [("tenants", tenant_key), ("tenants", {"tenantKey": tenants.client_key(client_id)})]
    )
    if tenant is None:
        raise NotFoundError(NO_REALM)
    if (
        client is None
        or client["tenantId"] != realm
        or tenant["status"] != "active"
        or not tenants.secret_matches(client, secret, now=now)
    ):
        raise InvalidClientError
    token = tenants.new_secret()
    item = tenants.token_item(realm, token, issued_at=now, expires_at=now + ACCESS_TOKEN_SECONDS)
    dynamo.write(Write("Put", "tenants", item))
    return {
        "access_token": token,
        "expires_in": ACCESS_TOKEN_SECONDS,
        "refresh_expires_in": 0,
        "token_type": "Bearer",
        "not-before-policy": 0,
        "scope": "email profile",
    }


def _requested_credentials(event: Event) -> tuple[str, str]:
    """The client's id and secret in a request for the one grant there is."""
    form = _form(event)
    if "grant_type" not in form:
        raise InvalidTokenRequestError("grant_type is missing")
    if form["grant_type"] != "client_credentials":
        raise UnsupportedGrantTypeError("Only the grant type client_credentials is supported")
    return _credentials(event, form)


def _form(event: Event) -> dict[str, str]:
    content_type = headers_of(event).get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise InvalidTokenRequestError("The body must be application/x-www-form-urlencoded")
    try:
        # Parameters without a value, which count as left out (RFC 6749, 3.2), are left out.
        pairs = parse_qsl(body_text(event), errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise InvalidTokenRequestError("The body is not a form") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise InvalidTokenRequestError("A parameter is given more than once")
    return dict(pairs)


def _credentials(event: Event, form: Mapping[str, str]) -> tuple[str, str]:
    scheme, _, encoded = headers_of(event).get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            raise InvalidClientError from None
        credentials = unquote_plus(client_id), unquote_plus(secret)
        if "client_secret" in form or form.get("client_id", credentials[0]) != credentials[0]:
            raise InvalidTokenRequestError("The client authenticates in more than one way")
    else:
        credentials = form.get("client_id", ""), form.get("client_secret", "")
    if any(utf8_bytes(one) > MAX_CREDENTIAL_BYTES for one in credentials):
        raise InvalidClientError
    return credentials
