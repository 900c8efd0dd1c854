"""Tenants, their client credentials and access tokens, as the tenants table keeps them: only hashed.

Secrets and tokens are 256 random bits, so one SHA-256 is enough (there is no dictionary to guess from).
"""

import hashlib
import hmac
import re
import secrets
from typing import Any

TENANT_ID = re.compile(r"[a-z0-9_-]{1,64}")

Item = dict[str, Any]


def is_tenant_id(text: str) -> bool:
    """Whether `text` is a tenant's key: 1 to 64 of `a-z 0-9 - _`."""
    return TENANT_ID.fullmatch(text) is not None


def new_secret() -> str:
    """A new client secret or access token, URL-safe, 256 bits."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """SHA-256 of a secret or token, hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def tenant_key(tenant_id: str) -> str:
    """Key of the tenant's item."""
    return f"tenant#{tenant_id}"


def client_key(client_id: str) -> str:
    """Key of the item with a client's credentials."""
    return f"client#{client_id}"


def token_key(token: str) -> str:
    """Key of an access token's item, which only its hash leads to."""
    return f"token#{hashed(token)}"


def usage_key(prefix: str, tenant_id: str) -> str:
    """By which the gateway counts a tenant's requests; no secret, for it takes it from the authorizer alone.

    64 hexadecimal digits (AWS: the value of an API key has 20 to 128 characters).
    """
    return hashed(f"{prefix}{tenant_id}")


def tenant_item(tenant_id: str, *, created_date: str) -> Item:
    """A new, active tenant."""
    return {
        "tenantKey": tenant_key(tenant_id),
        "tenantId": tenant_id,
        "status": "active",
        "createdDate": created_date,
        "tokensValidFrom": 0,
    }


def client_item(tenant_id: str, client_id: str, secret: str, *, created_date: str) -> Item:
    """A client of a tenant and the hash of its secret."""
    return {
        "tenantKey": client_key(client_id),
        "tenantId": tenant_id,
        "clientId": client_id,
        "secretHash": hashed(secret),
        "createdDate": created_date,
    }


def token_item(tenant_id: str, token: str, *, issued_at: int, expires_at: int) -> Item:
    """An access token; times in epoch seconds. DynamoDB's TTL removes it after `expiresAt`."""
    return {
        "tenantKey": token_key(token),
        "tenantId": tenant_id,
        "issuedAt": issued_at,
        "expiresAt": expires_at,
    }


def secret_matches(client: Item, secret: str, *, now: int) -> bool:
    """Whether `secret` is the client's, or the one before it while that is good (`now` in epoch seconds)."""
    given = hashed(secret)
    current = hmac.compare_digest(given, str(client["secretHash"]))
    previous = hmac.compare_digest(given, str(client.get("previousSecretHash", ""))) and now < int(
        client.get("previousSecretUntil", 0)
    )
    return current or previous


def token_is_good(token: Item, tenant: Item, *, now: int) -> bool:
    """Whether the token has neither expired nor been revoked (`now` in epoch seconds)."""
    return now < int(token["expiresAt"]) and int(token["issuedAt"]) >= int(tenant["tokensValidFrom"])
