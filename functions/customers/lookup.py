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
_NOTE_FIELDS = {"customerId": "id", "customerRef": "customerRef"}


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


def with_customer_named(request: Request, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a new note with the one field of `customerId` and `customerRef` that decides.

    That is the query's `id`, else its `customerRef`, else the body's own first; neither where none is given.
    """
    in_query = {field: request.query.get(name) for field, name in _NOTE_FIELDS.items()}
    rest = {name: value for name, value in body.items() if name not in _NOTE_FIELDS}
    for named in (in_query, body):
        for field in _NOTE_FIELDS:
            if not is_blank(named.get(field)):
                return rest | {field: named[field]}
    return rest


def lookup_in_note(fields: Mapping[str, Any]) -> Lookup:
    """The customer of a new note, in which `customerId` or `customerRef` is given."""
    return next(Lookup(name, fields[field]) for field, name in _NOTE_FIELDS.items() if field in fields)


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
