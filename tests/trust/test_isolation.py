"""Isolation: with whatever of one tenant's another comes, it finds nothing, and changes not a byte."""

import itertools
import re
from typing import Any

import pytest

from infra.routes import ENDPOINTS
from tests.api import CUSTOMERS, NOTE, NOTES, UPLOADS, Api, next_url, value
from tests.builders import PERSONAL, SECRETS
from tests.invariants import contents
from tests.trust.scenarios import KEY, order

ROUTES = [route for endpoint in ENDPOINTS if endpoint.authorized for route in endpoint.routes]
REFS = {"customerRef": "privateref", "alternateCustomerRef": "privatealternate"}


@pytest.fixture
def theirs(api: Api) -> dict[str, str]:
    """Every identifier of a tenant with one of everything, by what it is."""
    made = api.create(**PERSONAL, **REFS)
    note = api.post(NOTE, json_body={"customerId": made["id"], "note": "Private words"}, headers=KEY)
    upload = api.post(UPLOADS, json_body=[{"email": "private.row@example.com"}], headers=KEY)
    order(api, customerId=made["id"])
    return {
        "id": made["id"],
        "email": PERSONAL["email"],
        **REFS,
        "note": note.json["id"],
        "upload": upload.json["uploadId"],
        "address": made["addresses"][0]["addressID"],
    }


def everything(tenant: str) -> list[str]:
    found = contents()
    return sorted(
        f"{table} {item}" for table, items in found.items() for item in items if f"'{tenant}" in str(item)
    )


@pytest.mark.parametrize("route", ROUTES)
def test_another_tenants_good_token_leads_to_nothing_of_theirs(
    api: Api, theirs: dict[str, str], route: str
) -> None:
    before = everything("demo")
    assert before
    method, path = route.split(" ")
    names = ("id", "customerRef", "alternateCustomerRef", "email")
    other = Api("other")
    keyed = [*theirs.values(), *(f"{name}={theirs[name]}" for name in names)]
    levels = [keyed, theirs.values()][: path.count("{")]
    urls = [_filled(path, one) for one in itertools.product(*levels)]
    urls += [f"{path}?{name}={value(theirs[name])}" for name in names] if not levels else []
    for url in urls:
        for body in _bodies(method, theirs):
            reply = other.send(method, url, json_body=body)
            assert not [secret for secret in SECRETS if secret in reply.text.lower()], url
            if levels or reply.status >= 300:
                assert reply.status in {400, 404}, f"{method} {url}: {reply.text}"
            else:
                # What asks for nobody by name makes something of its own, or finds nothing.
                assert reply.json in ([], {"valid": True}) or reply.status in {201, 202}, url

    assert everything("demo") == before


def _filled(path: str, values: tuple[str, ...]) -> str:
    left = iter(values)
    return re.sub(r"{\w+}", lambda _: value(next(left)), path)


def _bodies(method: str, theirs: dict[str, str]) -> list[Any]:
    if method in {"GET", "DELETE"}:
        return [None]
    named = {
        "customerId": theirs["id"],
        "note": "x",
        "firstName": "x",
        "address1": "x",
        "email": "o@example.com",
    }
    return [named | {"id": theirs["id"]}, named | {"id": theirs["note"]}, [named]]


@pytest.mark.parametrize(
    "url", [f"{CUSTOMERS}/search?lastName=Lee&limit=1", f"{NOTES}?customerRef=C1&limit=1"]
)
def test_a_page_token_is_no_good_to_another_tenant(api: Api, url: str) -> None:
    other = Api("other")
    for one in (api, other):
        made = one.create(lastName="Lee", customerRef="C1")
        one.create(lastName="Lee")
        for _ in range(2):
            one.post(NOTE, json_body={"customerId": made["id"], "note": "x"})
    following = next_url(api.get(url))
    assert following is not None

    assert api.get(following).status == 200
    assert (other.get(following).status, other.get(url).status) == (400, 200)


def test_a_key_of_one_tenant_is_another_key_of_another(api: Api, theirs: dict[str, str]) -> None:
    other = Api("other")
    for url, body in ((UPLOADS, [{"email": "o@example.com"}]), (CUSTOMERS, {"email": "o@example.com"})):
        reply = other.post(url, json_body=body, headers=KEY)
        assert reply.status in {201, 202}
        assert theirs["upload"] not in reply.text
