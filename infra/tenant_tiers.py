"""How fast each tenant may call: one usage plan a tier, one key a tenant (AWS: API Gateway usage plans).

The gateway takes the key from the authorizer, never from a caller, so a key is no secret: both sides make it
of the tenant's own key. What is beyond a tenant's rate is 429 for this tenant alone.
"""

from collections.abc import Mapping
from typing import Any

from functions.auth.tenants import is_tenant_id, usage_key
from infra.settings import Stage, usage_plan_output
from infra.tenant_registry import TenantError


class TenantTiers:
    """The tenants' keys in the usage plans of a stage; `client` is boto3's for API Gateway."""

    def __init__(self, client: Any, stage: Stage, outputs: Mapping[str, str]) -> None:
        self._client = client
        self._stage = stage
        self._plans = {
            tier.name: outputs[usage_plan_output(tier)]
            for tier in stage.tiers
            if usage_plan_output(tier) in outputs
        }

    def put(self, tenant_id: str, tier: str | None = None) -> None:
        """Give the tenant this tier, or the stage's first, in place of the one it has. Safe to repeat.

        On a stage without tiers nothing is done unless one is named. Raises TenantError.
        """
        if not is_tenant_id(tenant_id):
            raise TenantError(f"{tenant_id!r} is no tenant key: 1 to 64 of a-z 0-9 - _")
        if tier is None and not self._plans:
            return
        wanted = tier or next(iter(self._plans))
        if wanted not in self._plans:
            raise TenantError(f"There is no tier {wanted!r} here: {', '.join(self._plans) or 'none at all'}")
        value = usage_key(self._stage.usage_key_prefix, tenant_id)
        key = self._key(value) or self._client.create_api_key(
            name=f"{self._stage.usage_key_prefix}{tenant_id}", value=value, enabled=True
        )
        for name, plan in self._plans.items():
            has = any(one["id"] == key["id"] for one in self._keys(plan))
            # A key is in one plan of a stage (AWS: usage plans).
            if has and name != wanted:
                self._client.delete_usage_plan_key(usagePlanId=plan, keyId=key["id"])
        if not any(one["id"] == key["id"] for one in self._keys(self._plans[wanted])):
            self._client.create_usage_plan_key(
                usagePlanId=self._plans[wanted], keyId=key["id"], keyType="API_KEY"
            )

    def _key(self, value: str) -> Mapping[str, Any] | None:
        pages = self._client.get_paginator("get_api_keys").paginate(includeValues=True)
        found = (one for page in pages for one in page["items"] if one.get("value") == value)
        return next(found, None)

    def _keys(self, plan: str) -> list[Mapping[str, Any]]:
        pages = self._client.get_paginator("get_usage_plan_keys").paginate(usagePlanId=plan)
        return [one for page in pages for one in page["items"]]
