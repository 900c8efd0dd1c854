"""The writes that a change of a customer is made of, for transactions and writes alone.

A claim says who owns a unique value. Customer and claims are written in one transaction, so no claim is
without its customer and no customer without its claims.
"""

from functions.customers.customer import Customer
from functions.customers.item import NO_NOTES, claim_key, customer_item, customer_key
from functions.customers.keys import unique_values
from functions.shared import dynamo
from functions.shared.dynamo import Write


def creation(tenant_id: str, customer: Customer, *, request_hash: str | None = None) -> list[Write]:
    """The writes that create a customer: itself, then a claim for each of its unique values."""
    claims = unique_values(customer).items()
    return [
        addition(tenant_id, customer, request_hash=request_hash),
        *(claim(tenant_id, customer["id"], field, value) for field, value in claims),
    ]


def addition(tenant_id: str, customer: Customer, *, request_hash: str | None = None) -> Write:
    """The write of a new customer by itself; its claims are written with it."""
    item = customer_item(tenant_id, customer) | {"noteTally": NO_NOTES}
    if request_hash is not None:
        item["requestHash"] = request_hash
    return Write("Put", "customers", item, "attribute_not_exists(customerKey)")


def replacement(tenant_id: str, customer: Customer, changed: Customer) -> Write:
    """The write that makes `changed` of `customer`, where that still has its version."""
    before, after = customer_item(tenant_id, customer), customer_item(tenant_id, changed)
    changes = {name: after.get(name) for name in (*after, *before) if before.get(name) != after.get(name)}
    unchanged = {":version": customer["version"]}
    key = customer_key(tenant_id, customer["id"])
    return dynamo.update_of("customers", key, changes, "version = :version", unchanged)


def claim(tenant_id: str, customer_id: str, field: str, value: str) -> Write:
    """The write that makes a customer the owner of a value that nobody owns."""
    item = claim_key(tenant_id, field, value) | {"customerId": customer_id}
    return Write("Put", "claims", item, "attribute_not_exists(claimKey)")


def release(tenant_id: str, customer_id: str, field: str, value: str) -> Write:
    """The write that frees a value which a customer owns."""
    owned = {":customerId": customer_id}
    return Write("Delete", "claims", claim_key(tenant_id, field, value), "customerId = :customerId", owned)


def handover(tenant_id: str, field: str, value: str, giver: str | None, taker: str | None) -> Write:
    """The write by which a value goes from one customer's id to another's; None is nobody, not for both."""
    if giver is None:
        return claim(tenant_id, str(taker), field, value)
    if taker is None:
        return release(tenant_id, giver, field, value)
    item = claim_key(tenant_id, field, value) | {"customerId": taker}
    return Write("Put", "claims", item, "customerId = :customerId", {":customerId": giver})
