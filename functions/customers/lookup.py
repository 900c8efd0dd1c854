"""How a request names a customer: in its path, its query or its body."""

from collections.abc import Mapping
from typing import Any

from functions.customers.store import Lookup
from functions.shared.endpoint import Request, unicode_text
from functions.shared.errors import InvalidRequestError
from functions.shared.text import is_blank

_PATH_FORMS = ("id", "customerRef", "email")
_QUERY_FIELDS = ("id", "customerRef")
_BODY_FIELDS = ("id", "customerRef", "email")


def lookup_in_path(key: str) -> Lookup:
    """What `id=…`, `customerRef=…`, `email=…` or a bare id names."""
    field, equals, value = key.partition("=")
    return Lookup(field, value) if equals and field in _PATH_FORMS else Lookup("id", key)


def lookup_in_address(request: Request) -> Lookup | None:
    """What the path names, else the query's `id`, else its `customerRef`, else nothing."""
    return lookup_in_path(request.key) if request.key else _first_present(request.query, _QUERY_FIELDS)


def lookup_in_address_or_body(request: Request, body: Mapping[str, Any]) -> Lookup:
    """What path or query name, else the body's first of `id`, `customerRef`, `email`.

    Raises InvalidRequestError where nothing names a customer.
    """
    return lookup_in_address(request) or _first_present(body, _BODY_FIELDS) or _refuse(_BODY_FIELDS)


def required_lookup_in_address(request: Request) -> Lookup:
    """What path or query name. Raises InvalidRequestError where they name no customer."""
    return lookup_in_address(request) or _refuse(_QUERY_FIELDS)


def _first_present(values: Mapping[str, Any], fields: tuple[str, ...]) -> Lookup | None:
    for field in fields:
        value = values.get(field)
        if is_blank(value):
            continue
        if not isinstance(value, str):
            raise InvalidRequestError.for_field(field, "must be text")
        return Lookup(field, unicode_text(field, value))
    return None


def _refuse(fields: tuple[str, ...]) -> Lookup:
    raise InvalidRequestError(f"Name the customer by {', '.join(fields[:-1])} or {fields[-1]}")
