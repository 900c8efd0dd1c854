"""Tenants and their credentials, as `uv run tenants` stores them."""

import time
from dataclasses import dataclass

from functions.auth import tenants
from functions.shared.dynamo import Write, get, write
from functions.shared.item import Item


@dataclass(frozen=True)
class Credentials:
    """What a tenant's integration holds."""

    tenant: str
    client_id: str
    client_secret: str


def register(tenant: str, **tenant_fields: object) -> Credentials:
    """A tenant with one client, in the tenants table of moto."""
    secret = tenants.new_secret()
    client_id = f"{tenant}-client"
    date = "2026-01-01T00:00:00.000Z"
    _store(tenants.tenant_item(tenant, created_date=date) | tenant_fields)
    _store(tenants.client_item(tenant, client_id, secret, created_date=date))
    return Credentials(tenant, client_id, secret)


def token_for(tenant: str, *, seconds: int = 60) -> str:
    """A token of the tenant that ends in so many seconds."""
    token = tenants.new_secret()
    now = int(time.time())
    _store(tenants.token_item(tenant, token, issued_at=now, expires_at=now + seconds))
    return token


def change(key: str, **fields: object) -> None:
    """Overwrite some fields of a stored item."""
    item = get("tenants", {"tenantKey": key})
    assert item is not None
    _store(item | fields)


def _store(item: Item) -> None:
    write(Write("Put", "tenants", item, "attribute_exists(tenantKey) OR attribute_not_exists(tenantKey)"))
