"""Orders in DynamoDB: each counted once, for one customer, in the same transaction as the customer's figures.

An order lies with its customer. Beside it an owner, found by the `orderRef` alone, says which customer has
the order and in which version (`revision`), a deleted one too. A version is recorded only over the owner that
was read, figures only over the figures that were read. What it costs does not depend on how many orders the
customer has: two reads at most and a transaction, where `counting` reads nothing more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from functions.customers import directory
from functions.customers.customer import Customer
from functions.customers.directory import Lookup
from functions.customers.errors import NOBODY
from functions.customers.item import customer_key, live
from functions.orders import counting
from functions.orders.counting import NotCountedError
from functions.orders.keys import figures_key, order_key, owner_key
from functions.orders.order import Order
from functions.orders.recount import recount
from functions.shared import dynamo
from functions.shared.dynamo import Write
from functions.shared.errors import ConflictError, GoneError, NotFoundError
from functions.shared.item import Item
from functions.shared.retry import pauses


class _MovedOnError(Exception):
    """Whoever had the reference or email when its claim was read has it no more."""


@dataclass(frozen=True)
class _Holder:
    """Whose an order is: a customer's id, and the customer, None where it was deleted."""

    id: str
    customer: Customer | None


@dataclass(frozen=True)
class _Found:
    """What there is when an order comes.

    Its `owner`, the id of the customer it names (None for nobody), that customer's and the owner's items by
    id, and the order as it is `stored` with its owner.
    """

    owner: Item | None
    named_id: str | None
    customers: Mapping[str, Item | None]
    stored: Item | None

    @property
    def before(self) -> _Holder | None:
        """Whose the order has been."""
        return self.holder(self.owner["customerId"]) if self.owner else None

    def holder(self, customer_id: str | None) -> _Holder:
        """The customer, live or deleted. Raises NotFoundError."""
        item = self.customers.get(customer_id) if customer_id else None
        if item is None:
            raise NotFoundError(NOBODY)
        return _Holder(item["id"], live(item))


def record(order: Order, *, today: date) -> None:
    """Count an order for its customer, unless this version or a later one has been counted.

    An earlier version is replaced, also where it was another customer's. `today` (UTC) is the day of writing.
    Raises NotFoundError where its customer is not there yet; GoneError where it was deleted, after recording
    that; ConflictError and UnavailableError, where trying again helps.
    """
    for pause in pauses():
        found = _found(order)
        if found is None:
            return
        try:
            holder = _holder_of(order, found)
            dynamo.transact(_writes(order, found, holder, today))
        except NotCountedError as error:
            recount(order.tenant_id, error.customer_id, today=today)
        except (_MovedOnError, dynamo.TransactionFailedError, dynamo.ContendedError):
            pause()
        else:
            if holder.customer is None:
                raise GoneError("The order's customer has been deleted")
            return
    raise ConflictError


def delete_all(tenant_id: str, customer_id: str) -> int:
    """Erase every order of a deleted customer; returns how many there were. Safe to repeat.

    Their owners stay, who say no more than that the customer had them: nobody else is to count them.
    Raises UnavailableError, after which some orders may be gone and some not.
    """
    _erase(figures_key(tenant_id, customer_id))
    return _erase(customer_key(tenant_id, customer_id))


def _erase(partition: Item) -> int:
    erased = 0
    for items in dynamo.partition("orders", partition):
        dynamo.batch_delete("orders", [{**partition, "orderRef": item["orderRef"]} for item in items])
        erased += len(items)
    return erased


def _found(order: Order) -> _Found | None:
    """What there is, the owner first; None where this version or a later one has been counted."""
    tenant_id = order.tenant_id
    naming = directory.key_of(tenant_id, Lookup(*order.customer))
    owner, *found = dynamo.batch_get(
        [("orders", owner_key(tenant_id, order.order_ref)), *([naming] if naming else [])]
    )
    if owner and owner["revision"] >= order.revision:
        return None
    customers: dict[str, Item | None] = {}
    named_id = None
    named = next(iter(found), None)
    if named:
        named_id = named["id" if order.names_by_id else "customerId"]
        if order.names_by_id:
            customers[named_id] = named
    owner_id = owner["customerId"] if owner else None
    wanted = sorted({one for one in (named_id, owner_id) if one} - customers.keys())
    keys = [("customers", customer_key(tenant_id, one)) for one in wanted]
    if owner_id:
        keys.append(("orders", order_key(tenant_id, owner_id, order.order_ref)))
    items = dynamo.batch_get(keys) if keys else []
    customers |= dict(zip(wanted, items, strict=False))
    return _Found(owner, named_id, customers, items[-1] if owner_id else None)


def _holder_of(order: Order, found: _Found) -> _Holder:
    """Whose the order is.

    That is the customer it names; but a reference or email is good for the first time. A shop's order keeps
    the email it was placed with, which may be another customer's by now, and a deleted customer's order is
    taken from it by nobody's reference or email.
    """
    before = found.before
    if before is not None and not order.names_by_id:
        named_before = found.stored is not None and found.stored["namedBy"] == list(order.customer)
        if before.customer is None or named_before:
            return before
    holder = found.holder(found.named_id)
    if not order.names_by_id and not (holder.customer and Lookup(*order.customer).finds(holder.customer)):
        raise _MovedOnError
    return holder


def _writes(order: Order, found: _Found, holder: _Holder, today: date) -> list[Write]:
    tenant_id, ref, before = order.tenant_id, order.order_ref, found.before
    writes = [_put_owner(order, holder.id, found.owner)]
    if holder.customer is not None:
        item = {
            **order_key(tenant_id, holder.id, ref),
            **order.facts,
            "namedBy": list(order.customer),
            "revision": order.revision,
        }
        stood = found.stored if before and before.id == holder.id else None
        writes += [
            Write("Put", "orders", item),
            *counting.writes(tenant_id, holder.customer, without=stood, plus=order.facts, today=today),
        ]
    # What a deleted customer still has of it is erased with the rest.
    if before is not None and before.customer is not None and before.id != holder.id:
        writes += [
            Write("Delete", "orders", order_key(tenant_id, before.id, ref)),
            *counting.writes(tenant_id, before.customer, without=found.stored, plus=None, today=today),
        ]
    return writes


def _put_owner(order: Order, customer_id: str, owner: Item | None) -> Write:
    item = {
        **owner_key(order.tenant_id, order.order_ref),
        "customerId": customer_id,
        "revision": order.revision,
    }
    if owner is None:
        return Write("Put", "orders", item, "attribute_not_exists(orderRef)")
    return Write("Put", "orders", item, "revision = :revision", {":revision": owner["revision"]})
