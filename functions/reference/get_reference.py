"""GET /openapi.json, GET /docs, GET /docs/{key}.

200 with the OpenAPI document, the reference page, or a file that the page loads; open to everybody.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from functions.shared.address import documentation_url, service_url
from functions.shared.cors import RESPONSE_HEADERS
from functions.shared.etags import is_known
from functions.shared.startup import lambda_handler

CONTENT = Path(__file__).parent / "content"
"""What `infra/reference` made when this asset was built."""

SERVER = "https://api.au-aws.thewishlist.io"
"""The server that the document names, in whose place it is served with the stage's own address."""

TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".json": "application/json"}

FOR_A_WHILE = "public, max-age=300"
FOR_EVER = "public, max-age=31536000, immutable"
"""For files whose name holds their hash."""

PAGE_HEADERS = {
    # The viewer sets styles on its elements; scripts are files of this asset and no others.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
}

Answer = dict[str, Any]


@lambda_handler
def handler(event: dict[str, Any], _context: Any) -> Answer:
    """Never raises: what is not there is a 404 in the API's one shape."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    host = headers.get("host") or ""
    name = (event.get("pathParameters") or {}).get("key")
    if name is None:
        name = "openapi.json" if str(event.get("resource")).endswith(".json") else "docs.html"
        cached = FOR_A_WHILE
    else:
        cached = FOR_EVER
    if name not in _files() or (cached == FOR_EVER) == (name in {"openapi.json", "docs.html"}):
        return _not_found(event, host)
    text = _text(name)
    if name == "openapi.json":
        text = text.replace(SERVER, service_url(event, host))
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"' if cached == FOR_A_WHILE else f'"{name}"'
    given = {
        "Cache-Control": cached,
        "Content-Type": f"{TYPES[Path(name).suffix]}; charset=utf-8",
        "ETag": etag,
        "X-Content-Type-Options": "nosniff",
        **(PAGE_HEADERS if name == "docs.html" else {}),
    }
    if is_known(headers.get("if-none-match"), etag):
        return _answer(304, given, "")
    return _answer(200, given, "" if event.get("httpMethod") == "HEAD" else text)


def _not_found(event: Mapping[str, Any], host: str) -> Answer:
    request_id = str((event.get("requestContext") or {}).get("requestId", ""))
    body = {
        "message": "There is no such file",
        "code": "not_found",
        "requestId": request_id,
        "documentation": documentation_url(event, host, "not_found"),
    }
    return _answer(404, {"Content-Type": "application/json"}, json.dumps(body, separators=(",", ":")))


def _answer(status: int, headers: Mapping[str, str], body: str) -> Answer:
    return {"statusCode": status, "headers": {**RESPONSE_HEADERS, **headers}, "body": body}


@cache
def _files() -> frozenset[str]:
    return frozenset(path.name for path in CONTENT.iterdir())


@cache
def _text(name: str) -> str:
    return (CONTENT / name).read_text(encoding="utf-8")
