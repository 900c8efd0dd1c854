"""Pages of a list: `limit`, the opaque `nextToken`, and the `Link` to the next page (RFC 8288).

A token holds a position and a digest of what it belongs to. The digest finds damage and mix-ups; it needs
no secret, since a position grants nothing: the tenant comes from the access token, the rest from the request.
What a list's positions look like is checked all the same, for a table takes no other as a start.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from functions.shared.endpoint import Request
from functions.shared.errors import InvalidRequestError

MAX_LIMIT = 100

PAGE_QUERY = ("limit", "pageSize", "nextToken")
"""What a listing takes in its query; `pageSize` is the platform's other name for `limit`."""


@dataclass(frozen=True)
class Page:
    """One page asked for: at most `limit` (1 to 100) entries after the position `after`."""

    limit: int
    after: str | None


def requested_page(request: Request, scope: Mapping[str, str], positions: re.Pattern[str]) -> Page:
    """The page that `limit` and `nextToken` ask for; `scope` is what the list is a list of.

    `positions` matches every position of such a list.

    Raises InvalidRequestError for a limit out of range and a token that is not of this list.
    """
    given = {name: limit for name in ("limit", "pageSize") if (limit := request.query.get(name, "").strip())}
    if len(set(given.values())) > 1:
        raise InvalidRequestError.for_field("pageSize", "is another name for limit, which says otherwise")
    for name, limit in given.items():
        if not (limit.isascii() and limit.isdigit() and len(limit) <= 3 and 1 <= int(limit) <= MAX_LIMIT):
            raise InvalidRequestError.for_field(name, f"must be a whole number from 1 to {MAX_LIMIT}")
    limit = next(iter(given.values()), str(MAX_LIMIT))
    return Page(int(limit), requested_position(request, scope, positions))


def requested_position(request: Request, scope: Mapping[str, str], positions: re.Pattern[str]) -> str | None:
    """The position after which `nextToken` asks to go on, if it is given.

    Raises InvalidRequestError for a token that is not of this list.
    """
    token = request.query.get("nextToken")
    if token is None:
        return None
    position = _position(token, request.tenant_id, scope)
    if position is None or not positions.fullmatch(position):
        raise InvalidRequestError.for_field("nextToken", "is not a page of this list")
    return position


def next_page(request: Request, scope: Mapping[str, str], after: str | None) -> dict[str, str]:
    """The `Link` header to the page after the position `after`; nothing where there is no more."""
    if after is None:
        return {}
    query = urlencode({**request.query, "nextToken": _token(after, request.tenant_id, scope)})
    return {"Link": f'<{request.url}?{query}>; rel="next"'}


_DIGEST_BYTES = 12


def _token(position: str, tenant_id: str, scope: Mapping[str, str]) -> str:
    text = repr((tenant_id, sorted(scope.items()), position))
    digest = hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()
    return base64.urlsafe_b64encode(digest + position.encode()).decode().rstrip("=")


def _position(token: str, tenant_id: str, scope: Mapping[str, str]) -> str | None:
    try:
        position = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))[_DIGEST_BYTES:].decode()
    except (binascii.Error, ValueError):
        return None
    return position if _token(position, tenant_id, scope) == token else None
