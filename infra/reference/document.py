"""The OpenAPI 3.1 document of the API, made from what runs.

Paths come from the route table, descriptions from the handlers' docstrings, request bodies from the types the
handlers validate with, errors from the classes they raise.
"""

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any

from openapi_pydantic import (
    Components,
    Header,
    Info,
    MediaType,
    OAuthFlow,
    OAuthFlows,
    OpenAPI,
    PathItem,
    RequestBody,
    Response,
    SecurityScheme,
    Server,
    Tag,
)
from openapi_pydantic import Operation as Described

from functions.shared.errors import ApiError, UnauthorizedError, UnsupportedMediaTypeError
from infra.gateway_errors import ERRORS as GATEWAY_ERRORS
from infra.reference.answers.errors import Error, TokenError
from infra.reference.catalogue import ADVICE
from infra.reference.guides import description
from infra.reference.operations.every_operation import ANYWHERE, OPERATIONS
from infra.reference.operations.operation import Operation
from infra.reference.operations.tags import TAGS
from infra.reference.parameters import ETAG, IF_NONE_MATCH, answer_header, path_values
from infra.reference.schemas import Json, schemas
from infra.routes import ENDPOINTS, Endpoint

SERVER = "https://api.au-aws.thewishlist.io"
"""Where the API is in production (the Customer API's document). Who serves the document puts itself here."""

TOKEN_PATH = "/auth/realms/{tenant}/protocol/openid-connect/token"  # noqa: S105  an address

METHODS = ("post", "get", "put", "delete")
"""In the order in which a reader meets them."""

FUNCTIONS = Path(__file__).parents[2] / "functions"


@cache
def document() -> Json:
    """The document, as JSON has it."""
    described = [(endpoint, OPERATIONS[endpoint.handler]) for endpoint in ENDPOINTS if endpoint.documented]
    types = [one for _, operation in described for one in (operation.body, operation.answer) if one]
    made, definitions = schemas([*types, Error, TokenError])
    by_type = {repr(one): schema for one, schema in zip(types, made, strict=False)}
    paths: dict[str, PathItem] = {}
    for endpoint, operation in described:
        for method, path in endpoint.methods_and_paths:
            shown, told = _described(endpoint, operation, path, by_type)
            item = paths.setdefault(shown, PathItem())
            setattr(item, method.lower(), told)
    api = OpenAPI(
        openapi="3.1.1",
        info=Info(title="Customer API", version=version("customer-service"), description=description()),
        servers=[Server(url=SERVER)],
        tags=[Tag(name=name, description=text) for name, text in TAGS.items()],
        security=_SECURITY,
        paths=dict(sorted(paths.items(), key=lambda item: _place(item[0]))),
        components=Components.model_validate({"schemas": definitions, "securitySchemes": _SECURITY_SCHEMES}),
    )
    whole: Json = api.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for path, item in whole["paths"].items():
        whole["paths"][path] = {method: item[method] for method in METHODS if method in item}
    return whole


def document_text() -> str:
    """The document as it is served and released."""
    return json.dumps(document(), ensure_ascii=False, separators=(",", ":"))


def operation_of(method: str, path: str) -> Json:
    """What the document says of a route of the route table."""
    found: Json = document()["paths"][path_values(path)[0]][method.lower()]
    return found


_SECURITY: list[dict[str, list[str]]] = [
    {"accessToken": [], "tenant": []},
    {"clientCredentials": [], "tenant": []},
]

_SECURITY_SCHEMES = {
    "accessToken": SecurityScheme(
        type="http", scheme="bearer", description="The tenant's access token, with or without `Bearer`"
    ),
    "clientCredentials": SecurityScheme(
        type="oauth2",
        description="The same token, fetched by the client itself; `{tenant}` is the tenant's key",
        flows=OAuthFlows(clientCredentials=OAuthFlow(tokenUrl=f"{SERVER}{TOKEN_PATH}", scopes={})),
    ),
    "tenant": SecurityScheme.model_validate(
        {"type": "apiKey", "in": "header", "name": "X-TWC-Tenant", "description": "The tenant's key"}
    ),
}


def _place(path: str) -> tuple[bool, int]:
    """Where a path stands among the others: the token's first, then as in the route table."""
    places = [path_values(one)[0] for endpoint in ENDPOINTS for _, one in endpoint.methods_and_paths]
    return path != TOKEN_PATH, places.index(path)


_NOT_MODIFIED = Response(
    description="What you have is what stands: `If-None-Match` names its version", headers={"ETag": ETAG}
)


def _described(
    endpoint: Endpoint, operation: Operation, path: str, by_type: dict[str, Json]
) -> tuple[str, Described]:
    shown, values = path_values(path)
    parameters = [*(values or operation.which), *operation.query, *operation.headers]
    told = Described(
        operationId=_operation_id(endpoint, operation, path),
        tags=[operation.tag],
        summary=_summary(endpoint, operation, path),
        description=_docstring(endpoint),
        responses={
            str(operation.status): _answer(operation, operation.answer_headers, by_type),
            **(
                {"201": _answer(operation, operation.created_headers, by_type, status=201)}
                if operation.created_headers
                else {}
            ),
            **({"304": _NOT_MODIFIED} if IF_NONE_MATCH in operation.headers else {}),
            **dict(_error_responses(endpoint, operation)),
        },
    )
    if parameters:
        told.parameters = list[Any](parameters)
    if operation.body:
        told.requestBody = _request_body(operation, by_type)
    if not endpoint.authorized:
        told.security = []
    return shown, told


def _operation_id(endpoint: Endpoint, operation: Operation, path: str) -> str:
    """Unique among all: a route that names the customer in its path says so where others do not."""
    if len(endpoint.routes) == 1 or "{key}" not in path:
        return operation.id
    tail = path.partition("{key}")[2].strip("/")
    return f"{operation.id}{'By' + tail.capitalize() if tail else 'ByKey'}"


def _summary(endpoint: Endpoint, operation: Operation, path: str) -> str:
    """Different for each route of an endpoint: it is what a reader chooses by."""
    if len(endpoint.routes) == 1 or "{key}" not in path:
        return operation.summary
    tail = path.partition("{key}")[2].strip("/")
    return (
        f"{operation.summary}, by customerRef" if tail == "ref" else f"{operation.summary}, named in the path"
    )


def _docstring(endpoint: Endpoint) -> str:
    """What the handler's docstring says after its routes. Read, not imported: a handler is for Lambda."""
    source = (FUNCTIONS / f"{endpoint.handler.replace('.', '/')}.py").read_text()
    text = (ast.get_docstring(ast.parse(source)) or "").partition("\n\n")[2]
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _request_body(operation: Operation, by_type: dict[str, Json]) -> RequestBody:
    kind = "application/x-www-form-urlencoded" if operation.form else "application/json"
    return RequestBody(
        required=True, content={kind: _media_type(by_type[repr(operation.body)], operation.body_example)}
    )


def _answer(
    operation: Operation,
    headers: Mapping[str, Header],
    by_type: dict[str, Json],
    *,
    status: int | None = None,
) -> Response:
    told = Response(description=HTTPStatus(status or operation.status).phrase)
    if operation.answer:
        schema = by_type[repr(operation.answer)]
        told.content = {"application/json": _media_type(schema, operation.answer_example)}
    if headers:
        told.headers = dict[str, Any](headers)
    return told


def _media_type(schema: Json, example: Any) -> MediaType:
    given = {} if example is None else {"example": example}
    return MediaType.model_validate({"schema": schema, **given})


def _error_responses(endpoint: Endpoint, operation: Operation) -> Iterator[tuple[str, Response]]:
    codes: dict[int, dict[str, None]] = {}
    for status, code in _errors(endpoint, operation):
        codes.setdefault(status, {})[code] = None
    shape = "TokenError" if operation.form else "Error"
    for status, found in sorted(codes.items()):
        headers: dict[str, Header] = {}
        if status in {409, 429, 503}:
            headers["Retry-After"] = answer_header(
                "Seconds to wait before the same request is sent again", always=True
            )
        yield (
            str(status),
            Response.model_validate(
                {
                    "description": "\n\n".join(f"`{code}`: {ADVICE[code].meaning}" for code in found),
                    "x-codes": list(found),
                    "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}},
                    **({"headers": headers} if headers else {}),
                }
            ),
        )


def _errors(endpoint: Endpoint, operation: Operation) -> Iterable[tuple[int, str]]:
    raised: list[type[ApiError]] = [*operation.errors, *ANYWHERE]
    if endpoint.authorized:
        # An endpoint looks at what it is sent whether it wants it or not.
        raised += [UnauthorizedError, UnsupportedMediaTypeError]
    yield from ((error.status, error.code) for error in raised)
    for error in GATEWAY_ERRORS:
        authorization = error.response_type in {"UNAUTHORIZED", "ACCESS_DENIED", "AUTHORIZER_FAILURE"}
        no_route = error.response_type in {"MISSING_AUTHENTICATION_TOKEN", "RESOURCE_NOT_FOUND"}
        of_bodies = error.response_type == "REQUEST_TOO_LARGE" and not operation.body
        if error.status and not no_route and not of_bodies and (endpoint.authorized or not authorization):
            yield error.status, error.code
    yield 500, "internal_error"
