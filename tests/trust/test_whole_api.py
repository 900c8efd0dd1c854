"""The whole API in any sequence of calls, by two tenants with the same names, against `reference.py`.

Every answer has to be the reference's, after every third step every lookup too; at the end the workers run
and the invariants hold, those of events too. The seed that a run ends with repeats it. With `EFFORT` above 1
what fails is made short, which takes minutes.
"""

from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from functions.erasure import erase_customer
from functions.events import publish_changes
from functions.imports import import_rows
from functions.shared import sqs
from tests import queues, streams
from tests.account import empty_account
from tests.api import CUSTOMERS, NOTE, NOTES, UPLOADS, Api, Reply, next_url
from tests.effort import EFFORT
from tests.invariants import assert_invariants
from tests.trust.bus import published
from tests.trust.reference import UNIQUE, Customer, Tenant, Upload, shown_by
from tests.trust.scenarios import order_work

tenants = st.sampled_from(["one", "other"])
emails = st.sampled_from(["ann@example.com", "Ann@example.com", "bob@example.com", "cho@example.com"])
refs = st.none() | st.sampled_from(["R1", "R2"])
names = st.none() | st.sampled_from(["Lee", "lee", "Ray"])
some = st.integers(0, 10**6)
keys = st.none() | st.sampled_from(["k1", "k2"])
attributes = st.dictionaries(st.sampled_from("ab"), st.none() | st.sampled_from(["1", "2"]), max_size=2)
groups = st.dictionaries(
    st.sampled_from("gh"), st.none() | st.builds(lambda a: {"attributes": a}, attributes), max_size=2
)
given_groups = st.dictionaries(
    st.sampled_from("gh"),
    st.builds(lambda a: {"attributes": {k: v for k, v in a.items() if v}}, attributes),
    max_size=2,
)
consent = st.dictionaries(
    st.sampled_from(["email", "sms"]), st.builds(lambda a: {"opt_in_active": a}, st.booleans()), max_size=2
)
withdrawn = st.dictionaries(
    st.sampled_from(["email", "sms"]),
    st.none() | st.builds(lambda a: {"opt_in_active": a}, st.booleans()),
    max_size=2,
)
common = {"customerRef": refs, "alternateCustomerRef": refs, "firstName": names, "lastName": names}
bodies = st.fixed_dictionaries(
    {"email": emails}, optional={**common, "attributeGroups": given_groups, "optin_preferences": consent}
)
changes = st.fixed_dictionaries(
    {}, optional={"email": emails, **common, "attributeGroups": groups, "optin_preferences": withdrawn}
)


class WholeApi(RuleBasedStateMachine):
    """Callers, shops and workers, all at random."""

    def __init__(self) -> None:
        super().__init__()
        self.aws = ExitStack()
        self.aws.enter_context(empty_account())
        self.patches = pytest.MonkeyPatch()
        self.patches.setattr(import_rows, "THREADS", 1)
        self.patches.setattr(sqs, "put_off", lambda *_: None)
        self.model = {"one": Tenant(), "other": Tenant()}
        self.messages: list[dict[str, Any]] = []
        self.steps = 0

    def teardown(self) -> None:
        try:
            self.deliver(self.messages)
            told = published(self.patches)
            stream = {"Records": streams.records()}
            assert publish_changes.handler(stream, None)["batchItemFailures"] == []
            assert erase_customer.handler(stream, None)["batchItemFailures"] == []
            assert_invariants(events=told, settled=True)
        finally:
            self.patches.undo()
            self.aws.close()

    @rule(name=tenants, body=bodies, key=keys)
    def create(self, name: str, body: dict[str, Any], key: str | None) -> None:
        tenant, api = self.model[name], Api(name)
        headers = {"Idempotency-Key": key} if key else {}
        reply = api.post(CUSTOMERS, json_body=body, headers=headers)
        before = tenant.keyed.get(("customer", key or ""))
        if before is not None:
            asked, made = before
            again = asked == body and made in tenant.customers
            assert reply.status == (201 if again else 422)
            assert not again or reply.json["id"] == made
        else:
            expected = tenant.create(body)
            if isinstance(expected, list):
                assert (reply.status, sorted(reply.fields)) == (400, sorted(expected))
            else:
                assert reply.status == 201, reply.text
                self.keep(tenant, reply.json["id"], expected)
                if key:
                    tenant.keyed["customer", key] = (body, reply.json["id"])
        self.look_up(name)

    @precondition(lambda self: self.anybody)
    @rule(
        which=some, by=st.sampled_from(["id", *UNIQUE]), body=changes, version=st.sampled_from([None, 0, 1])
    )
    def update(self, which: int, by: str, body: dict[str, Any], version: int | None) -> None:
        name, customer_id = self.chosen(which)
        tenant, customer = self.model[name], self.model[name].customers[customer_id]
        if by != "id" and by not in customer.fields:
            return
        named = customer_id if by == "id" else customer.fields[by]
        headers = {} if version is None else {"If-Match": f'"{customer.version + version}"'}
        reply = Api(name).put(f"{CUSTOMERS}/{by}={named}", json_body=body, headers=headers)
        if version:
            assert reply.status == 412
        else:
            taken = tenant.update(customer_id, body)
            assert (reply.status, sorted(reply.fields) if taken else []) == (
                400 if taken else 200,
                sorted(taken),
            )
            assert taken or reply.headers["etag"] == f'"{customer.version}"'
        self.look_up(name)

    @rule(
        name=tenants,
        by=st.sampled_from(UNIQUE),
        email=emails,
        ref=st.sampled_from(["R1", "R2"]),
        body=changes,
    )
    def update_or_create(self, name: str, by: str, email: str, ref: str, body: dict[str, Any]) -> None:
        tenant, named = self.model[name], email if by == "email" else ref
        body = {field: value for field, value in body.items() if field != by}
        reply = Api(name).put(f"{CUSTOMERS}/{by}={named}?createIfMissing=true", json_body=body)
        owner = tenant.owner(by, named)
        if owner is not None:
            taken = tenant.update(owner, body)
            assert reply.status == (400 if taken else 200), reply.text
        elif "email" not in {*body, by}:
            assert (reply.status, reply.fields) == (400, ["email"]), reply.text
        else:
            made = tenant.create({**body, by: named})
            assert reply.status == (400 if isinstance(made, list) else 201), reply.text
            if isinstance(made, Customer):
                self.keep(tenant, reply.json["id"], made)
        self.look_up(name)

    @precondition(lambda self: self.anybody)
    @rule(which=some, by=st.sampled_from(["id", *UNIQUE]), version=st.sampled_from([None, None, 0, 1]))
    def delete(self, which: int, by: str, version: int | None) -> None:
        name, customer_id = self.chosen(which)
        customer = self.model[name].customers[customer_id]
        if by != "id" and by not in customer.fields:
            return
        named = customer_id if by == "id" else customer.fields[by]
        headers = {} if version is None else {"If-Match": f'"{customer.version + version}"'}
        reply = Api(name).delete(f"{CUSTOMERS}?{by}={named}", headers=headers)
        assert reply.status == (412 if version else 204)
        if not version:
            self.model[name].delete(customer_id)
        self.look_up(name)

    @precondition(lambda self: self.anybody)
    @rule(which=some, address=st.sampled_from(["H", "W"]), goes=st.booleans())
    def address(self, which: int, address: str, goes: bool) -> None:
        name, customer_id = self.chosen(which)
        customer, url = self.model[name].customers[customer_id], f"{CUSTOMERS}/{customer_id}/address"
        there = address in customer.addresses
        if goes:
            assert Api(name).delete(f"{url}/{address}").status == (204 if there else 404)
        else:
            reply = Api(name).post(url, json_body={"addressID": address, "city": "x"})
            assert reply.status == (400 if there else 201)
        if there == goes:
            (customer.addresses.remove if goes else customer.addresses.append)(address)
            customer.version += 1
        self.look_up(name)

    @precondition(lambda self: self.anybody)
    @rule(which=some, text=st.sampled_from(["a", "b"]), key=keys)
    def note(self, which: int, text: str, key: str | None) -> None:
        name, customer_id = self.chosen(which)
        tenant, body = self.model[name], {"customerId": customer_id, "note": text}
        reply = Api(name).post(NOTE, json_body=body, headers={"Idempotency-Key": key} if key else {})
        before = tenant.keyed.get(("note", key or ""))
        if before is not None:
            asked, made = before
            again = asked == body and made in tenant.notes
            assert reply.status == (200 if again else 422)
            assert not again or reply.json["id"] == made
        else:
            assert reply.status == 200
            tenant.notes[reply.json["id"]] = (customer_id, {"note": text})
            if key:
                tenant.keyed["note", key] = (body, reply.json["id"])
        self.list_notes(name, customer_id)

    @precondition(lambda self: any(one.notes for one in self.model.values()))
    @rule(which=some, change=st.sampled_from([{"note": "c"}, {"author": "Bob"}, {"author": None}, None]))
    def note_again(self, which: int, change: dict[str, Any] | None) -> None:
        every = [(name, one) for name, tenant in self.model.items() for one in tenant.notes]
        name, note_id = every[which % len(every)]
        customer_id, fields = self.model[name].notes[note_id]
        if change is None:
            assert Api(name).delete(f"{NOTE}/{note_id}").status == 200
            del self.model[name].notes[note_id]
        else:
            assert Api(name).put(NOTE, json_body={"id": note_id, **change}).status == 200
            fields.update(change)
        self.list_notes(name, customer_id)

    @precondition(lambda self: self.anybody)
    @rule(which=some)
    def delete_notes(self, which: int) -> None:
        name, customer_id = self.chosen(which)
        own = self.model[name].notes_of(customer_id)
        assert Api(name).delete(f"{NOTES}?id={customer_id}").json == {"deleted": len(own)}
        for note_id in own:
            del self.model[name].notes[note_id]
        self.list_notes(name, customer_id)

    @precondition(lambda self: self.anybody)
    @rule(which=some, ref=st.sampled_from(["O1", "O2"]), amount=st.integers(1, 9))
    def order(self, which: int, ref: str, amount: int) -> None:
        """An order counts once, for whom it first was."""
        name, customer_id = self.chosen(which)
        work = order_work(Api(name), customerId=customer_id, orderRef=ref, totalAmount=str(amount))
        assert work.deliver(work.records * 2) == []
        tenant = self.model[name]
        if before := tenant.customers.get(tenant.orders.get(ref, "")):
            before.orders.pop(ref, None)
        tenant.orders[ref] = customer_id
        tenant.customers[customer_id].orders[ref] = amount
        self.look_up(name)

    @rule(name=tenants, rows=st.lists(bodies, min_size=1, max_size=3), key=keys)
    def upload(self, name: str, rows: list[dict[str, Any]], key: str | None) -> None:
        tenant = self.model[name]
        reply = Api(name).post(UPLOADS, json_body=rows, headers={"Idempotency-Key": key} if key else {})
        self.messages += queues.take_all("imports")
        before = tenant.keyed.get(("upload", key or ""))
        if before is not None:
            assert reply.status == (202 if before[0] == rows else 422)
            assert reply.status == 422 or reply.json["uploadId"] == before[1]
            return
        assert reply.status == 202
        tenant.uploads[reply.json["uploadId"]] = Upload(rows)
        if key:
            tenant.keyed["upload", key] = (rows, reply.json["uploadId"])

    @precondition(lambda self: self.messages)
    @rule(which=st.lists(some, min_size=1, max_size=3))
    def import_some(self, which: list[int]) -> None:
        """Messages come in any order, and again."""
        self.deliver([self.messages[one % len(self.messages)] for one in which])

    def deliver(self, records: list[dict[str, Any]]) -> None:
        """Hand messages over, one after the other, and see what the reports say."""
        for record in records:
            assert import_rows.handler({"Records": [record]}, None) == {"batchItemFailures": []}
            for name, tenant in self.model.items():
                for upload_id in tenant.uploads:
                    if upload_id in record["body"] and f'"{name}"' in record["body"]:
                        self.imported(name, upload_id)
        for name in self.model if records else ():
            self.look_up(name)

    def imported(self, name: str, upload_id: str) -> None:
        """Let the reference import too; the ids of what it makes are the service's."""
        tenant, api = self.model[name], Api(name)
        for _, made in list(tenant.import_rows(upload_id)):
            found = api.get(f"{CUSTOMERS}/{made.fields['email']}/email")
            assert found.status == 200, found.text
            self.keep(tenant, found.json["id"], made)
        report, upload = api.get(f"{UPLOADS}/{upload_id}").json, tenant.uploads[upload_id]
        assert report["status"] == "completed"
        assert (report["received"], report["created"]) == (len(upload.rows), upload.created)
        assert {error["row"]: error["field"] for error in report["errors"]} == upload.failed

    @property
    def anybody(self) -> bool:
        """Whether anybody lives."""
        return any(tenant.customers for tenant in self.model.values())

    def chosen(self, which: int) -> tuple[str, str]:
        """Some live customer and its tenant."""
        every = [(name, one) for name, tenant in self.model.items() for one in tenant.customers]
        return every[which % len(every)]

    @staticmethod
    def keep(tenant: Tenant, customer_id: str, customer: Customer) -> None:
        assert customer_id not in {*tenant.customers, *tenant.deleted}
        tenant.customers[customer_id] = customer

    def look_up(self, name: str) -> None:
        """Every name finds whom it should, in the state it should be in, and no other; each third time."""
        self.steps += 1
        if self.steps % 3:
            return
        tenant, api = self.model[name], Api(name)
        for customer_id, customer in tenant.customers.items():
            self.same(api.get(f"{CUSTOMERS}/{customer_id}"), customer_id, customer)
        for gone in tenant.deleted[-1:]:
            assert api.get(f"{CUSTOMERS}/{gone}").status == 404
        for by, values in (("email", ["ann@example.com", "bob@example.com"]), ("customerRef", ["R1"])):
            for named in values:
                owner = tenant.owner(by, named)
                reply = api.get(f"{CUSTOMERS}?{by}={named}")
                assert reply.status == (404 if owner is None else 200)
                if owner is not None:
                    self.same(reply, owner, tenant.customers[owner])

    @rule(name=tenants, limit=st.integers(1, 3))
    def search(self, name: str, limit: int) -> None:
        """Everybody of a name is found once, in pages that are no good to the other tenant."""
        url: str | None = f"{CUSTOMERS}/search?lastName=LEE&limit={limit}"
        found: list[str] = []
        while url is not None:
            reply = Api(name).get(url)
            found += [one["id"] for one in reply.json]
            url = next_url(reply)
            if url is not None:
                assert Api("other" if name == "one" else "one").get(url).status == 400
        wanted = [
            one
            for one, customer in self.model[name].customers.items()
            if customer.fields.get("lastName", "").lower() == "lee"
        ]
        assert sorted(found) == sorted(wanted)

    def list_notes(self, name: str, customer_id: str) -> None:
        """A listing has the customer's notes, the newest first, in pages."""
        tenant = self.model[name]
        url: str | None = f"{NOTES}?id={customer_id}&limit=2"
        found: list[dict[str, Any]] = []
        while url is not None:
            reply = Api(name).get(url)
            found += reply.json
            url = next_url(reply)
        assert [one["id"] for one in found] == tenant.notes_of(customer_id)
        for one in found:
            fields = {key: text for key, text in tenant.notes[one["id"]][1].items() if text is not None}
            assert {key: one[key] for key in ("note", "author") if key in one} == fields

    @staticmethod
    def same(reply: Reply, customer_id: str, customer: Customer) -> None:
        assert (reply.status, reply.json["id"]) == (200, customer_id)
        assert shown_by(reply.json) == customer.shown()
        assert reply.headers["etag"] == f'"{customer.version}"'


@pytest.mark.parametrize("share", range(4))
def test_any_sequence_of_calls_is_answered_as_the_contract_says(
    request: pytest.FixtureRequest, share: int
) -> None:
    """In four shares, for as many processes."""
    chosen = int(request.config.getoption("randomly_seed", 0)) + share
    run_state_machine_as_test(
        seed(chosen)(WholeApi),
        settings=settings(
            max_examples=2 * EFFORT,
            stateful_step_count=50,
            phases=[Phase.generate, *([Phase.shrink] if EFFORT > 1 else [])],
            suppress_health_check=list(HealthCheck),
        ),
    )
