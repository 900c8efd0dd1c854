"""Rows of an upload do what as many requests one after another would, whatever happens on the way.

The oracle is the API: the same rows, one PUT or POST each, in another tenant.
"""

import itertools
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.imports import import_rows
from functions.shared import dynamo
from functions.uploads import chunking, importer
from tests.api import CUSTOMERS, UPLOADS, Api
from tests.effort import EFFORT
from tests.faults import KilledError
from tests.queues import deliver, messages_in

REAL = dynamo.call
KEPT_BY_THE_SERVICE = (
    "id",
    "createdDate",
    "lastModifiedDate",
    "lastModified",
    "marketing_preferences_updated_at",
)

few = settings(max_examples=3 * EFFORT, suppress_health_check=[HealthCheck.function_scoped_fixture])

names = st.sampled_from(["Ann", "Bob", None])
groups = st.dictionaries(
    st.sampled_from("gh"),
    st.fixed_dictionaries(
        {"attributes": st.dictionaries(st.sampled_from("ab"), st.sampled_from(["1", "2", None]))}
    ),
    max_size=2,
)
channels = st.fixed_dictionaries(
    {"opt_in_active": st.booleans()},
    optional={"opt_in_updated_at": st.sampled_from(["2023-05-19T03:14:32.181Z", "2024-05-19T03:14:32.181Z"])},
)
data = {
    "firstName": names,
    "loyaltyTier": names,
    "attributeGroups": groups,
    "optin_preferences": st.dictionaries(st.sampled_from(["email", "sms"]), channels),
}
refs = st.sampled_from(["C0", "C1", "C2", "C3"])
emails = st.sampled_from(["e0@example.com", "E0@example.com", "e1@example.com", "e2@example.com"])
naming = st.one_of(
    st.fixed_dictionaries({"customerRef": refs}, optional={"email": emails, **data}),
    st.fixed_dictionaries({"email": emails}, optional={"customerRef": refs, **data}),
)
by_reference = st.fixed_dictionaries({"customerRef": refs}, optional={"email": emails, **data})


class Tenants:
    """Two tenants with the same customers: one gets rows, the other a request for each."""

    def __init__(self, known: list[dict[str, Any]], query: dict[str, str]) -> None:
        self.query = query
        self.one, self.other = (Api(f"t{uuid.uuid4().hex}") for _ in range(2))
        for api in (self.one, self.other):
            for number, fields in enumerate(known):
                api.create(**{"email": f"known{number}@example.com", "customerRef": f"C{number}"} | fields)

    def upload(self, rows: list[dict[str, Any]], **more: str) -> str:
        reply = self.one.post(f"{UPLOADS}?{urlencode(self.query | more)}", json_body=rows)
        assert reply.status == 202, reply.text
        return f"{UPLOADS}/{reply.json['uploadId']}"

    def report(self, url: str) -> tuple[dict[str, int], list[tuple[int, str]]]:
        report = self.one.get(url).json
        assert report["status"] == "completed"
        counts = {name: report[name] for name in ("created", "updated", "unchanged", "failed")}
        return counts, [(error["row"], error["code"]) for error in report["errors"]]

    def one_by_one(self, rows: list[dict[str, Any]]) -> tuple[dict[str, int], list[tuple[int, str]]]:
        counts = dict.fromkeys(("created", "updated", "unchanged", "failed"), 0)
        errors = []
        for number, row in enumerate(rows):
            verdict, code = self._request(row)
            counts[verdict] += 1
            if code:
                errors.append((number, code))
        return counts, errors

    def _request(self, row: dict[str, Any]) -> tuple[str, str]:
        field = self.query.get("matchBy")
        url = f"{CUSTOMERS}?{urlencode({field: row[field]})}" if field else CUSTOMERS
        before = versions(self.other)
        reply = self.other.put(url, json_body=row)
        if reply.status == 404 and self.query["mode"] == "upsert":
            reply = self.other.post(CUSTOMERS, json_body=row)
        if reply.status in {400, 404}:
            return "failed", reply.json["code"]
        if reply.status == 201:
            return "created", ""
        return ("unchanged" if versions(self.other) == before else "updated"), ""


def versions(api: Api) -> list[tuple[str, str]]:
    return sorted((item["id"]["S"], item["version"]["N"]) for item in items(api))


def items(api: Api) -> list[Any]:
    found = REAL("scan", TableName="customers", ConsistentRead=True)["Items"]
    return [item for item in found if item["tenantId"]["S"] == api.tenant]


def customers(api: Api) -> list[Any]:
    """What the API shows of a tenant's customers, without what differs from one making to another."""
    shown = [api.customer(item["id"]["S"]) for item in items(api)]
    kept = [{name: one[name] for name in one.keys() - set(KEPT_BY_THE_SERVICE)} for one in shown]
    for one in kept:
        one["optin_preferences"] = {
            channel: _without_now(record) for channel, record in one["optin_preferences"].items()
        }
    return sorted(kept, key=str)


def _without_now(record: dict[str, Any]) -> dict[str, Any]:
    """A record without the moments that are those of this test's requests."""
    return {name: "now" if str(value) > "2025" else value for name, value in record.items()}


def claims(api: Api) -> list[str]:
    found = REAL("scan", TableName="claims", ConsistentRead=True)["Items"]
    prefix = f"{api.tenant}#"
    return sorted(
        item["claimKey"]["S"].removeprefix(prefix)
        for item in found
        if item["claimKey"]["S"].startswith(prefix)
    )


def killed_at(failing: int, *, after: bool) -> Callable[..., Any]:
    """A stand-in for `dynamo.call` in which the worker dies at one call, before or after it."""
    counter = itertools.count(1)

    def call(operation: str, **arguments: Any) -> Any:
        if next(counter) != failing:
            return REAL(operation, **arguments)
        if after:
            REAL(operation, **arguments)
        raise KilledError

    return call


def work_with_deaths(monkeypatch: pytest.MonkeyPatch, deaths: list[tuple[int, bool]]) -> None:
    """Let workers die at these calls, each at a message that comes again, and a last one do the rest."""
    for failing, after in deaths:
        with monkeypatch.context() as patch:
            patch.setattr(dynamo, "call", killed_at(failing, after=after))
            try:
                assert deliver("imports", import_rows.handler) == []
            except KilledError:
                continue
    assert deliver("imports", import_rows.handler) == []


deaths = st.lists(st.tuples(st.integers(1, 8), st.booleans()), max_size=3)
modes = st.sampled_from(["update", "upsert"])


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker at a time, for moto is not for several, and few rows in a transaction."""
    monkeypatch.setattr(import_rows, "THREADS", 1)
    monkeypatch.setattr(importer, "MAX_WRITES", 4)
    monkeypatch.setattr("time.sleep", lambda _: None)


@few
@given(
    known=st.lists(
        st.fixed_dictionaries({}, optional={"firstName": names, "attributeGroups": groups}), max_size=3
    ),
    rows=st.lists(naming, min_size=1, max_size=10),
    mode=modes,
    deaths=deaths,
)
def test_rows_of_a_chunk_end_as_requests_one_by_one_whenever_workers_die(
    api: Api, known: Any, rows: Any, mode: str, deaths: Any
) -> None:
    tenants = Tenants(known, {"mode": mode})
    before = customers(tenants.one)
    dry = tenants.upload(rows, dryRun="true")
    with pytest.MonkeyPatch.context() as patch:
        work_with_deaths(patch, deaths)
        assert customers(tenants.one) == before
        url = tenants.upload(rows)
        work_with_deaths(patch, deaths)

    assert tenants.report(url) == tenants.one_by_one(rows)
    assert tenants.report(dry) == tenants.report(url)
    assert customers(tenants.one) == customers(tenants.other)
    assert claims(tenants.one) == claims(tenants.other)


@few
@given(rows=st.lists(by_reference, min_size=1, max_size=12), mode=modes, deaths=deaths, order=st.randoms())
def test_rows_of_many_chunks_end_as_requests_one_by_one_in_any_order_of_the_chunks(
    api: Api, rows: Any, mode: str, deaths: Any, order: Any
) -> None:
    tenants = Tenants([{}, {}], {"mode": mode, "matchBy": "customerRef"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunking, "MAX_CHUNK_ROWS", 2)
        dry = tenants.upload(rows, dryRun="true")
        work_with_deaths(patch, deaths)
        url = tenants.upload(rows)
        work_in_any_order(patch, order, deaths)

    assert tenants.report(url) == tenants.one_by_one(rows)
    assert tenants.report(dry) == tenants.report(url)
    assert customers(tenants.one) == customers(tenants.other)


def work_in_any_order(monkeypatch: pytest.MonkeyPatch, order: Any, deaths: list[tuple[int, bool]]) -> None:
    records = messages_in("imports")
    records += records[:2]
    order.shuffle(records)
    for record in records:
        failing, after = deaths[0] if deaths else (99, False)
        with monkeypatch.context() as patch:
            patch.setattr(dynamo, "call", killed_at(failing, after=after))
            try:
                import_rows.handler({"Records": [record]}, None)
            except KilledError:
                continue
    assert deliver("imports", import_rows.handler) == []
