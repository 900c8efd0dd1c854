"""Addresses that answers hold: the request's own, and where the reference explains an error."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from functions.shared.settings import API_URL_FORMAT, PATH_VALUES_ARE_ENCODED

REFERENCE_PATH = "/services/customerservice/docs"
"""The route of the reference page."""


def request_url(context: Mapping[str, Any], host: str) -> str:
    """The request's own address as its caller sees it, without its query.

    `context` is the event's `requestContext`, `host` the request's header of that name.
    """
    # Encoded already, a path keeps its `%2F`; what else a header must not hold is encoded all the same.
    safe = "/=@%" if PATH_VALUES_ARE_ENCODED else "/=@"
    return _address(context, host, quote(str(context.get("path", "")), safe=safe).rstrip("/"))


def service_url(event: Mapping[str, Any], host: str) -> str:
    """The address of the stage that was asked: what stands before every route."""
    context = event.get("requestContext") or {}
    first_part = str(event.get("resource", "")).strip("/").partition("/")[0]
    # The stage's name, or what a domain's base path makes of it.
    before = str(context.get("path", "")).partition(f"/{first_part}/")[0] if first_part else ""
    return _address(context, host, before)


def documentation_url(event: Mapping[str, Any], host: str, code: str) -> str:
    """Where the reference of the same stage says what an error's code means and what to do."""
    return f"{service_url(event, host)}{REFERENCE_PATH}#{code}"


def _address(context: Mapping[str, Any], host: str, path: str) -> str:
    facts = {"domainName": "", "apiId": "", **context, "host": host, "path": path}
    return API_URL_FORMAT.format_map(facts)
