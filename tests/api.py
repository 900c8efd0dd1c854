"""A small client of the API that resolves URLs through the route table and calls the handlers."""

import base64
import importlib
import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, quote, unquote_plus, urlsplit

from infra.routes import ENDPOINTS, PREFIX
from tests.document import assert_told

CUSTOMERS = f"{PREFIX}/api/v2/customers"
UPLOADS = f"{PREFIX}/api/v2/upload-customers"
EXPORTS = f"{PREFIX}/api/v2/exports"
NOTE = f"{PREFIX}/api/v2/customer/note"
NOTES = f"{PREFIX}/api/v2/customer/notes"


@dataclass(frozen=True)
class Reply:
    """What came back: status, headers by lower-case name, body as text."""

    status: int
    headers: Mapping[str, str]
    text: str

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> "Reply":
        """What a handler answered (AWS: Lambda proxy output format)."""
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        return cls(answer["statusCode"], headers, answer["body"])

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.text)

    @property
    def fields(self) -> list[str]:
        """The fields that an error blames."""
        return [error["field"] for error in self.json.get("errors", [])]


@dataclass(frozen=True)
class Api:
    """The API as one tenant sees it; `tenant` None is a request that no authorizer let through."""

    tenant: str | None

    def get(self, url: str, **options: Any) -> Reply:
        """Send a GET."""
        return self.send("GET", url, **options)

    def post(self, url: str, **options: Any) -> Reply:
        """Send a POST."""
        return self.send("POST", url, **options)

    def put(self, url: str, **options: Any) -> Reply:
        """Send a PUT."""
        return self.send("PUT", url, **options)

    def delete(self, url: str, **options: Any) -> Reply:
        """Send a DELETE."""
        return self.send("DELETE", url, **options)

    def send(
        self,
        method: str,
        url: str,
        *,
        json_body: Any = None,
        text: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request to the function its URL resolves to, as API Gateway would; `text` is the body."""
        event = gateway_event(
            method,
            url,
            text=json.dumps(json_body) if text is None and json_body is not None else text,
            headers=headers,
            tenant=self.tenant,
        )
        reply = Reply.of(self.answered(handler_name(method, event["resource"]), event))
        assert_told(method, event["resource"], reply)
        return reply

    def answered(self, handler: str, event: dict[str, Any]) -> Mapping[str, Any]:
        """What the function of `handler` (`customers.get_customer`) answers to the gateway's event."""
        answer: Mapping[str, Any] = importlib.import_module(f"functions.{handler}").handler(event, None)
        return answer

    def create(self, **fields: Any) -> dict[str, Any]:
        """Create a customer, which must succeed, and return it."""
        reply = self.post(CUSTOMERS, json_body={"email": f"{uuid.uuid4().hex}@example.com", **fields})
        assert reply.status == 201, reply.text
        customer: dict[str, Any] = reply.json
        return customer

    def customer(self, customer_id: str) -> dict[str, Any]:
        """The customer of this id, which must be there."""
        reply = self.get(f"{CUSTOMERS}/{customer_id}")
        assert reply.status == 200, reply.text
        customer: dict[str, Any] = reply.json
        return customer


def value(text: str) -> str:
    """A path value, percent-encoded."""
    return quote(text, safe="")


def gateway_event(
    method: str,
    url: str,
    *,
    text: str | bytes | None = None,
    headers: Mapping[str, str] | None = None,
    tenant: str | None = "demo",
) -> dict[str, Any]:
    """What API Gateway's REST API hands a Lambda proxy for this request (AWS: input format).

    The bytes of a JSON body come in base64, for JSON is a binary type of this API; of another body as text.
    """
    parts = urlsplit(url)
    resource, values = resolved(method, parts.path)
    query = parse_qs(parts.query, keep_blank_values=True)
    request_id = str(uuid.uuid4())
    sent = {"Host": "api.example.com", "Content-Type": "application/json", **(headers or {})}
    body, is_base64 = _body(text, {name.lower(): value for name, value in sent.items()}["content-type"])
    authorizer = {"tenantId": tenant, "tokenExpiresAt": str(int(time.time()) + 3600), "principalId": tenant}
    return {
        "resource": resource,
        "path": parts.path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {},
        "queryStringParameters": {name: given[-1] for name, given in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": values or None,
        "stageVariables": None,
        "requestContext": {
            "requestId": request_id,
            "stage": "v1",
            "path": f"/v1{parts.path}",
            "resourcePath": resource,
            "httpMethod": method,
            "apiId": "abc123",
            "domainName": "abc123.execute-api.ap-southeast-2.amazonaws.com",
            **({"authorizer": authorizer} if tenant is not None else {}),
        },
        "body": body,
        "isBase64Encoded": is_base64,
    }


def resolved(method: str, path: str) -> tuple[str, dict[str, str]]:
    """The route of a request and the values in its path. Raises LookupError where there is none."""
    matches = [
        (len(match.groupdict()), resource, match.groupdict())
        for resource, pattern in _patterns(method)
        if (match := pattern.fullmatch(path.rstrip("/")))
    ]
    if not matches:
        raise LookupError(f"no route for {method} {path}")
    _, resource, values = min(matches, key=lambda found: found[0])
    return resource, values


@cache
def _patterns(method: str) -> list[tuple[str, re.Pattern[str]]]:
    return [
        (resource, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(resource))))
        for endpoint in ENDPOINTS
        for route_method, resource in endpoint.methods_and_paths
        if route_method == method
    ]


@cache
def handler_name(method: str, resource: str) -> str:
    """The handler that the route table gives a resource."""
    for endpoint in ENDPOINTS:
        if (method, resource) in endpoint.methods_and_paths:
            return endpoint.handler
    raise LookupError(f"no route for {method} {resource}")


def handler_module(method: str, resource: str) -> Any:
    """The module whose `handler` the route table gives a resource."""
    return importlib.import_module(f"functions.{handler_name(method, resource)}")


def next_url(reply: Reply) -> str | None:
    """The path and query of the `Link` to the next page."""
    link = re.fullmatch(r'<https://[^/]+/v1(/.*)>; rel="next"', reply.headers.get("link", ""))
    return link[1] if link else None


def decoded_query(url: str) -> dict[str, str]:
    """The query of a URL by name."""
    return {unquote_plus(name): values[-1] for name, values in parse_qs(urlsplit(url).query).items()}


def _body(text: str | bytes | None, content_type: str) -> tuple[str | None, bool]:
    if text is None:
        return None, False
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if content_type.partition(";")[0].strip() == "application/json":
        return base64.b64encode(raw).decode(), True
    return raw.decode(errors="replace"), False
