"""Notes about a customer over the deployed API: a journey, and many writers at once."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from infra.local.stack import STAGE, LocalStack
from infra.restore.tables import deployed_tables
from tests.api import CUSTOMERS, NOTE, NOTES, Api, Reply, value
from tests.builders import new_email
from tests.deployed.conditions import eventually
from tests.deployed.http_api import HttpApi, at_once

WRITERS = 8


def post(api: Api, headers: dict[str, str] | None = None, **body: Any) -> Callable[[], Reply]:
    return lambda: api.post(NOTE, json_body=body, headers=headers)


def test_from_a_first_note_to_a_customers_end(api: HttpApi, other_api: HttpApi) -> None:
    email, ref = f"a+b{new_email()}", f"100%25 {new_email()}"
    customer = api.create(email=email, customerRef=ref)
    paths = (
        f"?id={customer['id']}",
        f"?customerRef={value(ref)}",
        f"/{customer['id']}",
        f"/id={customer['id']}",
        f"/customerRef={value(ref)}",
        f"/email={value(email)}",
        f"/email={email}",
    )

    made = [
        api.post(NOTE, json_body={"customerId": customer["id"], "note": "one", "author": "Sam"}),
        api.post(NOTE, json_body={"customerRef": ref, "note": "two"}),
        api.post(f"{NOTE}/?customerRef={value(ref)}", json_body={"note": "three ✓"}),
    ]
    assert [reply.status for reply in made] == [200] * 3
    first, second, third = (reply.json for reply in made)
    assert (first["customerId"], first["customerRef"], first["author"]) == (customer["id"], ref, "Sam")
    for path in paths:
        assert api.get(NOTES + path).json == [third, second, first], path
    page = api.get(f"{NOTES}{paths[-1]}?limit=2")
    assert api.get(page.headers["link"].partition("<")[2].partition(">")[0]).json == [first]

    changed = api.put(NOTE, json_body={"id": first["id"], "note": "one again", "author": None})
    assert (changed.status, changed.json["note"], "author" in changed.json) == (200, "one again", False)
    assert api.get(f"{NOTE}/{first['id']}").json == changed.json
    for stranger in (
        other_api.get(f"{NOTE}/{first['id']}"),
        other_api.put(NOTE, json_body={"id": first["id"], "note": "x"}),
        other_api.delete(f"{NOTE}/{first['id']}"),
        other_api.delete(f"{NOTES}/{customer['id']}"),
        other_api.post(NOTE, json_body={"customerId": customer["id"], "note": "x"}),
    ):
        assert stranger.status == 404

    assert api.delete(f"{NOTE}/{first['id']}").json == changed.json
    assert api.get(f"{NOTE}/{first['id']}").status == 404
    assert api.delete(f"{NOTES}{paths[-1]}").json == {"deleted": 2}
    assert api.get(NOTES + paths[0]).json == []

    last = api.post(NOTE, json_body={"customerRef": ref, "note": "last"}).json
    assert api.delete(f"{CUSTOMERS}/{customer['id']}").status == 204
    follower = api.create(email=email, customerRef=ref)
    assert api.get(f"{NOTE}/{last['id']}").status == 404
    assert api.get(NOTES + paths[0]).status == 404
    assert api.get(f"{NOTES}/{follower['id']}").json == []


def test_one_key_sent_many_times_at_once_creates_one_note(api: HttpApi) -> None:
    customer = api.create()
    headers = {"Idempotency-Key": new_email()}

    replies = at_once([post(api, headers, customerId=customer["id"], note="Likes blue")] * WRITERS)

    assert Counter(reply.status for reply in replies) == {200: WRITERS}
    (note,) = api.get(f"{NOTES}/{customer['id']}").json
    assert all(reply.json == note for reply in replies)
    assert post(api, headers, customerId=customer["id"], note="Likes red")().status == 422
    assert api.delete(f"{CUSTOMERS}/{customer['id']}").status == 204
    assert post(api, headers, customerId=customer["id"], note="Likes blue")().status == 422


def test_notes_written_at_once_are_all_kept(api: HttpApi) -> None:
    customer = api.create()

    replies = at_once([post(api, customerId=customer["id"], note=str(n)) for n in range(WRITERS)])

    kept = {reply.json["note"] for reply in replies if reply.status == 200}
    assert {reply.status for reply in replies} <= {200, 409}
    assert {note["note"] for note in api.get(f"{NOTES}/{customer['id']}").json} == kept


def test_of_notes_written_while_all_are_deleted_each_is_counted_and_gone_or_lives(
    api: HttpApi, stack: LocalStack
) -> None:
    customer = api.create()
    url = f"{NOTES}/{customer['id']}"
    before = [post(api, customerId=customer["id"], note=f"before {n}")().status for n in range(3)]
    assert before == [200] * 3

    replies = at_once(
        [
            *(post(api, customerId=customer["id"], note=str(n)) for n in range(WRITERS)),
            *(lambda: api.delete(url) for _ in range(3)),
        ]
    )

    made, deletes = replies[:WRITERS], replies[WRITERS:]
    assert {reply.status for reply in replies} <= {200, 409}
    deleted = sum(reply.json["deleted"] for reply in deletes if reply.status == 200)
    alive = {note["note"] for note in api.get(url).json}
    assert deleted + len(alive) == 3 + sum(reply.status == 200 for reply in made)
    assert api.delete(url).json == {"deleted": len(alive)}
    notes = deployed_tables(stack.emulator.client("cloudformation"), STAGE)["notes"]
    table = stack.emulator.resource("dynamodb").Table(notes)
    eventually(lambda: customer["id"] not in str(table.scan()["Items"]))


def test_a_note_deleted_many_times_at_once_is_deleted_once(api: HttpApi) -> None:
    note = post(api, customerId=api.create()["id"], note="Likes blue")().json

    replies = at_once([lambda: api.delete(f"{NOTE}/{note['id']}")] * 8)

    assert Counter(reply.status for reply in replies) == {200: 1, 404: 7}


def test_no_note_outlives_a_customer_deleted_among_its_writers(api: HttpApi) -> None:
    customer = api.create()
    url = f"{CUSTOMERS}/{customer['id']}"

    replies = at_once(
        [
            *(post(api, customerId=customer["id"], note=str(n)) for n in range(8)),
            lambda: api.delete(url),
        ]
    )

    assert replies[-1].status in {204, 409}
    assert {reply.status for reply in replies[:-1]} <= {200, 404, 409}
    if replies[-1].status == 204:
        assert {api.get(f"{NOTE}/{r.json['id']}").status for r in replies if r.status == 200} <= {404}
        assert post(api, customerId=customer["id"], note="late")().status == 404
