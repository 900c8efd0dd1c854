"""Orders in DynamoDB: each counted once, for one customer, in the same transaction as the customer's figures.

An order lies with its customer, so that one Query has all that figures are made of. Beside it an owner, found
by the `orderRef` alone, says which customer has the order and in which version (`revision`), a deleted one
too. A version is recorded only over the owner that was read, figures only over the figures that were read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from functions.customers import directory
from functions.customers import store as customers
from functions.customers.customer import Customer
from functions.customers.directory import Lookup
from functions.customers.figures import figures_of
from functions.customers.item import customer_key
from functions.orders.order import Order
from functions.shared import dynamo
from functions.shared.dynamo import Write
from functions.shared.errors import ConflictError, GoneError
from functions.shared.item import Item
from functions.shared.retry import pauses


@dataclass(frozen=True)
class _Holder:
    """Whose an order is: a customer's id, and the customer, None where it was deleted."""

    id: str
    customer: Customer | None


def record(order: Order, *, today: date) -> None:
    """Count an order for its customer, unless this version or a later one has been counted.

    An earlier version is replaced, also where it was another customer's. `today` (UTC) is the day of writing.
    Raises NotFoundError where its customer is not there yet; GoneError where it was deleted, after recording
    that; ConflictError and UnavailableError, where trying again helps.
    """
    for pause in pauses():
        owner = dynamo.get("orders", _owner_key(order.tenant_id, order.order_ref))
        if owner is not None and owner["revision"] >= order.revision:
            return
        before = None if owner is None else _holder(order.tenant_id, Lookup("id", owner["customerId"]))
        holder = _holder_of(order, before)
        try:
            dynamo.transact(_writes(order, owner, before, holder, today))
        except (dynamo.TransactionFailedError, dynamo.ContendedError):
            pause()
            continue
        if holder.customer is None:
            raise GoneError("The order's customer has been deleted")
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


def _holder_of(order: Order, before: _Holder | None) -> _Holder:
    """Whose the order is, `before` being whose its earlier version was.

    That is the customer it names; but a reference or email is good for the first time. A shop's order keeps
    the email it was placed with, which may be another customer's by now, and a deleted customer's order is
    taken from it by nobody's reference or email.
    """
    named = Lookup(*order.customer)
    if before is not None and (
        named == Lookup("id", before.id)
        or (named.field != "id" and (before.customer is None or _named_before(order, before.id)))
    ):
        return before
    return _holder(order.tenant_id, named)


def _holder(tenant_id: str, lookup: Lookup) -> _Holder:
    try:
        customer = directory.find(tenant_id, lookup)
    except GoneError:
        return _Holder(lookup.value, None)
    return _Holder(customer["id"], customer)


def _named_before(order: Order, customer_id: str) -> bool:
    known = dynamo.get("orders", _order_key(order.tenant_id, customer_id, order.order_ref))
    return known is not None and known["namedBy"] == list(order.customer)


def _writes(
    order: Order, owner: Item | None, before: _Holder | None, holder: _Holder, today: date
) -> list[Write]:
    tenant_id, ref = order.tenant_id, order.order_ref
    writes = [_put_owner(order, holder.id, owner)]
    if holder.customer is not None:
        item = {
            **_order_key(tenant_id, holder.id, ref),
            **order.facts,
            "namedBy": list(order.customer),
            "revision": order.revision,
        }
        writes += [
            Write("Put", "orders", item),
            _figures_update(tenant_id, holder.customer, without=ref, plus=[dict(order.facts)], today=today),
        ]
    # What a deleted customer still has of it is erased with the rest.
    if before is not None and before.customer is not None and before.id != holder.id:
        writes += [
            Write("Delete", "orders", _order_key(tenant_id, before.id, ref)),
            _figures_update(tenant_id, before.customer, without=ref, plus=[], today=today),
        ]
    return writes


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
    return Write("Put", "orders", item, "revision = :revision", {":revision": owner["revision"]})


def _order_key(tenant_id: str, customer_id: str, order_ref: str) -> Item:
    return customer_key(tenant_id, customer_id) | {"orderRef": order_ref}


def _owner_key(tenant_id: str, order_ref: str) -> Item:
    return {"customerKey": f"{tenant_id}#order#{order_ref}", "orderRef": "owner"}
