"""`Idempotency-Key`: the key makes the new id, so a repeat runs into what the first request made."""

import hashlib
import json
import uuid
from typing import Any

from functions.shared.errors import InvalidRequestError

_NAMESPACE = uuid.UUID("5d4d3c2a-7a53-4c39-9d2b-0f1f3a5c9e11")


def id_for(tenant_id: str, kind: str, key: str) -> str:
    """The id (UUID) of what a tenant makes of `kind` under `key`, the same each time."""
    return str(uuid.uuid5(_NAMESPACE, f"{tenant_id}/{kind}/{key}".encode("utf-8", "surrogatepass").hex()))


def body_hash(body: Any) -> str:
    """SHA-256 of a parsed body; spaces and the order of fields make no difference.

    Raises InvalidRequestError where it is nested too deeply.
    """
    try:
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    except RecursionError:
        raise InvalidRequestError("The body is nested too deeply") from None
    return hashlib.sha256(canonical.encode()).hexdigest()
