"""Every answer that a test sees is held against the OpenAPI document."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol

from jsonschema_rs import Draft202012Validator

from functions.shared.cors import EXPOSE_HEADERS
from infra.reference.document import document, operation_of
from infra.reference.schemas import Json
from infra.routes import ENDPOINTS

UNTOLD = {route for endpoint in ENDPOINTS if not endpoint.documented for route in endpoint.routes}
"""What serves the document itself."""

TOLD_HEADERS = {name.lower() for name in EXPOSE_HEADERS}


class Answer(Protocol):
    """What came back: status, headers by lower-case name, body as text."""

    @property
    def status(self) -> int:
        """The status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers."""

    @property
    def text(self) -> str:
        """The body."""


def assert_told(method: str, resource: str, answer: Answer) -> None:
    """Fail unless the document says that this route may answer so: status, code, fields, headers."""
    # A HEAD is answered as the GET, without its body.
    asked, method = method, "GET" if method == "HEAD" else method
    route = f"{method} {resource}"
    if route in UNTOLD:
        return
    responses = operation_of(method, resource)["responses"]
    assert str(answer.status) in responses, f"{route} answers {answer.status}: {answer.text}"
    told = responses[str(answer.status)]
    headers = {name.lower(): header for name, header in told.get("headers", {}).items()}
    required = {name for name, header in headers.items() if header.get("required")}
    given = answer.headers.keys()
    assert required <= given, f"{route} {answer.status} lacks {required - given}"
    untold = given & TOLD_HEADERS - headers.keys() - {"www-authenticate"}
    assert not untold, f"{route} {answer.status} has {untold}"
    if "content" not in told or asked == "HEAD":
        assert not answer.text, f"{route} {answer.status} has a body"
        return
    body = json.loads(answer.text)
    if "x-codes" in told:
        assert body["code"] in told["x-codes"], f"{route} {answer.status} has the code {body['code']}"
    errors = [
        f"{'.'.join(map(str, error.instance_path))}: {error.message}"
        for error in _validator(method, resource, answer.status).iter_errors(body)
    ]
    assert not errors, f"{route} {answer.status} is not as the document has it: {errors}"


@cache
def _validator(method: str, resource: str, status: int) -> Draft202012Validator:
    told = operation_of(method, resource)["responses"][str(status)]["content"]["application/json"]["schema"]
    return Draft202012Validator(told | {"components": _strict()}, validate_formats=True)


@cache
def _strict() -> Json:
    """The document's schemas without room for a field they do not name."""
    components: Json = json.loads(json.dumps(document()["components"]))
    schemas: dict[str, dict[str, Any]] = components["schemas"]
    for schema in schemas.values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return components
