"""How a request for a new note names its customer: in its query or its body."""

from collections.abc import Mapping
from typing import Any

from functions.customers.directory import Lookup
from functions.shared.endpoint import Request
from functions.shared.text import is_blank

_FIELDS = {"customerId": "id", "customerRef": "customerRef"}


def with_customer_named(request: Request, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a new note with the one field of `customerId` and `customerRef` that decides.

    That is the query's `id`, else its `customerRef`, else the body's own first; neither where none is given.
    """
    in_query = {field: request.query.get(name) for field, name in _FIELDS.items()}
    rest = {name: value for name, value in body.items() if name not in _FIELDS}
    for named in (in_query, body):
        for field in _FIELDS:
            if not is_blank(named.get(field)):
                return rest | {field: named[field]}
    return rest


def lookup_in_note(fields: Mapping[str, Any]) -> Lookup:
    """The customer of a new note, in which `customerId` or `customerRef` is given."""
    return next(Lookup(name, fields[field]) for field, name in _FIELDS.items() if field in fields)
