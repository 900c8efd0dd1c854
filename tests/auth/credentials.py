"""Tenants and their credentials, as `uv run tenants` stores them."""

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

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


def token_form(credentials: Credentials) -> str:
    """The body that asks for a token (RFC 6749, 4.4.2)."""
    return urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
        }
    )


def authorizer_event(token: str, tenant: str) -> dict[str, Any]:
    """What the gateway asks its authorizer about a request with this token (AWS: REQUEST authorizers)."""
    return {
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:ap-southeast-2:123456789012:abc123/v1/GET/x",
        "headers": {"Authorization": token, "X-TWC-Tenant": tenant},
        "requestContext": {"stage": "v1", "requestId": "r"},
    }


def change(key: str, **fields: object) -> None:
    """Overwrite some fields of a stored item."""
    item = get("tenants", {"tenantKey": key})
    assert item is not None
    _store(item | fields)


def _store(item: Item) -> None:
    write(Write("Put", "tenants", item, "attribute_exists(tenantKey) OR attribute_not_exists(tenantKey)"))
