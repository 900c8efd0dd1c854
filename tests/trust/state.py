"""What a tenant has in the tables, in a form in which two tenants with the same past are equal."""

import json
import re
from collections import defaultdict
from typing import Any

from infra.files import IMPORTED
from tests import files
from tests.invariants import Contents, contents

CHANCE = frozenset({"bucket", "bytes", "erased", "multipart", "requestId", "writeId"})
"""Fields whose values are chance, or tell how often something was done that may be done again."""

_CHANCE = (
    # A part of an export, in the bucket that an id came to be in.
    (re.compile(r"(?<=[#/])[0-9a-f]-\d{5}"), "PART"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z"), "TIME"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "HASH"),
    (re.compile(r"\b[0-9a-f]{24}\b"), "NOTE"),
    (re.compile(r"\b1[0-9]{9}\b"), "EPOCH"),
    (re.compile(r"\b0[0-9]{14}\b"), "QUEUED"),
)


def everything(tenant: str) -> list[str]:
    """Every item and file of a tenant as it lies there."""
    items = [f"{table} {item}" for table, found in contents().items() for item in found]
    kept = [f"{key} {files.content(key)!r}" for key in sorted(files.keys()) if key.split("/")[1] == tenant]
    return sorted([*(item for item in items if f"'{tenant}" in item), *kept])


def states(stored: Contents) -> dict[str, list[str]]:
    """Every item by its tenant but tokens, without what is chance or the time: ids, hashes, dates."""
    found: dict[str, list[str]] = defaultdict(list)
    for table, items in stored.items():
        for item in items:
            tenant = item.get("tenantId") or next(
                value.partition("#")[0] for name, value in item.items() if name.endswith("Key")
            )
            if not item.get("tenantKey", "").startswith("token#"):
                found[tenant].append(f"{table} {without_chance(item, tenant)}")
    # What an import tells of its rows; an export's file may be left where a worker died, and is never told.
    for key in sorted(files.keys()):
        _, tenant, *_ = key.split("/")
        if key.startswith(IMPORTED.prefix):
            found[tenant].append(without_chance([key, files.content(key).decode()], tenant))
    return {tenant: sorted(items) for tenant, items in found.items()}


def without_chance(value: Any, tenant: str) -> str:
    """JSON of what two runs have in common."""
    if isinstance(value, dict):
        value = {name: one for name, one in value.items() if name not in CHANCE}
    text = json.dumps(value, sort_keys=True).replace(tenant, "TENANT")
    for pattern, name in _CHANCE:
        text = pattern.sub(name, text)
    return text
