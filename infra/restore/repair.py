"""Tables restored to one second need not agree: each is restored by itself, a transaction spans several.

What customers say is true; claims are made to match. Run again with `dry` it repairs nothing and says what is
still wrong, which is then nothing: that is how the invariants are shown.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from functions.customers.keys import unique_values
from functions.customers.item import claim_key, customer_key, live
from functions.shared import clock
from functions.shared.item import Item
from infra.restore.erasures import NEW_VERSIONS, UNFINISHED, Tables, owner, purge, since


@dataclass
class Findings:
    """What there is, and what was wrong; every count but the first two is zero in tables that agree."""

    customers: int = 0
    tombstones: int = 0
    claims_missing: int = 0
    claims_of_nobody: int = 0
    values_of_two: int = 0
    left_by_the_deleted: int = 0
    deleted_but_live: int = 0

    @property
    def agree(self) -> bool:
        """Whether the invariants hold."""
        return not any(getattr(self, one.name) for one in fields(self)[2:])

    def lines(self) -> list[str]:
        """For a person: a name and a count a line."""
        return [f"{one.name.replace('_', ' '):<22} {getattr(self, one.name)}" for one in fields(self)]


def repair(tables: Tables, moment: datetime, *, dry: bool = False) -> Findings:
    """Make claims, notes and orders agree with the customers; what was found. Safe to repeat."""
    found = Findings()
    unfinished = clock.timestamp(moment - UNFINISHED)
    for item in tables.all("customers"):
        customer = live(item)
        if customer is None:
            found.tombstones += 1
            if item["deletedDate"] >= unfinished:
                found.left_by_the_deleted += _left(tables, item, dry=dry)
            continue
        found.customers += 1
        for field, value in unique_values(customer).items():
            _match_claim(tables, item, claim_key(item["tenantId"], field, value), found, dry=dry)
    for claim in tables.all("claims"):
        if not _rightful(tables, claim):
            found.claims_of_nobody += 1
            if not dry:
                tables["claims"].delete_item(Key={"claimKey": claim["claimKey"]})
    found.deleted_but_live = sum(
        live(tables.customer(one["tenantId"], one["id"])) is not None for one in since(tables, moment)
    )
    return found


def renew_versions(tables: Tables) -> None:
    """Raise every version beyond all that were ever told; to repeat it raises them once more."""
    for item in tables.all("customers", ProjectionExpression="customerKey, version"):
        tables["customers"].update_item(
            Key={"customerKey": item["customerKey"]},
            UpdateExpression="SET version = version + :more",
            ConditionExpression="version = :read",
            ExpressionAttributeValues={":more": NEW_VERSIONS, ":read": item["version"]},
        )


def _left(tables: Tables, item: Item, *, dry: bool) -> int:
    if not dry:
        return purge(tables, item["tenantId"], item["id"])
    return sum(
        1 for table in ("notes", "orders") for _ in tables.of_customer(table, item["tenantId"], item["id"])
    )


def _match_claim(tables: Tables, item: Item, key: Item, found: Findings, *, dry: bool) -> None:
    claimed_by = owner(tables, key)
    if claimed_by == item["id"]:
        return
    if claimed_by and _rightful(tables, {**key, "customerId": claimed_by}):
        found.values_of_two += 1
        return
    found.claims_missing += 1
    if not dry:
        tables["claims"].put_item(Item={**key, "customerId": item["id"]})


def _rightful(tables: Tables, claim: dict[str, Any]) -> bool:
    """Whether the claim's customer is live and has the value."""
    tenant_id, field, value = claim["claimKey"].split("#", 2)
    key = customer_key(tenant_id, claim["customerId"])
    customer = live(tables["customers"].get_item(Key=key, ConsistentRead=True).get("Item"))
    return customer is not None and unique_values(customer).get(field) == value
