"""GET /api/v2/customers: all customers of a tenant, in pages."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from functions.customers import page as pages
from functions.customers.customer import new_customer
from functions.customers.item import BUCKETS, bucket_of
from functions.customers.store import create
from functions.events.changes import change_in
from infra.restore.listing import reindex
from infra.restore.rows import Tables
from tests.account import empty_account
from tests.api import CUSTOMERS, Api, next_url
from tests.clients import resource
from tests.effort import EFFORT
from tests.streams import records

UPDATED = "2026-11-26T10:00:00.000Z"


def stored(customer_id: str, *, now: str = UPDATED, **fields: Any) -> dict[str, Any]:
    """A customer with an id and a time of the test's choice."""
    fields = {"email": f"{customer_id}@example.com", **fields}
    return create("demo", new_customer(customer_id, fields, now=now, new_id=lambda: "a"))


def id_of(number: int) -> str:
    """An id in the bucket of its number's last digit."""
    return f"{number % 16:x}{number:07x}-0000-4000-8000-000000000000"


def walked(api: Api, query: str = "") -> Iterator[list[str]]:
    """The ids on each page, from the first to the last."""
    url: str | None = f"{CUSTOMERS}?{query}"
    while url:
        reply = api.get(url)
        assert reply.status == 200, reply.text
        yield [customer["id"] for customer in reply.json]
        url = next_url(reply)


def listed(api: Api, query: str = "") -> list[str]:
    return [one for found in walked(api, query) for one in found]


def test_a_tenant_sees_all_of_its_customers_as_a_get_shows_them_and_nobody_elses(api: Api) -> None:
    made = [api.create(firstName=f"Ann {number}") for number in range(3)]
    deleted = api.create()
    api.delete(f"{CUSTOMERS}/{deleted['id']}")
    Api("other").create()

    reply = api.get(CUSTOMERS)

    assert sorted(reply.json, key=lambda one: str(one["firstName"])) == made
    assert "link" not in reply.headers
    assert [one["id"] for one in Api("third").get(CUSTOMERS).json] == []


@pytest.mark.parametrize("limit", [1, 7, 33, 34, 35, 100])
def test_pages_hold_everybody_once_whatever_their_size(api: Api, limit: int) -> None:
    everybody = [stored(id_of(number))["id"] for number in range(34)]

    found = list(walked(api, f"limit={limit}"))

    assert [one for page in found for one in page] == sorted(everybody)
    assert all(len(page) == limit for page in found[:-1])
    assert len(found) == -(-34 // limit)


def test_a_page_of_a_large_tenant_costs_two_calls_and_the_whole_of_a_small_one_a_call_a_bucket(
    api: Api, dynamo_calls: list[str]
) -> None:
    for number in range(20):
        stored(id_of(16 * number))
    dynamo_calls.clear()
    api.get(f"{CUSTOMERS}?limit=10")
    assert dynamo_calls == ["query", "batch_get_item"]

    dynamo_calls.clear()
    api.get(CUSTOMERS)
    assert dynamo_calls == ["query"] * len(BUCKETS) + ["batch_get_item"]


def test_page_size_is_another_name_for_limit(api: Api) -> None:
    for number in range(3):
        stored(id_of(number))
    assert [len(page) for page in walked(api, "pageSize=2")] == [2, 1]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=2&pageSize=3"])
def test_a_limit_out_of_range_is_refused(api: Api, query: str) -> None:
    assert api.get(f"{CUSTOMERS}?{query}").status == 400


def test_a_token_is_for_its_tenant_and_its_filter_alone(api: Api) -> None:
    for number in range(3):
        stored(id_of(number))
    url = next_url(api.get(f"{CUSTOMERS}?limit=1"))
    assert url

    assert api.get(url).status == 200
    for other in (f"{url}&updatedSince={UPDATED}", url.replace("nextToken=", "nextToken=x")):
        reply = api.get(other)
        assert (reply.status, reply.fields) == (400, ["nextToken"])
    assert Api("other").get(url).fields == ["nextToken"]


def test_updated_since_shows_who_changed_at_that_moment_or_later(api: Api) -> None:
    for number in range(20):
        stored(id_of(number), now=f"2026-11-{number + 1:02d}T10:00:00.000Z")
    recent = {id_of(number) for number in (18, 19)}

    assert set(listed(api, "updatedSince=2026-11-19T10:00:00Z")) == recent
    assert set(listed(api, "updatedSince=2026-11-19T10:00:00.001Z")) == {id_of(19)}
    # In a query a plus is a space, whoever forgot to encode it.
    assert set(listed(api, "updatedSince=2026-11-19T20:00:00+10:00")) == recent
    assert set(listed(api, f"updatedSince={quote('2026-11-19T20:00:00+10:00')}&limit=1")) == recent
    assert set(listed(api, "updatedSince=2026-11-20")) == {id_of(19)}
    assert len(listed(api, "updatedSince=")) == 20


@pytest.mark.parametrize(
    "wrong", ["yesterday", "2026-13-01", "1", "0001-01-01T00:00:00%2B14:00", "19-05-2023"]
)
def test_a_moment_that_is_none_is_refused(api: Api, wrong: str) -> None:
    reply = api.get(f"{CUSTOMERS}?updatedSince={wrong}")
    assert (reply.status, reply.fields) == (400, ["updatedSince"])


def test_a_page_does_no_more_than_so_much_work_and_goes_on_at_the_next(
    api: Api, monkeypatch: pytest.MonkeyPatch, dynamo_calls: list[str]
) -> None:
    monkeypatch.setattr(pages, "MAX_ROUNDS", 2)
    for number in range(320):
        stored(id_of(16 * number), now=UPDATED if number < 310 else "2026-11-27T00:00:00.000Z")
    dynamo_calls.clear()

    found = list(walked(api, "updatedSince=2026-11-27"))

    assert [len(page) for page in found] == [0, 10]
    assert dynamo_calls.count("batch_get_item") == 4


def test_large_customers_make_short_pages(api: Api) -> None:
    groups = {"g": {"attributes": {str(n): "x" * 2000 for n in range(100)}}}
    everybody = {stored(id_of(number), attributeGroups=groups)["id"] for number in range(30)}

    found = list(walked(api))

    assert len(found) > 1
    assert Counter(one for page in found for one in page) == Counter(everybody)


@pytest.mark.parametrize("name", ["id", "customerRef", "alternateCustomerRef", "email"])
def test_a_query_that_names_a_customer_never_lists(api: Api, name: str) -> None:
    ann = api.create(email="ann@example.com", customerRef="C1", alternateCustomerRef="A1")
    api.create()

    assert api.get(f"{CUSTOMERS}?{name}={ann[name]}").json == ann
    assert api.get(f"{CUSTOMERS}?{name}=nobody").status == 404
    for blank in ("", "%20", "%E2%80%8B"):
        assert api.get(f"{CUSTOMERS}?{name}={blank}").status == 400
    for list_only in ("limit=5", "pageSize=5", "nextToken=x", f"updatedSince={UPDATED}"):
        reply = api.get(f"{CUSTOMERS}?{name}={ann[name]}&{list_only}")
        assert (reply.status, reply.fields) == (400, [list_only.partition("=")[0]])


STEPS = st.lists(
    st.tuples(st.sampled_from(["create", "delete", "update", "page"]), st.integers(0, 63)), max_size=40
)


@settings(max_examples=8 * EFFORT, phases=[Phase.reuse, Phase.generate, Phase.shrink])
@given(before=st.sets(st.integers(0, 63)), limit=st.integers(1, 9), steps=STEPS)
def test_who_is_there_all_the_while_is_listed_once_whatever_others_do_between_the_pages(
    before: set[int], limit: int, steps: list[tuple[str, int]]
) -> None:
    with empty_account():
        api = Api("demo")
        there, all_the_while, ever = set(before), set(before), set(before)
        for number in before:
            stored(id_of(number))
        pages, found = walked(api, f"limit={limit}"), list[str]()
        for step, number in steps:
            if step == "create" and number not in ever:
                stored(id_of(number))
                there, ever = there | {number}, ever | {number}
            elif step == "delete" and number in there:
                assert api.delete(f"{CUSTOMERS}/{id_of(number)}").status == 204
                there, all_the_while = there - {number}, all_the_while - {number}
            elif step == "update" and number in there:
                assert api.put(f"{CUSTOMERS}/{id_of(number)}", json_body={"lastName": "x"}).status == 200
            elif step == "page":
                found += next(pages, [])
        found += [one for page in pages for one in page]

    assert {id_of(number) for number in all_the_while} <= set(found) <= {id_of(number) for number in ever}
    assert len(found) == len(set(found))


def test_customers_of_before_are_listed_once_their_index_is_made(api: Api) -> None:
    dynamodb = resource("dynamodb")
    customers = {customer["id"]: customer for customer in (api.create(lastName=str(n)) for n in range(30))}
    gone = api.create()["id"]
    api.delete(f"{CUSTOMERS}/{gone}")
    for one in list(customers)[:20]:
        dynamodb.Table("customers").update_item(
            Key={"customerKey": f"demo#{one}"},
            UpdateExpression="REMOVE #bucket",
            ExpressionAttributeNames={"#bucket": "bucket"},
        )
    assert len(listed(api)) == 10
    told = len(records())

    tables = Tables(dynamodb.meta.client, {"customers": "customers"})
    assert reindex(tables) == 20
    assert reindex(tables) == 0

    assert set(listed(api)) == customers.keys()
    assert {one: api.customer(one) for one in customers} == customers
    assert [change_in(record) for record in records()[told:]] == [None] * 20


def test_an_id_is_in_one_bucket_and_made_ids_are_in_all_alike(api: Api) -> None:
    made = Counter(bucket_of(api.create()["id"]) for _ in range(320))
    assert set(made) <= set(BUCKETS)
    assert len(made) == len(BUCKETS)
