"""Customers in DynamoDB: written by conditions that make wrong states impossible.

Customer and claims are written in one transaction (see `writes`). A deleted customer leaves a tombstone: its
key, id, tenant, version and `deletedDate`. Every write raises `version` by one, but those of its order
figures, which have a revision of their own: callers who change a customer and orders that are counted never
meet.
"""

import uuid
from collections.abc import Callable, Sequence

from functions.customers.customer import Customer
from functions.customers.directory import Lookup, find, find_first
from functions.customers.errors import DuplicateValueError
from functions.customers.item import erasure, live, tombstone
from functions.customers.keys import UNIQUE_FIELDS, unique_values
from functions.customers.size import require_fitting
from functions.customers.writes import claim, creation, release, replacement
from functions.shared import dynamo
from functions.shared.dynamo import Write
from functions.shared.errors import (
    ConflictError,
    IdempotencyKeyReusedError,
    NotFoundError,
    PreconditionFailedError,
)
from functions.shared.etags import allows_change
from functions.shared.item import Item
from functions.shared.retry import pauses


def create(tenant_id: str, customer: Customer, *, request_hash: str | None = None) -> Customer:
    """Store a new customer and return it.

    With `request_hash`, a customer that this very request has already made is returned as it stands now.
    Raises DuplicateValueError, IdempotencyKeyReusedError, ConflictError; InvalidRequestError where the
    customer would be too large.
    """
    require_fitting(customer)
    writes = creation(tenant_id, customer, request_hash=request_hash)
    try:
        dynamo.uncontended(lambda: dynamo.transact(writes))
    except dynamo.TransactionFailedError as failure:
        if 0 in failure.failed:
            return _made_before(failure.failed[0], request_hash)
        raise DuplicateValueError(_taken(customer, failure)) from failure
    return customer


def update(
    tenant_id: str,
    lookups: Sequence[Lookup],
    change: Callable[[Customer], Customer],
    *,
    if_match: str | None,
) -> Customer:
    """Apply `change` to the customer as it stands, however many write to it at once, and return it.

    Of `lookups` the first that finds a customer names it. Raises NotFoundError, PreconditionFailedError,
    DuplicateValueError, ConflictError; InvalidRequestError where the customer would be too large.
    """

    def write(customer: Customer) -> Customer:
        changed = change(customer)
        if changed == customer:
            return customer
        return _replace(tenant_id, customer, changed | {"writeId": str(uuid.uuid4())})

    return _on_current(lambda: find_first(tenant_id, lookups), write, if_match=if_match)


def upsert(
    tenant_id: str,
    lookup: Lookup,
    change: Callable[[Customer], Customer],
    new: Callable[[], Customer],
) -> tuple[Customer, bool]:
    """Apply `change` to the customer of a unique value, or store `new`, which has that value.

    The customer, and whether it is new. Of many at once with one value one makes the customer, and every
    other's change is in it. Raises DuplicateValueError, ConflictError; InvalidRequestError where the customer
    would be too large.
    """
    for pause in pauses():
        try:
            return update(tenant_id, [lookup], change, if_match=None), False
        except NotFoundError:
            pass
        try:
            return create(tenant_id, new()), True
        except DuplicateValueError as error:
            # Somebody else was faster; what they made is changed now.
            if lookup.field not in {one.field for one in error.errors}:
                raise
        pause()
    raise ConflictError


def delete(tenant_id: str, lookup: Lookup, *, now: str, if_match: str | None) -> None:
    """Leave a tombstone for the customer, free its unique values and note the erasure, in one transaction.

    The customer is the one that was found first: whoever took over its email or reference meanwhile was not
    meant. Raises NotFoundError, PreconditionFailedError, ConflictError.
    """
    found: Customer | None = None

    def current() -> Customer:
        nonlocal found
        if found is None:
            found = find(tenant_id, lookup)
            return found
        customer = find(tenant_id, Lookup("id", found["id"]))
        if lookup.field != "id" and not lookup.finds(customer):
            raise ConflictError
        return customer

    def write(customer: Customer) -> Customer:
        deleted_date = max(now, customer["lastModifiedDate"])
        left = tombstone(tenant_id, customer["id"], customer["version"] + 1, deleted_date)
        unchanged = {":version": customer["version"]}
        _transact(
            customer["id"],
            [
                Write("Put", "customers", left, "version = :version", unchanged),
                *(
                    release(tenant_id, customer["id"], field, value)
                    for field, value in unique_values(customer).items()
                ),
                Write("Put", "erasures", erasure(tenant_id, customer["id"], deleted_date)),
            ],
        )
        return left

    _on_current(current, write, if_match=if_match)


class _ChangedMeanwhileError(Exception):
    """Another writer was first."""


def _on_current(
    current: Callable[[], Customer], write: Callable[[Customer], Customer], *, if_match: str | None
) -> Customer:
    for pause in pauses():
        customer = current()
        if not allows_change(if_match, customer["version"]):
            raise PreconditionFailedError
        try:
            return write(customer)
        except (_ChangedMeanwhileError, dynamo.ContendedError):
            pause()
    raise ConflictError


def _replace(tenant_id: str, customer: Customer, changed: Customer) -> Customer:
    require_fitting(changed, before=customer)
    change = replacement(tenant_id, customer, changed)
    before, after = unique_values(customer), unique_values(changed)
    moved = [field for field in UNIQUE_FIELDS if before.get(field) != after.get(field)]
    if moved:
        claimed = [field for field in moved if field in after]
        released = [field for field in moved if field in before]
        claims = [claim(tenant_id, customer["id"], field, after[field]) for field in claimed]
        releases = [release(tenant_id, customer["id"], field, before[field]) for field in released]
        _transact(customer["id"], [change, *claims, *releases], claimed)
        return changed
    try:
        dynamo.write(change)
    except dynamo.ConditionFailedError as failure:
        # botocore tries again after a lost answer: then it is our own write that stands there.
        if failure.item is None or failure.item.get("writeId") != changed["writeId"]:
            raise _ChangedMeanwhileError from failure
    return changed


def _transact(customer_id: str, writes: Sequence[Write], claimed: Sequence[str] = ()) -> None:
    """`writes`: first the customer's own, then a claim for each field of `claimed`, then what it gives up."""
    try:
        dynamo.transact(writes)
    except dynamo.TransactionFailedError as failure:
        owners = {at: (item or {}).get("customerId") for at, item in failure.failed.items()}
        taken = [field for at, field in enumerate(claimed, 1) if owners.get(at, customer_id) != customer_id]
        if 0 in failure.failed or not taken:
            raise _ChangedMeanwhileError from failure
        raise DuplicateValueError(taken) from failure


def _made_before(item: Item | None, request_hash: str | None) -> Customer:
    customer = live(item)
    if customer is None:
        raise IdempotencyKeyReusedError("What this Idempotency-Key made has been deleted since")
    if item is None or item.get("requestHash") != request_hash:
        raise IdempotencyKeyReusedError
    return customer


def _taken(customer: Customer, failure: dynamo.TransactionFailedError) -> list[str]:
    return [field for position, field in enumerate(unique_values(customer), 1) if position in failure.failed]
