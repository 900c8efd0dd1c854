"""The order figures on a customer's item: written under a revision of their own, which callers never meet.

`figuresRevision` rises with every write of figures, or of what they are made of: who read that after the
customer has it as it is, if the revision still stands. `countedRevision` is the revision up to which figures
were changed by differences from what is kept beside the orders; where it is another one, or the tables were
restored, that must first be made anew (`functions.orders.recount`).
"""

from collections.abc import Mapping
from typing import Any

from functions.customers.customer import Customer
from functions.customers.item import LIVE, customer_key
from functions.shared import dynamo
from functions.shared.dynamo import Write


def are_counted(customer: Customer) -> bool:
    """Whether what is kept beside the customer's orders agrees with its figures."""
    return bool(customer.get("figuresRevision") == customer.get("countedRevision"))


def figures_update(tenant_id: str, customer: Customer, figures: Mapping[str, Any] | None) -> Write:
    """The write that gives a customer other order figures, None for no figures at all.

    It fails where `customer` has been deleted, or given other figures, since it was read.
    """
    condition, read = _as_read(customer)
    revision = customer.get("figuresRevision", 0) + 1
    changes = {"figuresRevision": revision, "countedRevision": revision, "orderFigures": figures}
    return dynamo.update_of("customers", customer_key(tenant_id, customer["id"]), changes, condition, read)


def figures_unchanged(tenant_id: str, customer: Customer) -> Write:
    """The check that fails where `figures_update` would."""
    condition, read = _as_read(customer)
    return Write("ConditionCheck", "customers", customer_key(tenant_id, customer["id"]), condition, read)


def _as_read(customer: Customer) -> tuple[str, dict[str, Any]]:
    if "figuresRevision" in customer:
        return f"{LIVE} AND figuresRevision = :revision", {":revision": customer["figuresRevision"]}
    return f"{LIVE} AND attribute_not_exists(figuresRevision)", {}
