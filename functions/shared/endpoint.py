"""The door: a gateway event becomes a Request, a Response or an error becomes the gateway's answer."""

import base64
import binascii
import functools
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from functions.shared import clock, json_text
from functions.shared.address import documentation_url, request_url
from functions.shared.cors import RESPONSE_HEADERS
from functions.shared.errors import (
    ApiError,
    FieldError,
    InvalidRequestError,
    UnauthorizedError,
    UnsupportedMediaTypeError,
)
from functions.shared.etags import is_known
from functions.shared.observe import log_fault, logger
from functions.shared.settings import PATH_VALUES_ARE_ENCODED
from functions.shared.startup import lambda_handler
from functions.shared.text import REPLACEMENT_CHARACTER, is_unicode

MAX_BODY_BYTES = 256 * 1024
"""The largest body of one resource: what it says, as JSON in UTF-8 without needless space."""

MAX_ESCAPED = 6
"""How many bytes JSON may take for one (RFC 8259, 7: `\\u0041`)."""

Event = dict[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A call of the API by an authenticated tenant.

    `key` is the path's first variable part, `path` has all of them by name, decoded; `query` has decoded
    values; `headers` has lower-case names; `url` is the request's own, without its query.
    """

    tenant_id: str
    now: datetime
    request_id: str
    url: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def key(self) -> str:
        """The path's first variable part, empty where it has none."""
        return next(iter(self.path.values()), "")

    def json(self, max_bytes: int = MAX_BODY_BYTES) -> Any:
        """The body, parsed; every number as the text it was written as, so no digit is lost.

        Raises InvalidRequestError for a body that is too large or not JSON (RFC 8259).
        """
        size = utf8_bytes(self.body)
        if size <= max_bytes * MAX_ESCAPED:
            try:
                said = json_text.parse(self.body)
                # Escapes and space do not count: what an answer shows can be sent back in any writing.
                if size <= max_bytes or utf8_bytes(written(said)) <= max_bytes:
                    return said
            except (ValueError, RecursionError):
                raise InvalidRequestError("The body is not JSON") from None
        raise InvalidRequestError(f"The body is larger than {max_bytes // 1024} KB")

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


class JsonText(str):
    """JSON that is written already: as a body it goes out as it is."""

    __slots__ = ()


@dataclass(frozen=True)
class Response:
    """An answer of the API; `body` is what JSON can say, or says it already, None for an empty one."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def endpoint(*query: str) -> Callable[[Callable[[Request], Response]], Callable[[Event, Any], Answer]]:
    """Make a Lambda handler of a story. The handler never raises: every error is an answer.

    `query` are the names that the route knows in its query; any other is 400, for a misspelt identifier must
    never change or show somebody else. A request whose context names no tenant is 401, whatever let it
    through (contract, "Every request").
    """

    def handler_of(story: Callable[[Request], Response]) -> Callable[[Event, Any], Answer]:
        @lambda_handler
        @functools.wraps(story)
        def handler(event: Event, _context: Any) -> Answer:
            return answer(event, lambda: story(_request(event, query)))

        return handler

    return handler_of


def answer(event: Event, story: Callable[[], Response]) -> Answer:
    """Run `story`, give its response or its error the gateway's form, and log the request."""
    started = time.perf_counter()
    context = event.get("requestContext") or {}
    request_id = str(context.get("requestId", ""))
    try:
        response = _unless_known(event, story())
    except ApiError as error:
        response = error_response(error, request_id)
    except Exception as error:  # noqa: BLE001  a fault of ours must not reach the caller as a trace
        log_fault("fault", error, requestId=request_id)
        response = _fault_response(request_id)
    if response.status >= 400:
        host = headers_of(event).get("host", "")
        response.body["documentation"] = documentation_url(event, host, response.body["code"])
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
        "body": "" if response.body is None or event.get("httpMethod") == "HEAD" else written(response.body),
    }


def _unless_known(event: Event, response: Response) -> Response:
    """304 in place of what a read would show, where the caller's `If-None-Match` has its tag."""
    tag = response.headers.get("ETag")
    reads = event.get("httpMethod") in {"GET", "HEAD"}
    if reads and tag and is_known(headers_of(event).get("if-none-match"), tag):
        return Response(304, None, {"ETag": tag})
    return response


def written(body: Any) -> JsonText:
    """`body` as JSON."""
    if isinstance(body, JsonText):
        return body
    return JsonText(json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def answer_bytes(body: JsonText) -> int:
    """How many bytes `body` takes in an answer, which Lambda hands on as JSON in JSON.

    In JSON every character below a space is escaped already, so that quotes and backslashes alone grow.
    """
    return utf8_bytes(body) + body.count('"') + body.count("\\")


def utf8_bytes(text: str) -> int:
    """The length of `text` in UTF-8; half a surrogate pair counts as three."""
    return len(text.encode("utf-8", "surrogatepass"))


def error_response(error: ApiError, request_id: str) -> Response:
    """The one shape of an error (contract, "Errors")."""
    body: dict[str, Any] = {"message": error.message, "code": error.code}
    if error.errors:
        body["errors"] = [{"field": one.field, "message": one.message} for one in error.errors]
    return Response(error.status, body | {"requestId": request_id}, error.headers)


def _fault_response(request_id: str) -> Response:
    return Response(500, {"message": "Internal error", "code": "internal_error", "requestId": request_id})


def _request(event: Event, known: Collection[str]) -> Request:
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
        url=request_url(context, headers.get("host", "")),
        path=path_values(event),
        query=_query(event, known),
        headers=headers,
        body=_json_body(event, headers),
    )


def _query(event: Event, known: Collection[str]) -> dict[str, str]:
    """The query's values by name. Raises InvalidRequestError with every name that is unknown or ambiguous."""
    given: Mapping[str, Sequence[str | None]] = event.get("multiValueQueryStringParameters") or {
        name: [value] for name, value in (event.get("queryStringParameters") or {}).items()
    }
    takes = f"this route takes {', '.join(known)}" if known else "this route takes none"
    wrong = [
        *(FieldError(name, f"is not a query parameter here; {takes}") for name in given if name not in known),
        *(FieldError(name, "is given twice, differently") for name in given if len(set(given[name])) > 1),
    ]
    if wrong:
        raise InvalidRequestError("The query is not one of this route", wrong)
    return {name: unicode_text(name, values[-1] or "") for name, values in given.items()}


def headers_of(event: Event) -> dict[str, str]:
    """The request's headers by lower-case name."""
    return {
        name.lower(): value.strip()
        for name, value in (event.get("headers") or {}).items()
        if value is not None
    }


def path_values(event: Event) -> dict[str, str]:
    """The path's variable parts, percent-decoded exactly once, `+` left alone (RFC 3986)."""
    values: Mapping[str, str] = event.get("pathParameters") or {}
    decode = unquote if PATH_VALUES_ARE_ENCODED else str
    return {name: unicode_text(name, decode(value)) for name, value in values.items()}


def body_text(event: Event) -> str:
    """The request's body, without a byte order mark. Raises InvalidRequestError where it is not UTF-8.

    The gateway hands over the bytes of a JSON body in base64 (`infra/api.py`), of others what text it made.
    """
    body: str = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(body).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise InvalidRequestError("The body is not UTF-8 text") from None
    return body.removeprefix("\ufeff")


def unicode_text(name: str, text: str) -> str:
    """`text` as it is. Raises InvalidRequestError where it cannot be what was meant.

    That is where it is not Unicode text, which no table takes, or where bytes in it were not UTF-8.
    """
    if not is_unicode(text) or REPLACEMENT_CHARACTER in text:
        raise InvalidRequestError.for_field(name, "is not Unicode text in UTF-8")
    return text


def _json_body(event: Event, headers: Mapping[str, str]) -> str:
    _, _, parameters = headers.get("content-type", "").lower().partition(";")
    for parameter in parameters.split(";"):
        name, _, charset = parameter.partition("=")
        if name.strip() == "charset" and charset.strip(' "') not in {"utf-8", "utf8", "us-ascii"}:
            raise UnsupportedMediaTypeError
    return body_text(event)
