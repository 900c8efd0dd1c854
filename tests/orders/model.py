"""Who has which customer and which order: a model in memory that knows no DynamoDB.

It says what the contract says: who owns a value, which version of an order is the last, whose the order is,
what it counts. When a deleted customer's orders are erased makes no difference to it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from tests.customers.expected_figures import Counted, expected_figures
from tests.orders.events import Event, queued_at

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Owner:
    """A live customer."""

    email: str
    ref: str | None
    version: int = 1


@dataclass(frozen=True)
class Taken:
    """The last version of an order, and the customer, live or deleted, whose the order is."""

    message: Event
    customer_id: str


def age(message: Event) -> tuple[Any, ...]:
    """What the later of two versions has more of."""
    detail = message["detail"]
    is_update = message["detail-type"] == "OrderUpdated"
    without_its_own = message["time"] if is_update else detail["created_at"]
    updated = datetime.fromisoformat(detail.get("updated_at", without_its_own))
    return updated, is_update, datetime.fromisoformat(message["time"]), queued_at(message)


def named(message: Event) -> tuple[str, str]:
    """The identifier that decides whose an order is, and its value."""
    detail = message["detail"]
    return next((name, detail[name]) for name in ("customerId", "customerRef", "email") if name in detail)


def counted(message: Event) -> Counted | None:
    """What an order counts; None where it counts nothing."""
    detail = message["detail"]
    names = ("orderStatus", "paymentStatus", "cancelled", "returned", "currencyCode")
    said = {name: str(detail.get(name, "")).strip().lower() for name in names}
    statuses = {said["orderStatus"], said["paymentStatus"]}
    if said["cancelled"] == "true" or statuses & {"cancelled", "canceled", "declined", "voided"}:
        return None
    total, refunded = Fraction(detail["totalAmount"]), Fraction(detail.get("refundedAmount", 0))
    if said["returned"] == "true" or statuses & {"returned", "refunded"}:
        refunded = total
    created = datetime.fromisoformat(detail["created_at"])
    return Counted(detail["orderRef"], total, refunded, created, said["currencyCode"].upper() or None)


@dataclass
class Model:
    """What should be."""

    today: datetime = START
    live: dict[str, Owner] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    orders: dict[str, Taken] = field(default_factory=dict)

    def owners(self, email: str | None, ref: str | None) -> set[str]:
        """Who has one of these values."""
        return {
            customer_id
            for customer_id, owner in self.live.items()
            if owner.email == email or (ref is not None and owner.ref == ref)
        }

    def figures(self, customer_id: str) -> dict[str, str]:
        """A customer's figures."""
        mine = [counted(one.message) for one in self.orders.values() if one.customer_id == customer_id]
        return expected_figures([one for one in mine if one is not None], self.today.date())

    def take(self, message: Event) -> bool:
        """Take an order; whether its message is done with."""
        ref = message["detail"]["orderRef"]
        known = self.orders.get(ref)
        if known is not None and age(message) <= age(known.message):
            return True
        customer_id = self.whose(message, known)
        if customer_id is None:
            return False
        self.orders[ref] = Taken(message, customer_id)
        return True

    def whose(self, message: Event, known: Taken | None) -> str | None:
        """Whose an order is; None while there is no such customer."""
        name, value = named(message)
        if name == "customerId":
            return value.lower() if value.lower() in {*self.live, *self.deleted} else None
        if known is not None and known.customer_id in self.deleted:
            return known.customer_id
        if known is not None and named(known.message) == (name, value):
            return known.customer_id
        found = self.owners(value.lower(), None) if name == "email" else self.owners(None, value)
        return next(iter(found), None)
