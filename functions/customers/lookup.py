"""How a request names a customer: in its path, its query or its body."""

from collections.abc import Mapping
from typing import Any

from functions.customers.directory import Lookup
from functions.customers.keys import IDENTIFIERS, search_key
from functions.shared.endpoint import Request, unicode_text
from functions.shared.errors import InvalidRequestError
from functions.shared.json_text import as_identifier
from functions.shared.text import is_blank, trimmed

_BODY_FIELDS = ("id", "customerRef", "email")


def lookup_in_path(key: str) -> Lookup:
    """What `id=…`, `customerRef=…`, `alternateCustomerRef=…`, `email=…` or a bare id names."""
    field, equals, value = key.partition("=")
    return Lookup(field, value) if equals and field in IDENTIFIERS else Lookup("id", key)


def required_lookup(request: Request) -> Lookup:
    """The customer that path or query name. Raises InvalidRequestError where they name none, or both do."""
    found = _in_address(request)
    return found[0] if found else _refuse(IDENTIFIERS)


def possible_lookups(request: Request, body: Mapping[str, Any]) -> list[Lookup]:
    """The ways in which an update names its customer, of which the first one that finds somebody decides.

    That is the path's one, else those in the query, else those in the body; an `id` stands alone, for who
    gives it means nobody else. Raises InvalidRequestError where nothing names a customer.
    """
    found = _in_address(request) or _given(body, _BODY_FIELDS) or [_refuse(_BODY_FIELDS)]
    return found[:1] if found[0].field == "id" else found


def named_for_creation(request: Request, fields: Mapping[str, Any]) -> Lookup | None:
    """The reference or email of which `createIfMissing=true` makes a customer where it finds none.

    None where nothing is to be made: without the parameter, and with `If-Match`, which only changes. Raises
    InvalidRequestError for a name that nothing can be made of, or one that `fields`, a valid request, gives
    another value.
    """
    asked = trimmed(request.query.get("createIfMissing", ""))
    if asked not in {"", "true", "false"}:
        raise InvalidRequestError.for_field("createIfMissing", "must be true or false")
    if asked != "true" or "if-match" in request.headers:
        return None
    named = _in_address(request)
    if len(named) != 1 or named[0].field == "id" or is_blank(named[0].value):
        names = ", ".join(IDENTIFIERS[1:])
        raise InvalidRequestError.for_field("createIfMissing", f"needs one of {names} in path or query")
    given = fields.get(named[0].field)
    if given is not None and search_key(named[0].field, given) != search_key(named[0].field, named[0].value):
        raise InvalidRequestError.for_field(named[0].field, "is not the one by which the customer is named")
    return named[0]


def email_in_query(text: str) -> str:
    """The email address a query means: the gateway has made spaces of its pluses."""
    return text if '"' in text else text.strip().replace(" ", "+")


def _in_address(request: Request) -> list[Lookup]:
    query = dict(request.query)
    if "email" in query:
        query["email"] = email_in_query(query["email"])
    in_query = _given(query, IDENTIFIERS)
    if not request.path:
        return in_query
    if in_query:
        raise InvalidRequestError.for_field(in_query[0].field, "the path names the customer already")
    return [lookup_in_path(request.key)]


def _given(values: Mapping[str, Any], fields: tuple[str, ...]) -> list[Lookup]:
    return [
        Lookup(field, _identifier(field, values[field]))
        for field in fields
        if not is_blank(values.get(field))
    ]


def _identifier(field: str, value: Any) -> str:
    text = as_identifier(value)
    if not isinstance(text, str):
        raise InvalidRequestError.for_field(field, "must be text")
    return unicode_text(field, text)


def _refuse(fields: tuple[str, ...]) -> Lookup:
    raise InvalidRequestError(f"Name the customer by {', '.join(fields[:-1])} or {fields[-1]}")
