"""Customers and orders in any sequence, against a model in memory that knows no DynamoDB.

After every step each lookup and each figure must be the model's.
"""

import uuid
from contextlib import ExitStack
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from functions.orders import store
from functions.shared import clock, sqs
from tests.account import empty_account
from tests.api import CUSTOMERS, Api
from tests.customers.expected_figures import figures
from tests.effort import EFFORT
from tests.orders.events import Event, deliver, event
from tests.orders.kept import assert_kept
from tests.orders.model import START, Model, Owner, named

EMAILS = ("ann@example.com", "bob@example.com", "cho@example.com")
REFS = ("C1", "C2")
NOBODY = "00000000-0000-4000-8000-000000000000"

emails, refs = st.sampled_from(EMAILS), st.sampled_from(REFS)
some = st.integers(0, 10**6)
amounts = st.sampled_from(["0", "0.01", "9.995", "100", "123456789.10"])
instants = st.sampled_from(["2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", "2026-11-21T10:00:00+10:00"])
ages = st.sampled_from([-1, 0, 1, 200, 340, 364, 365, 366, 400, 800])
orders = st.fixed_dictionaries(
    {
        "orderRef": st.sampled_from(["O1", "O2", "O3"]),
        "totalAmount": amounts,
        "updated_at": st.none() | instants,
        "currencyCode": st.sampled_from([None, "AUD", " aud", "NZD"]),
    }
)
states: st.SearchStrategy[Event] = st.sampled_from(
    [
        {},
        {"orderStatus": "PAID", "paymentStatus": " ", "cancelled": False, "returned": ""},
        {"orderStatus": "Cancelled"},
        {"orderStatus": "DECLINED", "refundedAmount": "5"},
        {"orderStatus": "PAID", "paymentStatus": "VOIDED"},
        {"cancelled": True, "returned": False},
        {"cancelled": "false", "refundedAmount": "9.995"},
        {"orderStatus": "RETURNED", "paymentStatus": "PAID"},
        {"paymentStatus": "REFUNDED", "refundedAmount": "5"},
        {"paymentStatus": "PARTIALLY_REFUNDED", "refundedAmount": "0.01"},
        {"returned": "True", "orderStatus": "PAID"},
    ]
)


class CustomersAndOrders(RuleBasedStateMachine):
    """Callers, shops and the queue, all at random."""

    def __init__(self) -> None:
        super().__init__()
        self.aws = ExitStack()
        self.aws.enter_context(empty_account())
        self.patches = pytest.MonkeyPatch()
        self.api = Api("demo")
        self.model = Model()
        self.messages: list[Event] = []
        self.patches.setattr(clock, "now", lambda: self.model.today)
        self.patches.setattr(sqs, "put_off", lambda *_: None)

    def teardown(self) -> None:
        self.patches.undo()
        self.aws.close()

    @initialize()
    def two_customers(self) -> None:
        self.create(EMAILS[0], REFS[0])
        self.create(EMAILS[1], None)

    @rule(email=emails, ref=st.none() | refs)
    def create(self, email: str, ref: str | None) -> None:
        taken = self.model.owners(email, ref)

        reply = self.api.post(CUSTOMERS, json_body={"email": email, "customerRef": ref})

        assert reply.status == (400 if taken else 201)
        if not taken:
            self.model.live[reply.json["id"]] = Owner(email, ref)
        self.look_up_everybody()

    @precondition(lambda self: self.model.live)
    @rule(
        which=some,
        changes=st.fixed_dictionaries({}, optional={"email": emails, "customerRef": st.none() | refs}),
    )
    def update(self, which: int, changes: dict[str, str | None]) -> None:
        customer_id, owner = self.chosen(which)
        before = (owner.email, owner.ref)
        after = (changes.get("email") or owner.email, changes.get("customerRef", owner.ref))
        taken = self.model.owners(*after) - {customer_id}

        reply = self.api.put(
            f"{CUSTOMERS}/{customer_id}", json_body=changes, headers={"If-Match": f'"{owner.version}"'}
        )

        assert reply.status == (400 if taken else 200)
        if not taken and after != before:
            owner.email, owner.ref = after
            owner.version += 1
        self.look_up_everybody()

    @precondition(lambda self: self.model.live)
    @rule(which=some)
    def delete(self, which: int) -> None:
        customer_id, owner = self.chosen(which)

        reply = self.api.delete(f"{CUSTOMERS}/{customer_id}", headers={"If-Match": f'"{owner.version}"'})

        assert reply.status == 204
        del self.model.live[customer_id]
        self.model.deleted.append(customer_id)
        self.look_up_everybody()

    @precondition(lambda self: self.model.deleted)
    @rule(which=some)
    def erase_what_a_deleted_customer_left(self, which: int) -> None:
        store.delete_all("demo", self.model.deleted[which % len(self.model.deleted)])

    @rule(
        order=orders,
        state=states,
        age=ages,
        detail_type=st.sampled_from(["OrderPlaced", "OrderUpdated"]),
        event_id=st.uuids(),
        which=some,
    )
    def order(
        self, order: Event, state: Event, age: int, detail_type: str, event_id: uuid.UUID, which: int
    ) -> None:
        created = (self.model.today - timedelta(days=age)).isoformat()
        self.send(
            event(
                detail_type,
                time=self.model.today.isoformat(),
                event_id=str(event_id),
                created_at=created,
                **order,
                **state,
                **self.somebody(which),
            )
        )

    @precondition(lambda self: self.model.orders)
    @rule(which=some, other=st.none() | some, state=states, event_id=st.uuids())
    def newest_version(self, which: int, other: int | None, state: Event, event_id: uuid.UUID) -> None:
        message = list(self.model.orders.values())[which % len(self.model.orders)].message
        before, name = message["detail"], dict([named(message)])
        kept = ("orderRef", "totalAmount", "created_at", "currencyCode")
        updated = (START + timedelta(seconds=len(self.messages))).isoformat()
        self.send(
            event(
                "OrderUpdated",
                time=self.model.today.isoformat(),
                event_id=str(event_id),
                updated_at=updated,
                **{name: before[name] for name in kept if name in before},
                **state,
                **(name if other is None else self.somebody(other)),
            )
        )

    @precondition(lambda self: self.messages)
    @rule(which=st.lists(some, min_size=1, max_size=4))
    def deliver_again(self, which: list[int]) -> None:
        self.hand_over([self.messages[number % len(self.messages)] for number in which])

    @rule(days=st.integers(1, 300))
    def time_passes(self, days: int) -> None:
        self.model.today += timedelta(days=days)

    @invariant()
    def everything_is_as_it_should_be(self) -> None:
        for customer_id in (*self.model.live, *self.model.deleted[-1:]):
            self.check(customer_id, self.model.live.keys() & {customer_id})
        assert_kept(self.model.today.date())

    def look_up_everybody(self) -> None:
        """Every value finds its owner: what changes when customers do."""
        for email in EMAILS:
            self.check(f"{email}/email", self.model.owners(email, None))
        for ref in REFS:
            self.check(f"{ref}/ref", self.model.owners(None, ref))

    def check(self, lookup: str, found: set[str]) -> None:
        """Compare what a lookup shows with the one customer it should find, or none."""
        reply = self.api.get(f"{CUSTOMERS}/{lookup}")
        assert reply.status == (200 if found else 404)
        for customer_id in found:
            owner = self.model.live[customer_id]
            shown = (reply.json["id"], reply.json["email"], reply.json.get("customerRef"))
            assert shown == (customer_id, owner.email, owner.ref)
            assert reply.headers["etag"] == f'"{owner.version}"'
            assert figures(reply.json) == self.model.figures(customer_id)

    def chosen(self, which: int) -> tuple[str, Owner]:
        """Some live customer."""
        return list(self.model.live.items())[which % len(self.model.live)]

    def somebody(self, which: int) -> dict[str, str]:
        """What names a customer in an order, or nobody."""
        names = [
            *(
                ("customerId", customer_id)
                for customer_id in (*self.model.live, *self.model.deleted[-1:], NOBODY)
            ),
            *(("customerId", customer_id.upper()) for customer_id in self.model.deleted[-1:]),
            *(("customerRef", ref) for ref in REFS),
            *(("email", email) for email in (*EMAILS, EMAILS[0].upper())),
        ]
        return dict([names[which % len(names)]])

    def send(self, message: Event) -> None:
        """A new message comes."""
        self.messages.append(message)
        self.hand_over([message])

    def hand_over(self, messages: list[Event]) -> None:
        """One batch, for the worker and for the model."""
        expected = [position for position, one in enumerate(messages) if not self.model.take(one)]
        assert deliver(*messages) == expected


TestCustomersAndOrders = CustomersAndOrders.TestCase
TestCustomersAndOrders.settings = settings(
    max_examples=4 * EFFORT,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
