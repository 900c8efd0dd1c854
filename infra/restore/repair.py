"""Tables restored to one second need not agree: each is restored by itself, a transaction spans several.

What customers say is true; claims are made to match. Run again with `dry` it repairs nothing and says what is
still wrong, which is then nothing: that is how the invariants are shown.
"""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import partial

from functions.customers.item import claim_key, customer_key, live
from functions.customers.keys import unique_values
from functions.shared import clock
from functions.shared.item import Item
from infra.restore.erasures import left_by, notes_left, owner, purge, since
from infra.restore.rows import Tables, each

UNFINISHED = timedelta(days=14)
"""A deletion so old may still have had notes or orders at the restored second: dead letters keep so long."""

NEW_VERSIONS = 1_000_000
"""What a restore adds to a version. Followers of events take the highest for the latest and callers hold
ETags: no later state may have a version that an undone one had."""


@dataclass(frozen=True)
class Findings:
    """What there is, and what was wrong; every count but the first two is zero in tables that agree."""

    customers: int = 0
    tombstones: int = 0
    claims_missing: int = 0
    claims_of_nobody: int = 0
    values_of_two: int = 0
    left_by_the_deleted: int = 0
    deleted_but_live: int = 0
    notes_deleted_but_there: int = 0

    def __add__(self, other: "Findings") -> "Findings":
        """Both together."""
        return Findings(
            *(getattr(self, one.name) + getattr(other, one.name) for one in fields(Findings)),
        )

    @property
    def agree(self) -> bool:
        """Whether the invariants hold."""
        return not any(getattr(self, one.name) for one in fields(self)[2:])

    def lines(self) -> list[str]:
        """For a person: a name and a count a line."""
        return [f"{one.name.replace('_', ' '):<22} {getattr(self, one.name)}" for one in fields(self)]


def repair(tables: Tables, moment: datetime, *, dry: bool = False) -> Findings:
    """Make claims, notes and orders agree with the customers; what was found. Safe to repeat."""
    unfinished = clock.timestamp(moment - UNFINISHED)
    customers = partial(_agree_with_customer, tables, unfinished=unfinished, dry=dry)
    claims = partial(_agree_with_claim, tables, dry=dry)
    found = sum(each(tables.all("customers"), customers), Findings())
    found += sum(each(tables.all("claims"), claims), Findings())
    return found + sum(each(since(tables, moment), partial(_erased, tables)), Findings())


def renew(tables: Tables) -> None:
    """Raise every version beyond all that were ever told; to repeat it raises them once more.

    Tallies of notes go: the notes, of another moment than the customers, are counted anew.
    """
    keys = tables.all("customers", ProjectionExpression="customerKey")
    for _ in each(
        keys, lambda key: tables.add("customers", key, "version", NEW_VERSIONS, remove="noteTally")
    ):
        pass


def _agree_with_customer(tables: Tables, item: Item, *, unfinished: str, dry: bool) -> Findings:
    customer = live(item)
    tenant_id, customer_id = item["tenantId"], item["id"]
    if customer is None:
        if item["deletedDate"] < unfinished:
            return Findings(tombstones=1)
        left = len(left_by(tables, tenant_id, customer_id)) if dry else purge(tables, tenant_id, customer_id)
        return Findings(tombstones=1, left_by_the_deleted=left)
    deleted_notes = notes_left(tables, tenant_id, customer)
    found = Findings(customers=1, notes_deleted_but_there=len(deleted_notes))
    for key in deleted_notes if not dry else ():
        tables.delete("notes", key)
    for field, value in unique_values(customer).items():
        key = claim_key(tenant_id, field, value)
        claimed_by = owner(tables, key)
        if claimed_by == customer_id:
            continue
        if claimed_by and _rightful(tables, {**key, "customerId": claimed_by}):
            found += Findings(values_of_two=1)
            continue
        found += Findings(claims_missing=1)
        if not dry:
            tables.put("claims", {**key, "customerId": customer_id})
    return found


def _agree_with_claim(tables: Tables, claim: Item, *, dry: bool) -> Findings:
    if _rightful(tables, claim):
        return Findings()
    if not dry:
        tables.delete("claims", {"claimKey": claim["claimKey"]})
    return Findings(claims_of_nobody=1)


def _erased(tables: Tables, erasure: Item) -> Findings:
    lives = live(tables.customer(erasure["tenantId"], erasure["id"])) is not None
    return Findings(deleted_but_live=int(lives))


def _rightful(tables: Tables, claim: Item) -> bool:
    """Whether the claim's customer is live and has the value."""
    tenant_id, field, value = claim["claimKey"].split("#", 2)
    customer = live(tables.get("customers", customer_key(tenant_id, claim["customerId"])))
    return customer is not None and unique_values(customer).get(field) == value
