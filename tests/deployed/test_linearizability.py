"""Many callers of a few identifiers at once: what they see is what one after another could have seen.

`EFFORT=10` calls for half a minute. Some hang up before their answer is there: those calls may have happened
or not. Then the tables are as the invariants have them.
"""

import http.client
import json
import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.local.stack import LocalStack
from tests.api import CUSTOMERS, Reply, value
from tests.deployed.conditions import eventually
from tests.deployed.http_api import HttpApi
from tests.deployed.stored import violations_of
from tests.effort import EFFORT
from tests.trust.history import History, Operation

SECONDS = 3 * EFFORT
CALLERS = 8
EMAILS = [f"e{number}@example.com" for number in range(4)]
REFS = [f"R{number}" for number in range(4)]
HANGS_UP = 0.03
"""The share of writers that do not wait for their answer."""

BUSY = (409, 429, 503)


@pytest.fixture(scope="module")
def caller(stack: LocalStack) -> HttpApi:
    """The API as a tenant that nobody else calls."""
    stack.tenants.register("history")
    return HttpApi("history", stack.url, stack.tenants.issue_token("history", seconds=3600))


@dataclass
class Caller:
    """One thread of calls, each noted in the history; customers are told apart by their last name."""

    api: HttpApi
    history: History
    chance: random.Random
    known: dict[str, str]
    """Ids by last name of who was made by any caller."""

    gone: set[str]
    """Last names of who was seen to be deleted."""

    def run(self, until: float) -> None:
        """Call until then."""
        while time.monotonic() < until:
            (step,) = self.chance.choices(
                [self.create, self.look, self.look_by_id, self.rename, self.move, self.delete],
                [2, 3, 1, 6, 2, 1],
            )
            step()

    def create(self, email: str | None = None, ref: str | None = None) -> None:
        """Create who takes an email and a ref."""
        who = uuid.uuid4().hex
        body = {
            "email": email or self.chance.choice(EMAILS),
            "customerRef": ref or self.chance.choice(REFS),
            "firstName": "new",
            "lastName": who,
        }
        called, answered, reply = self._write("POST", CUSTOMERS, body)
        values = [body["email"], body["customerRef"]]
        if reply is None or reply.status == 201:
            if reply is not None:
                self.known[who] = reply.json["id"]
            self._note("life", who, called, answered, "create", "new")
            for one in values:
                self._note("ownership", one, called, answered, "take", who)
        else:
            self._refused(reply, body, called, answered, who)

    def look(self) -> None:
        """Look up an email or a ref."""
        field, one = self.chance.choice(
            [*(("email", one) for one in EMAILS), *(("ref", one) for one in REFS)]
        )
        if self.chance.random() < 0.5:
            name = "customerRef" if field == "ref" else field
            self.looked(f"{CUSTOMERS}/{name}={value(one)}", one)
        else:
            self.looked(f"{CUSTOMERS}/{value(one)}/{field}", one)

    def look_by_id(self) -> dict[str, Any] | None:
        """Look at a customer: as it is, with its version."""
        if not self.known:
            return None
        who = self._somebody()
        return self.looked(f"{CUSTOMERS}/{self.known[who]}", None, who)

    def rename(self) -> None:
        """Give a customer another name, whatever its version is."""
        if not self.known:
            return
        who, name = self._somebody(), uuid.uuid4().hex
        called, answered, reply = self._write("PUT", f"{CUSTOMERS}/{self.known[who]}", {"firstName": name})
        self._updated(who, name, called, answered, reply)

    def move(self) -> None:
        """Give a customer another ref, or none, where it is still as it was seen."""
        seen = self.look_by_id()
        if seen is None:
            return
        who, name, ref = seen["lastName"], uuid.uuid4().hex, self.chance.choice([None, *REFS])
        body = {"firstName": name, "customerRef": ref}
        called, answered, reply = self._write(
            "PUT", f"{CUSTOMERS}/{seen['id']}", body, {"If-Match": f'"{seen["version"]}"'}
        )
        self._updated(who, name, called, answered, reply, seen["version"])
        before = seen.get("customerRef")
        if reply is not None and reply.status == 400:
            self._refused(reply, body, called, answered, who)
        elif (reply is None or reply.status == 200) and before != ref:
            if before:
                self._note("ownership", before, called, answered, "release", who)
            if ref:
                self._note("ownership", ref, called, answered, "take", who)

    def delete(self) -> None:
        """Delete a customer that is still as it was seen, and often make another in its place at once."""
        seen = self.look_by_id()
        if seen is None:
            return
        who, version = seen["lastName"], seen["version"]
        called, answered, reply = self._write(
            "DELETE", f"{CUSTOMERS}/{seen['id']}", None, {"If-Match": f'"{version}"'}
        )
        if reply is None or reply.status == 204:
            self._note("life", who, called, answered, "delete", version)
            for one in (seen["email"], seen.get("customerRef")):
                if one:
                    self._note("ownership", one, called, answered, "release", who)
            if self.chance.random() < 0.7:
                self.create(seen["email"], seen.get("customerRef"))
        else:
            self._nothing_done(who, called, answered, reply, version)

    def _somebody(self) -> str:
        # Mostly of those who live: what is done to the others is always the same.
        live = [who for who in list(self.known) if who not in self.gone]
        if live and self.chance.random() < 0.6:
            # So that calls meet.
            return live[0]
        return self.chance.choice(live if live and self.chance.random() < 0.9 else list(self.known))

    def looked(self, url: str, register: str | None, asked: str | None = None) -> dict[str, Any] | None:
        called = time.monotonic()
        reply = self.api.get(url)
        answered = time.monotonic()
        if reply.status == 404:
            if register:
                self._note("ownership", register, called, answered, "read", None)
            if asked:
                self._note("life", asked, called, answered, "miss")
            return None
        assert reply.status == 200, reply.text
        seen: dict[str, Any] = reply.json
        who, version = seen["lastName"], int(reply.headers["etag"].strip('"'))
        if register:
            assert register in {seen["email"], seen.get("customerRef")}
            self._note("ownership", register, called, answered, "read", who)
        self._note("life", who, called, answered, "read", (version, seen["firstName"]))
        return {**seen, "version": version}

    def _updated(
        self,
        who: str,
        name: str,
        called: float,
        answered: float | None,
        reply: Reply | None,
        version: int | None = None,
    ) -> None:
        if reply is None:
            # Where a version was asked for, it can have become the next one alone.
            following = None if version is None else version + 1
            self._note("life", who, called, answered, "update", (following, name))
        elif reply.status == 200:
            self._note("life", who, called, answered, "update", (int(reply.headers["etag"].strip('"')), name))
        elif reply.status != 400:
            self._nothing_done(who, called, answered, reply, version)

    def _nothing_done(
        self, who: str, called: float, answered: float | None, reply: Reply, version: int | None
    ) -> None:
        if reply.status == 404:
            self._note("life", who, called, answered, "miss")
        elif reply.status == 412:
            self._note("life", who, called, answered, "mismatch", version)
        else:
            assert reply.status in BUSY, reply.text

    def _refused(
        self, reply: Reply, body: dict[str, Any], called: float, answered: float | None, who: str
    ) -> None:
        if reply.status in BUSY:
            return
        assert (reply.status, reply.json["code"]) == (400, "duplicate_value"), reply.text
        for one in reply.fields:
            self._note("ownership", body[one], called, answered, "refuse", who)

    def _note(
        self, kind: str, register: str, called: float, answered: float | None, what: str, done: Any = None
    ) -> None:
        self.history.add(kind, register, Operation(called, answered, what, done))
        if what in {"miss", "delete"} and answered is not None:
            self.gone.add(register)

    def _write(
        self, method: str, url: str, body: Any, headers: dict[str, str] | None = None
    ) -> tuple[float, float | None, Reply | None]:
        """When it was called and answered, and the answer; both None where the caller hung up."""
        hangs_up = self.chance.random() < HANGS_UP
        called = time.monotonic()
        if hangs_up:
            _send_and_hang_up(self.api, method, url, body, headers or {})
            return called, None, None
        reply = self.api.send(method, url, json_body=body, headers=headers)
        return called, time.monotonic(), reply


def _send_and_hang_up(api: HttpApi, method: str, url: str, body: Any, headers: dict[str, str]) -> None:
    parts = urlsplit(api.url + url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    sent = {"Authorization": f"Bearer {api.token}", "X-TWC-Tenant": str(api.tenant), **headers}
    text = None if body is None else json.dumps(body)
    connection.request(method, parts.path, text, {"Content-Type": "application/json", **sent})
    connection.close()


@pytest.mark.timeout(120 + 20 * SECONDS)
def test_what_many_callers_of_a_few_identifiers_see_has_an_order(stack: LocalStack, caller: HttpApi) -> None:
    history, known, gone = History(), dict[str, str](), set[str]()
    until = time.monotonic() + SECONDS
    callers = [Caller(caller, history, random.Random(number), known, gone) for number in range(CALLERS)]

    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(lambda one: one.run(until), callers))
    last = callers[0]
    for who in list(known):
        last.looked(f"{CUSTOMERS}/{known[who]}", None, who)
    for email in EMAILS:
        last.looked(f"{CUSTOMERS}/{email}/email", email)
    for ref in REFS:
        last.looked(f"{CUSTOMERS}/{ref}/ref", ref)

    assert known
    assert list(history.violations()) == []
    eventually(lambda: violations_of(stack, "history") == [])
