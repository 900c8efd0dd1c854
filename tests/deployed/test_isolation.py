"""Every route asks who calls: whatever is wrong with the credentials, nobody gets in, and nothing changes."""

import random
import re

import pytest

from infra.local.stack import LocalStack
from tests.api import Api, value
from tests.deployed.http_api import request
from tests.effort import EFFORT
from tests.every_route.conftest import ROUTES

Headers = dict[str, str]

RAISED = ("malformed", "unknown", "expired", "revoked")
"""What the authorizer refuses by raising, after which the emulator starts it anew: half a second each."""


@pytest.fixture(scope="module")
def wrong(stack: LocalStack, api: Api) -> dict[str, tuple[Headers, int]]:
    """Credentials that are no good, and the status that says so."""
    tenants = stack.tenants
    for tenant in ("rotated", "disabled", "stranger"):
        tenants.register(tenant)
    tokens = {
        tenant: tenants.issue_token(tenant, seconds=3600) for tenant in ("rotated", "disabled", "stranger")
    }
    tokens["expired"] = tenants.issue_token("stranger", seconds=0)
    tenants.rotate("rotated")
    tenants.set_status("disabled", "disabled")

    def of(tenant: str, token: str) -> Headers:
        return {"Authorization": f"Bearer {token}", "X-TWC-Tenant": tenant}

    return {
        "none": ({}, 401),
        "no token": ({"X-TWC-Tenant": "demo"}, 401),
        "no tenant": ({"Authorization": f"Bearer {tokens['stranger']}"}, 401),
        "malformed": (of("demo", "x" * 600), 401),
        "unknown": (of("demo", "x" * 43), 401),
        "expired": (of("stranger", tokens["expired"]), 401),
        "revoked": (of("rotated", tokens["rotated"]), 401),
        "of a disabled tenant": (of("disabled", tokens["disabled"]), 403),
        "of another tenant": (of("demo", tokens["stranger"]), 403),
        "of no tenant's name": (of("../demo", tokens["stranger"]), 403),
    }


@pytest.mark.parametrize("route", ROUTES)
def test_no_wrong_credential_gets_in(
    api: Api, stack: LocalStack, wrong: dict[str, tuple[Headers, int]], route: str
) -> None:
    customer = api.create()
    method, path = route.split(" ")
    url = stack.url + re.sub(r"{\w+}", value(f"email={customer['email']}"), path)
    # Some routes with one of these, the same in all tests of a run; a nightly run has them all.
    tried = dict(zip(random.sample(ROUTES, 2 * len(RAISED)), 2 * RAISED, strict=True))
    left = set(RAISED) - {tried.get(route)} if EFFORT == 1 else set()
    for name in wrong.keys() - left:
        headers, status = wrong[name]
        reply = request(method, url, "{}", {"Content-Type": "application/json", **headers})
        assert reply.status == status, name
        assert customer["id"] not in reply.text
    assert api.customer(customer["id"]) == customer
