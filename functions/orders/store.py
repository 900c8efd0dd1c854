"""Orders in DynamoDB: each counted once, for one customer, in the same transaction as the customer's figures.

An order lies with its customer, so that one Query has all that figures are made of. Beside it an owner, found
by the `orderRef` alone, says which customer has the order and in which version (`revision`): a version is
recorded only over the one that was read, a customer's figures only over the figures that were read.
"""

from collections.abc import Sequence
from datetime import date

from functions.customers import store as customers
from functions.customers.customer import Customer
from functions.customers.figures import figures_of
from functions.customers.item import customer_key
from functions.customers.store import Lookup
from functions.orders.order import Order
from functions.shared import dynamo
from functions.shared.dynamo import Write
from functions.shared.errors import ConflictError, GoneError
from functions.shared.item import Item
from functions.shared.retry import pauses


def record(order: Order, *, today: date) -> None:
    """Count an order for its customer, unless this version or a later one has been counted.

    An earlier version is replaced, also where it was another customer's. `today` (UTC) is the day of writing.
    Raises NotFoundError where its customer is not there yet, GoneError where it was deleted; ConflictError
    and UnavailableError, where trying again helps.
    """
    for pause in pauses():
        owner = dynamo.get("orders", _owner_key(order.tenant_id, order.order_ref))
        if owner is not None and owner["revision"] >= order.revision:
            return
        try:
            dynamo.transact(_writes(order, owner, today))
        except (dynamo.TransactionFailedError, dynamo.ContendedError):
            pause()
        else:
            return
    raise ConflictError


def delete_all(tenant_id: str, customer_id: str) -> int:
    """Erase every order of a deleted customer; returns how many there were. Safe to repeat.

    Their owners stay, who say no more than that the customer had them: nobody else is to count them.
    Raises UnavailableError, after which some orders may be gone and some not.
    """
    erased = 0
    for orders in dynamo.partition("orders", customer_key(tenant_id, customer_id)):
        keys = [_order_key(tenant_id, customer_id, order["orderRef"]) for order in orders]
        dynamo.batch_delete("orders", keys)
        erased += len(orders)
    return erased


def _writes(order: Order, owner: Item | None, today: date) -> list[Write]:
    tenant_id, ref = order.tenant_id, order.order_ref
    lookup = _lookup(order, owner)
    writes: list[Write] = []
    try:
        customer = customers.find(tenant_id, lookup)
    except GoneError:
        if owner is None or owner["customerId"] == lookup.value:
            raise
        # It counts for nobody from now on.
        writes.append(_put_owner(order, lookup.value, owner))
    else:
        writes += [
            _put_owner(order, customer["id"], owner),
            _put_order(order, customer["id"], owner),
            _figures_update(tenant_id, customer, without=ref, plus=[dict(order.facts)], today=today),
        ]
        if owner is None or owner["customerId"] == customer["id"]:
            return writes
    try:
        before = customers.find(tenant_id, Lookup("id", owner["customerId"]))
    except GoneError:
        # What a deleted customer still has of it is erased with the rest.
        return writes
    key, replaced = _order_key(tenant_id, before["id"], ref), {":revision": owner["revision"]}
    return [
        *writes,
        Write("Delete", "orders", key, "revision = :revision", replaced),
        _figures_update(tenant_id, before, without=ref, plus=[], today=today),
    ]


def _lookup(order: Order, owner: Item | None) -> Lookup:
    """How to find the order's customer: as it says, but a reference or email is good for the first time.

    A shop's order keeps the email it was placed with, which may be another customer's by now.
    """
    lookup = Lookup(*order.customer)
    if owner is None or lookup.field == "id":
        return lookup
    known = dynamo.get("orders", _order_key(order.tenant_id, owner["customerId"], order.order_ref))
    # Erased, it was an order of somebody who has been deleted.
    if known is None or known["namedBy"] == _name(order):
        return Lookup("id", owner["customerId"])
    return lookup


def _name(order: Order) -> list[str]:
    return list(order.customer)


def _put_order(order: Order, customer_id: str, owner: Item | None) -> Write:
    item = {
        **_order_key(order.tenant_id, customer_id, order.order_ref),
        **order.facts,
        "namedBy": _name(order),
        "revision": order.revision,
    }
    if owner is None or owner["customerId"] != customer_id:
        return Write("Put", "orders", item, "attribute_not_exists(orderRef)")
    return Write("Put", "orders", item, "revision = :revision", {":revision": owner["revision"]})


def _figures_update(
    tenant_id: str, customer: Customer, *, without: str, plus: Sequence[Item], today: date
) -> Write:
    """The customer's figures without one of its orders, and with others.

    `customer` must be read before its orders: whoever changes them meanwhile changes what the write expects.
    """
    others = [
        item
        for page in dynamo.partition("orders", customer_key(tenant_id, customer["id"]))
        for item in page
        if item["orderRef"] != without
    ]
    return customers.figures_update(tenant_id, customer, figures_of([*others, *plus], today))


def _put_owner(order: Order, customer_id: str, owner: Item | None) -> Write:
    item = {
        **_owner_key(order.tenant_id, order.order_ref),
        "customerId": customer_id,
        "revision": order.revision,
    }
    if owner is None:
        return Write("Put", "orders", item, "attribute_not_exists(orderRef)")
    read = {":customerId": owner["customerId"], ":revision": owner["revision"]}
    return Write("Put", "orders", item, "customerId = :customerId AND revision = :revision", read)


def _order_key(tenant_id: str, customer_id: str, order_ref: str) -> Item:
    return customer_key(tenant_id, customer_id) | {"orderRef": order_ref}


def _owner_key(tenant_id: str, order_ref: str) -> Item:
    return {"customerKey": f"{tenant_id}#order#{order_ref}", "orderRef": "owner"}
