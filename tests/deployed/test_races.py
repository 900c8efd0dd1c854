"""Simultaneous writers over HTTP: one owner of a value, no lost update, nothing half written."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.api import CUSTOMERS, Api, Reply
from tests.builders import new_email
from tests.deployed.http_api import at_once

WRITERS = 12


def statuses(replies: list[Reply]) -> Counter[int]:
    return Counter(reply.status for reply in replies)


def create(api: Api, headers: dict[str, str] | None = None, **body: Any) -> Callable[[], Reply]:
    return lambda: api.post(CUSTOMERS, json_body=body, headers=headers)


def test_one_of_many_gets_the_email_and_the_losers_other_values_stay_free(api: Api) -> None:
    email = new_email()
    refs = [f"{email}-{number}" for number in range(WRITERS)]

    replies = at_once(
        [create(api, email=email.upper() if n % 2 else email, customerRef=ref) for n, ref in enumerate(refs)]
    )

    assert statuses(replies) == {201: 1, 400: WRITERS - 1}
    assert {reply.json["code"] for reply in replies if reply.status == 400} == {"duplicate_value"}
    (winner,) = (reply.json for reply in replies if reply.status == 201)
    assert api.get(f"{CUSTOMERS}/{email}/email").json == winner
    for ref in refs:
        found = api.get(f"{CUSTOMERS}/{ref}/ref").status
        assert found == (200 if ref == winner["customerRef"] else 404)
    free = [ref for ref in refs if ref != winner["customerRef"]]
    again = at_once([create(api, email=new_email(), customerRef=ref) for ref in free])
    assert statuses(again) == {201: len(free)}


def test_updates_of_one_customer_at_once_are_all_kept(api: Api) -> None:
    customer = api.create()
    url = f"{CUSTOMERS}/{customer['id']}"

    def group(name: int) -> Callable[[], Reply]:
        return lambda: api.put(url, json_body={"attributeGroups": {f"g{name}": {"description": str(name)}}})

    replies = at_once([group(number) for number in range(WRITERS)])

    assert statuses(replies) == {200: WRITERS}
    shown = api.get(url)
    assert shown.json["attributeGroups"] == {f"g{n}": {"description": str(n)} for n in range(WRITERS)}
    assert shown.headers["etag"] == f'"{WRITERS + 1}"'


def test_one_of_many_that_saw_the_same_version_changes_it(api: Api) -> None:
    customer = api.create()
    url = f"{CUSTOMERS}/{customer['id']}"

    def rename(name: str) -> Callable[[], Reply]:
        return lambda: api.put(url, json_body={"firstName": name}, headers={"If-Match": '"1"'})

    replies = at_once([rename(f"n{number}") for number in range(WRITERS)])

    assert statuses(replies) == {200: 1, 412: WRITERS - 1}
    (winner,) = (reply.json for reply in replies if reply.status == 200)
    assert api.customer(customer["id"]) == winner


def test_one_key_sent_many_times_at_once_creates_one_customer(api: Api) -> None:
    email = new_email()

    replies = at_once([create(api, {"Idempotency-Key": email}, email=email)] * WRITERS)

    assert statuses(replies) == {201: WRITERS}
    assert len({reply.json["id"] for reply in replies}) == 1


def test_a_value_passed_around_always_has_one_owner(api: Api) -> None:
    email = new_email()
    customers = [api.create() for _ in range(6)]

    def take(customer: dict[str, Any]) -> Callable[[], Reply]:
        return lambda: api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"email": email})

    def give_back(customer: dict[str, Any]) -> Callable[[], Reply]:
        return lambda: api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"email": customer["email"]})

    replies = at_once([action(customer) for customer in customers for action in (take, give_back, take)])

    assert set(statuses(replies)) <= {200, 400, 409}
    owners = [one["id"] for one in customers if api.customer(one["id"])["email"] == email]
    found = api.get(f"{CUSTOMERS}/{email}/email")
    assert ([found.json["id"]] if found.status == 200 else []) == owners
    for customer in customers:
        own = api.get(f"{CUSTOMERS}/{customer['email']}/email")
        assert own.status == (404 if customer["id"] in owners else 200)


def test_a_delete_among_updates_leaves_nothing_half_done(api: Api) -> None:
    email, ref = new_email(), new_email()
    customer = api.create(email=email)
    url = f"{CUSTOMERS}/{customer['id']}"

    def rename(name: str) -> Callable[[], Reply]:
        return lambda: api.put(url, json_body={"firstName": name, "customerRef": f"{ref}-{name}"})

    replies = at_once([*(rename(str(number)) for number in range(8)), lambda: api.delete(url)])

    assert statuses(replies)[204] == 1
    assert set(statuses(replies)) <= {200, 204, 404}
    assert api.get(url).status == 404
    assert api.create(email=email)
    assert {api.create(customerRef=f"{ref}-{number}")["customerRef"] for number in range(8)}


def test_upserts_of_one_value_at_once_make_one_customer_with_every_change_in_it(api: Api) -> None:
    url = f"{CUSTOMERS}/email={new_email()}?createIfMissing=true"

    def upsert(name: str) -> Callable[[], Reply]:
        return lambda: api.put(url, json_body={"attributeGroups": {"g": {"attributes": {name: "x"}}}})

    replies = at_once([upsert(f"n{number}") for number in range(WRITERS)])
    missed = [number for number, reply in enumerate(replies) if reply.status == 409]
    again = [upsert(f"n{number}")() for number in missed]

    assert statuses(replies)[201] == 1
    assert set(statuses(replies)) <= {200, 201, 409}
    assert statuses(again) in ({}, {200: len(missed)})
    (customer,) = {reply.json["id"] for reply in (*replies, *again) if reply.status < 300}
    assert api.customer(customer)["attributeGroups"]["g"]["attributes"].keys() == {
        f"n{number}" for number in range(WRITERS)
    }
