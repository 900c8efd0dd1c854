"""The door: a gateway event becomes a Request, a Response or an error becomes the gateway's answer."""

import base64
import binascii
import functools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import quote, unquote

from functions.shared import clock
from functions.shared.cors import RESPONSE_HEADERS
from functions.shared.errors import ApiError, InvalidRequestError, UnauthorizedError
from functions.shared.observe import log_fault, logger
from functions.shared.settings import API_URL_FORMAT, PATH_VALUES_ARE_ENCODED
from functions.shared.startup import lambda_handler
from functions.shared.text import is_unicode

MAX_BODY_BYTES = 256 * 1024
"""The largest body of one resource."""

Event = dict[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A call of the API by an authenticated tenant.

    `key` is the path's variable part, decoded; `query` has decoded values, the last where one is given
    twice; `headers` has lower-case names; `url` is the request's own, without its query.
    """

    tenant_id: str
    now: datetime
    request_id: str
    url: str
    key: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    def json(self, max_bytes: int = MAX_BODY_BYTES) -> Any:
        """The body, parsed; every number as the text it was written as, so no digit is lost.

        Raises InvalidRequestError for a body that is too large or not JSON (RFC 8259).
        """
        if len(self.body.encode("utf-8", "surrogatepass")) > max_bytes:
            raise InvalidRequestError(f"The body is larger than {max_bytes // 1024} KB")
        try:
            return json.loads(self.body, parse_int=str, parse_float=str, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise InvalidRequestError("The body is not JSON") from None

    def json_object(self) -> dict[str, Any]:
        """The body, a JSON object. Raises InvalidRequestError as `json` does, and for anything else."""
        body = self.json()
        if not isinstance(body, dict):
            raise InvalidRequestError("The body is not a JSON object")
        return body

    def idempotency_key(self) -> str | None:
        """The `Idempotency-Key`, if one is given. Raises InvalidRequestError beyond 255 characters."""
        key = self.headers.get("idempotency-key")
        if key is not None and not 0 < len(key) <= 255:
            raise InvalidRequestError.for_field("Idempotency-Key", "must be 1 to 255 characters")
        return key


@dataclass(frozen=True)
class Response:
    """An answer of the API; `body` is what JSON can say, None for an empty one."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def endpoint(story: Callable[[Request], Response]) -> Callable[[Event, Any], Answer]:
    """Make a Lambda handler of `story`. The handler never raises: every error is an answer.

    A request whose context names no tenant is 401, whatever let it through (contract, "Every request").
    """

    @lambda_handler
    @functools.wraps(story)
    def handler(event: Event, _context: Any) -> Answer:
        return answer(event, lambda: story(_request(event)))

    return handler


def answer(event: Event, story: Callable[[], Response]) -> Answer:
    """Run `story`, give its response or its error the gateway's form, and log the request."""
    started = time.perf_counter()
    context = event.get("requestContext") or {}
    request_id = str(context.get("requestId", ""))
    try:
        response = story()
    except ApiError as error:
        response = error_response(error, request_id)
    except Exception as error:  # noqa: BLE001  a fault of ours must not reach the caller as a trace
        log_fault("fault", error, requestId=request_id)
        response = _fault_response(request_id)
    logger.info(
        "request",
        route=f"{event.get('httpMethod')} {event.get('resource')}",
        status=response.status,
        code=response.body.get("code") if response.status >= 400 else None,
        tenant=(context.get("authorizer") or {}).get("tenantId"),
        milliseconds=round((time.perf_counter() - started) * 1000, 1),
        requestId=request_id,
    )
    return {
        "statusCode": response.status,
        "headers": {"Content-Type": "application/json", **RESPONSE_HEADERS, **response.headers},
        "body": "" if response.body is None else _json(response.body),
    }


def answer_bytes(body: Any) -> int:
    """How many bytes `body` takes in an answer, which Lambda hands on as JSON in JSON."""
    return len(json.dumps(_json(body), ensure_ascii=False).encode("utf-8", "surrogatepass"))


def error_response(error: ApiError, request_id: str) -> Response:
    """The one shape of an error (contract, "Errors")."""
    body: dict[str, Any] = {"message": error.message, "code": error.code}
    if error.errors:
        body["errors"] = [{"field": one.field, "message": one.message} for one in error.errors]
    return Response(error.status, body | {"requestId": request_id}, error.headers)


def _json(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _fault_response(request_id: str) -> Response:
    return Response(500, {"message": "Internal error", "code": "internal_error", "requestId": request_id})


def _request(event: Event) -> Request:
    context = event.get("requestContext") or {}
    authorizer = context.get("authorizer") or {}
    tenant_id = authorizer.get("tenantId")
    if not tenant_id:
        raise UnauthorizedError
    # The gateway caches the authorizer's answer, which may outlive the token.
    expires_at = authorizer.get("tokenExpiresAt")
    if expires_at is not None and time.time() >= float(expires_at):
        raise UnauthorizedError
    headers = headers_of(event)
    return Request(
        tenant_id=tenant_id,
        now=clock.now(),
        request_id=str(context.get("requestId", "")),
        url=_url(context, headers),
        key=next(iter(path_values(event).values()), ""),
        query={
            name: unicode_text(name, value or "")
            for name, value in (event.get("queryStringParameters") or {}).items()
        },
        headers=headers,
        body=body_text(event),
    )


def headers_of(event: Event) -> dict[str, str]:
    """The request's headers by lower-case name."""
    return {
        name.lower(): value.strip()
        for name, value in (event.get("headers") or {}).items()
        if value is not None
    }


def path_values(event: Event) -> dict[str, str]:
    """The path's variable parts, percent-decoded exactly once, `+` left alone (RFC 3986)."""
    values = event.get("pathParameters") or {}
    decode = unquote if PATH_VALUES_ARE_ENCODED else str
    return {name: unicode_text(name, decode(value)) for name, value in values.items()}


def body_text(event: Event) -> str:
    """The request's body. Raises InvalidRequestError where it is not text."""
    body: str = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return body
    try:
        return base64.b64decode(body).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidRequestError("The body is not UTF-8 text") from None


def unicode_text(name: str, text: str) -> str:
    """`text` as it is. Raises InvalidRequestError where it is not Unicode text, which no table takes."""
    if not is_unicode(text):
        raise InvalidRequestError.for_field(name, "is not Unicode text")
    return text


def _url(context: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    facts = {"domainName": "", "path": "", "apiId": "", **context, "host": headers.get("host", "")}
    # Encoded already, a path keeps its `%2F`; what else a header must not hold is encoded all the same.
    safe = "/=@%" if PATH_VALUES_ARE_ENCODED else "/=@"
    facts["path"] = quote(str(facts["path"]), safe=safe).rstrip("/")
    return API_URL_FORMAT.format_map(facts)


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError
