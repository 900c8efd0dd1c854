"""Long histories of orders: after each event the figures are what the model says, and what the fold gives.

Where `test_customers_and_orders` looks for short sequences that nobody thought of, this one counts a lot of
orders that get in each other's way: more currencies than a customer's item holds, orders of one moment, last
and first ones that go, versions that come late or again, moves, deletions, figures from before.
"""

import random
from datetime import timedelta
from typing import Any

import pytest

from functions.customers.figures import present_figures
from functions.customers.item import live
from functions.orders import store
from functions.orders.recount import recount
from functions.shared import clock, sqs
from tests.api import CUSTOMERS, Api
from tests.effort import EFFORT
from tests.orders.before import forget_what_is_kept
from tests.orders.events import Event, deliver, event
from tests.orders.kept import assert_kept, stored
from tests.orders.model import Model, Owner, named

CURRENCIES = [*["AUD"] * 2, *["NZD", "JPY", "USD", "EUR", "GBP", "CHF"], None, None]
AMOUNTS = ["0", "0.01", "9.995", "100", "-3.5", "123456789.10", "999999999999999.999999"]
STATES: list[Event] = [
    *[{}] * 6,
    {"orderStatus": "Cancelled"},
    {"cancelled": True},
    {"paymentStatus": "REFUNDED", "refundedAmount": "5"},
    {"refundedAmount": "0.01"},
]
AGES = [-1, 0, 0, 1, 2, 30, 31, 334, 364, 365, 366, 396, 397, 800, 9000]


class History:
    """A random history of two customers, the same for each `seed`."""

    def __init__(self, api: Api, seed: int) -> None:
        self.api = api
        self.random = random.Random(seed)
        self.model = Model()
        self.messages: list[Event] = []
        self.customers = 0
        for _ in range(2):
            self.create()

    def create(self) -> None:
        """One more customer."""
        self.customers += 1
        email, ref = f"c{self.customers}@example.com", f"C{self.customers}"
        created = self.api.create(email=email, customerRef=ref)
        self.model.live[created["id"]] = Owner(email, ref)

    def step(self) -> None:
        """Something happens; then all is as it should be."""
        chance = self.random.random()
        if chance < 0.5 and self.model.orders:
            self.send(self.next_version())
        elif chance < 0.75:
            self.send(self.new_order())
        elif chance < 0.87 and self.messages:
            self.hand_over(self.random.choices(self.messages, k=self.random.randint(1, 3)))
        elif chance < 0.885:
            self.delete()
        elif chance < 0.93:
            self.model.today += timedelta(days=self.random.choice([1, 31, 200, 366]))
        elif chance < 0.97:
            customer_id = self.anybody()
            forget_what_is_kept(customer_id, self.random)
            self.send(self.newest(self.new_order(customerId=customer_id)["detail"]))
        else:
            assert recount("demo", self.anybody(), today=self.model.today.date()) == "right"
        self.check()

    def delete(self) -> None:
        """A customer goes, another one comes, and sometime the orders of those who went are erased."""
        customer_id = self.anybody()
        assert self.api.delete(f"{CUSTOMERS}/{customer_id}").status == 204
        del self.model.live[customer_id]
        self.model.deleted.append(customer_id)
        self.create()
        store.delete_all("demo", self.random.choice(self.model.deleted))

    def new_order(self, **given: Any) -> Event:
        """An order, maybe of a reference that is known."""
        created = self.model.today - timedelta(days=self.random.choice(AGES))
        if self.random.random() < 0.5:
            created = created.replace(hour=10, minute=0)
        order = {
            "orderRef": f"O{self.random.randint(1, 40)}",
            "totalAmount": self.random.choice(AMOUNTS),
            "currencyCode": self.random.choice(CURRENCIES),
            "created_at": min(created, self.model.today + timedelta(days=1)).isoformat(),
            **self.random.choice(STATES),
            **(given or self.somebody()),
        }
        return event(time=self.model.today.isoformat(), **order)

    def next_version(self) -> Event:
        """A later version of an order, most often of the same customer, time and currency."""
        before = self.random.choice(list(self.model.orders.values())).message
        kept = ("orderRef", "totalAmount", "created_at", "currencyCode")
        order = {name: before["detail"][name] for name in kept if name in before["detail"]}
        order |= dict([named(before)])
        anew = self.new_order()["detail"]
        for name in ("totalAmount", "created_at", "currencyCode"):
            if self.random.random() < 0.2:
                order[name] = anew.get(name)
        if self.random.random() < 0.2:
            order = {name: value for name, value in order.items() if name in kept} | self.somebody()
        return self.newest({**order, **self.random.choice(STATES)})

    def newest(self, order: Event) -> Event:
        """A version of an order that is later than all others."""
        updated = (self.model.today + timedelta(days=2, seconds=len(self.messages))).isoformat()
        return event("OrderUpdated", time=self.model.today.isoformat(), **{**order, "updated_at": updated})

    def anybody(self) -> str:
        """A live customer's id."""
        return self.random.choice(list(self.model.live))

    def somebody(self) -> dict[str, str]:
        """What names a customer in an order; now and then one who was deleted."""
        if self.model.deleted and self.random.random() < 0.05:
            return {"customerId": self.random.choice(self.model.deleted)}
        customer_id = self.anybody()
        owner = self.model.live[customer_id]
        return self.random.choice(
            [{"customerId": customer_id}, {"email": owner.email.upper()}, {"customerRef": str(owner.ref)}]
        )

    def send(self, message: Event) -> None:
        """A new message comes."""
        self.messages.append(message)
        self.hand_over([message])

    def hand_over(self, messages: list[Event]) -> None:
        """One batch, for the worker and for the model."""
        expected = [position for position, one in enumerate(messages) if not self.model.take(one)]
        assert deliver(*messages) == expected

    def check(self) -> None:
        """Figures are the model's, and what is kept is the fold's."""
        today = self.model.today.date()
        for customer in map(live, stored("customers")):
            if customer is not None:
                shown = present_figures(customer.get("orderFigures"), today)
                assert shown == self.model.figures(customer["id"])
        assert_kept(today)


@pytest.mark.parametrize("seed", range(2 * EFFORT))
def test_figures_are_those_of_all_orders_whatever_happened(
    api: Api, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    history = History(api, seed)
    monkeypatch.setattr(clock, "now", lambda: history.model.today)
    monkeypatch.setattr(sqs, "put_off", lambda *_: None)

    for _ in range(120):
        history.step()
