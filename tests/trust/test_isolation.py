"""Isolation: with whatever of one tenant's another comes, it finds nothing, and changes not a byte."""

import itertools
import random
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from functions.imports import import_rows
from infra.routes import ENDPOINTS
from infra.tables import ERASURES, TABLES, TENANTS
from tests.account import empty_account
from tests.api import NOTE, UPLOADS, Api, value
from tests.builders import PERSONAL, SECRETS
from tests.effort import EFFORT
from tests.exports.conftest import begun, work_off
from tests.imports.sending import sent, work
from tests.trust.scenarios import KEY, order
from tests.trust.state import everything

ROUTES = [route for endpoint in ENDPOINTS if endpoint.authorized for route in endpoint.routes]
REFS = {"customerRef": "privateref", "alternateCustomerRef": "privatealternate"}


@pytest.fixture(scope="module")
def theirs() -> Iterator[dict[str, str]]:
    """Every identifier of a tenant with one of everything, by what it is; made once, for it stays so."""
    with empty_account(), pytest.MonkeyPatch.context() as patches:
        patches.setattr(import_rows, "THREADS", 1)
        yield _made(Api("demo"))


def _made(api: Api) -> dict[str, str]:
    made = api.create(**PERSONAL, **REFS)
    note = api.post(NOTE, json_body={"customerId": made["id"], "note": "Private words"}, headers=KEY)
    upload = api.post(UPLOADS, json_body=[{"email": "private.row@example.com"}], headers=KEY)
    one_import = sent(api, "email\nprivate.row@example.com\nprivate\n")
    work()
    export = begun(api)
    work_off()
    order(api, customerId=made["id"])
    return {
        "id": made["id"],
        "email": PERSONAL["email"],
        **REFS,
        "note": note.json["id"],
        "upload": upload.json["uploadId"],
        "import": one_import.rpartition("/")[2],
        "export": export.rpartition("/")[2],
        "address": made["addresses"][0]["addressID"],
    }


@pytest.mark.parametrize("route", ROUTES)
def test_another_tenants_good_token_leads_to_nothing_of_theirs(theirs: dict[str, str], route: str) -> None:
    before = everything("demo")
    assert {one.partition(" ")[0] for one in before} >= {
        table.name for table in TABLES if table not in {ERASURES, TENANTS}
    }
    method, path = route.split(" ")
    names = ("id", "customerRef", "alternateCustomerRef", "email")
    other = Api(f"other-{uuid.uuid4().hex}")
    keyed = [*theirs.values(), *(f"{name}={theirs[name]}" for name in names)]
    levels = [keyed, theirs.values()][: path.count("{")]
    urls = [_filled(path, one) for one in itertools.product(*levels)]
    urls += [f"{path}?{name}={value(theirs[name])}" for name in names] if not levels else []
    # The seed of a run says which; nightly it is all.
    for url in random.sample(urls, min(8 * EFFORT, len(urls))):
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
