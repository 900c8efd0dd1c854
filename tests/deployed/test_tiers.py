"""A tenant's tier is its one place in the usage plans of its stage."""

from dataclasses import replace
from typing import Any

import pytest

from functions.auth.tenants import usage_key
from infra.local.stack import STAGE, LocalStack
from infra.settings import Tier, usage_plan_output
from infra.tenant_registry import TenantError
from infra.tenant_tiers import TenantTiers

STANDARD, LARGE = Tier("standard", 10, 20), Tier("large", 50, 100)
TIERED = replace(STAGE, tiers=(STANDARD, LARGE))


@pytest.fixture(scope="module")
def gateway(stack: LocalStack) -> Any:
    return stack.emulator.client("apigateway")


@pytest.fixture(scope="module")
def plans(gateway: Any) -> dict[str, str]:
    """The usage plans that a deployed stage has, as its outputs name them."""
    return {usage_plan_output(tier): gateway.create_usage_plan(name=tier.name)["id"] for tier in TIERED.tiers}


@pytest.fixture
def tiers(gateway: Any, plans: dict[str, str]) -> TenantTiers:
    return TenantTiers(gateway, TIERED, plans)


def values(gateway: Any, plans: dict[str, str], tier: Tier) -> list[str]:
    """The keys in a tier's plan, by their values."""
    held = gateway.get_usage_plan_keys(usagePlanId=plans[usage_plan_output(tier)])["items"]
    return [gateway.get_api_key(apiKey=one["id"], includeValue=True)["value"] for one in held]


def test_a_tenant_has_the_first_tier_then_another_and_never_two(
    gateway: Any, plans: dict[str, str], tiers: TenantTiers
) -> None:
    key = usage_key(TIERED.usage_key_prefix, "acme")

    tiers.put("acme")
    tiers.put("acme")
    assert (values(gateway, plans, STANDARD), values(gateway, plans, LARGE)) == ([key], [])

    tiers.put("acme", "large")
    assert (values(gateway, plans, STANDARD), values(gateway, plans, LARGE)) == ([], [key])


def test_an_unknown_tier_and_what_is_no_tenant_are_refused(tiers: TenantTiers) -> None:
    with pytest.raises(TenantError, match="There is no tier 'huge' here: standard, large"):
        tiers.put("acme", "huge")
    with pytest.raises(TenantError, match="is no tenant key"):
        tiers.put("ACME")


def test_a_stage_without_tiers_asks_for_none(gateway: Any) -> None:
    TenantTiers(gateway, STAGE, {}).put("acme")
    with pytest.raises(TenantError, match="none at all"):
        TenantTiers(gateway, STAGE, {}).put("acme", "large")
