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


def request_hash(key: str | None, *asked: Any) -> str | None:
    """SHA-256 of what is asked under a key, JSON values in which order of fields makes no difference.

    The hash outlives what was made. With the key in it, which is stored nowhere, nobody can guess at a
    value and prove it. Without a key there is no hash. Raises InvalidRequestError for too deep a nesting.
    """
    if key is None:
        return None
    try:
        canonical = json.dumps([key, *asked], sort_keys=True, separators=(",", ":"))
    except RecursionError:
        raise InvalidRequestError("The body is nested too deeply") from None
    return hashlib.sha256(canonical.encode()).hexdigest()
