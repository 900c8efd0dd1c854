"""What the public door lets through to the bucket of files: what a function's own key has signed.

MiniStack checks such a signature, and what the function's role may do, as S3 does. It would also take one
by root, whose secret everybody knows, and a header can lead it to another service. So a request passes only
with a key that MiniStack gave a function, in the one form that SigV4 has for it, with no header that S3 does
not need (AWS: authenticating requests, using query parameters; browser-based uploads using POST).
"""

import re
from urllib.parse import parse_qsl

from functions.shared.errors import NotFoundError
from infra.local.asgi import Event, Receive, Scope, header_values

MAX_FILE_BYTES = 128 * 1024 * 1024
"""The largest body of a file: MiniStack holds it in memory."""

CREDENTIAL = re.compile(r"ASIA[0-9A-F]{16}/\d{8}/[a-z0-9-]+/s3/aws4_request")
"""Whose signature it is: a session of a function's role."""

SIGNATURE = frozenset(
    {
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    }
)
PARAMETERS = SIGNATURE | {
    "partNumber",
    "response-content-disposition",
    "response-content-type",
    "uploadId",
    "x-id",
}
HEADERS = frozenset(
    b"accept access-control-request-headers access-control-request-method connection content-length "
    b"content-md5 content-type host if-match if-modified-since if-none-match if-unmodified-since origin "
    b"range transfer-encoding user-agent".split()
)
"""All that S3 gets to see; a signature over another header does not hold."""

BOUNDARY = re.compile(rb"multipart/form-data; *boundary=\"?([0-9A-Za-z'()+_,./:=?-]{1,70})\"?", re.IGNORECASE)

PART = re.compile(
    rb'\r\nContent-Disposition: form-data; name="([a-z0-9-]+)"(?:; filename="[^"\r\n]*")?'
    rb"(?:\r\nContent-Type: [^\r\n]*)?(?:\r\nContent-Length: \d+)?\r\n\r\n(.*)\r\n",
    re.IGNORECASE | re.DOTALL,
)
"""A part of a form as browsers and HTTP clients write it: nothing in it can be read in two ways."""


async def admitted(scope: Scope, receive: Receive, bucket: str) -> tuple[Scope, Receive]:
    """The request as S3 is to get it, for a file of `bucket`. Raises NotFoundError where it gets nothing."""
    scope = {**scope, "headers": [one for one in scope["headers"] if one[0].lower() in HEADERS]}
    before, _, key = scope["path"].removeprefix("/").partition("/")
    if before != bucket or {"", ".", ".."} & set(key.split("/")[:-1]) or "\\" in key:
        raise NotFoundError("There is no such route")
    match scope["method"]:
        case "OPTIONS":
            # What a browser asks before, without a signature: what the bucket allows to everybody.
            return {**scope, "query_string": b""}, receive
        case "GET" | "HEAD" | "PUT" if key and _is_signed(scope["query_string"]):
            return scope, receive
        case "POST" if not key and not scope["query_string"]:
            return scope, await _signed_form(scope, receive)
    raise NotFoundError("There is no such route")


def _is_signed(query: bytes) -> bool:
    given = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    values = dict(given)
    return (
        len(values) == len(given)
        and SIGNATURE <= values.keys() <= PARAMETERS
        and values["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
        and CREDENTIAL.fullmatch(values["X-Amz-Credential"]) is not None
        and bool(values["X-Amz-Signature"])
    )


async def _signed_form(scope: Scope, receive: Receive) -> Receive:
    """The form, whole: MiniStack reads fields behind the file too, and lets the last of a name count."""
    chunks: list[bytes] = []
    more = True
    while more:
        event = await receive()
        chunks.append(event.get("body", b""))
        more = event.get("more_body", False)
    body = b"".join(chunks)
    fields = _fields(header_values(scope, b"content-type"), body)
    if (
        fields.get("x-amz-algorithm") != b"AWS4-HMAC-SHA256"
        or not CREDENTIAL.fullmatch(fields.get("x-amz-credential", b"").decode("latin-1"))
        or not fields.get("x-amz-signature")
        or not fields.get("policy")
        or not fields.get("x-amz-security-token")
    ):
        raise NotFoundError("There is no such route")

    async def once() -> Event:
        if chunks:
            chunks.clear()
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return once


def _fields(content_types: list[bytes], body: bytes) -> dict[str, bytes]:
    """A form's fields by lower-case name; none where it is no form, or one name is there twice."""
    boundary = BOUNDARY.fullmatch(content_types[0]) if len(content_types) == 1 else None
    if boundary is None:
        return {}
    before, *parts, end = body.split(b"--" + boundary[1])
    found = [PART.fullmatch(part) for part in parts]
    fields = {one[1].decode().lower(): one[2] for one in found if one}
    if before or end not in {b"--", b"--\r\n"} or len(fields) < len(parts):
        return {}
    return fields
