"""The invariants: true of what the service makes, and each violation, forged, is said."""

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from functions.erasure import erase_customer
from functions.events import publish_changes
from functions.imports import import_rows
from functions.shared.item import Item
from tests import queues, streams
from tests.account import empty_account
from tests.api import CUSTOMERS, NOTE, UPLOADS, Api
from tests.imports.sending import imported
from tests.invariants import contents, violations
from tests.orders import events as orders
from tests.trust.bus import published

Found = dict[str, list[Item]]


@pytest.fixture(scope="module")
def made() -> tuple[Found, list[dict[str, Any]]]:
    """What the service makes: tables and events."""
    with empty_account(), pytest.MonkeyPatch.context() as patches:
        patches.setattr(import_rows, "THREADS", 1)
        _live(Api("demo"))
        told = published(patches)
        publish_changes.handler({"Records": streams.records()}, None)
        return contents(), told


@pytest.fixture
def found(made: tuple[Found, list[dict[str, Any]]]) -> Found:
    return copy.deepcopy(made[0])


@pytest.fixture
def events(made: tuple[Found, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return copy.deepcopy(made[1])


def _live(api: Api) -> None:
    """All that the tables may hold: Ann with a note and orders, customers of rows, and who was deleted."""
    ann = api.create(email="Ann@example.com", customerRef="C1", lastName="Lee", mobile="0499 887 766")
    api.put(f"{CUSTOMERS}/{ann['id']}", json_body={"firstName": "Ann"})
    key = {"Idempotency-Key": "k"}
    assert api.post(NOTE, json_body={"customerId": ann["id"], "note": "x"}, headers=key).status == 200
    for ref, detail in (("O1", {}), ("O2", {"cancelled": True}), ("O3", {"refundedAmount": "1.50"})):
        assert orders.deliver(orders.event(customerId=ann["id"], orderRef=ref, **detail)) == []
    gone = api.create(email="gone@example.com", customerRef="GONE")
    api.post(NOTE, json_body={"customerId": gone["id"], "note": "x"})
    assert orders.deliver(orders.event(customerId=gone["id"], orderRef="O4")) == []
    assert api.delete(f"{CUSTOMERS}/{gone['id']}").status == 204
    rows = [{"email": "row@example.com"}, {"email": "ann@example.com"}]
    assert api.post(UPLOADS, json_body=rows).status == 202
    assert queues.deliver("imports", import_rows.handler) == []
    assert imported(api, "email\nfile@example.com\nnobody\n")["state"] == "completed"
    assert erase_customer.handler({"Records": streams.records()}, None)["batchItemFailures"] == []


def one(items: list[Item], **fields: Any) -> Item:
    (item,) = (item for item in items if fields.items() <= item.items())
    return item


def ann(found: Found) -> Item:
    return one(found["customers"], emailKey="ann@example.com")


def gone(found: Found) -> Item:
    return next(item for item in found["customers"] if "deletedDate" in item)


def note(found: Found) -> Item:
    return next(item for item in found["notes"] if "note" in item)


def order(found: Found, ref: str) -> Item:
    return one(found["orders"], orderRef=ref)


def results(found: Found) -> list[Item]:
    """What is noted of the upload, apart from what chunks of a file note there too."""
    key = one(found["uploads"], part="upload")["uploadKey"]
    return [item for item in found["uploads"] if item["uploadKey"] == key]


def counters(found: Found) -> Item:
    return next(item for item in results(found) if item["part"].startswith("upload#"))


def failures(found: Found) -> Item:
    return next(item for item in results(found) if item.get("errors"))


def file_import(found: Found) -> Item:
    return one(found["imports"], part="import")


def file_range(found: Found) -> Item:
    return one(found["imports"], number=1)


FORGED: dict[str, Callable[[Found], Any]] = {
    "is claimed by .*, who does not live": lambda f: f["claims"].append(
        {"claimKey": "demo#email#x@example.com", "customerId": ann(f)["id"]}
    ),
    "which is claimed by nobody": lambda f: f["claims"].remove(
        one(f["claims"], claimKey="demo#customerRef#C1")
    ),
    "GONE is claimed by": lambda f: f["claims"].append(
        {"claimKey": "demo#customerRef#GONE", "customerId": gone(f)["id"]}
    ),
    "both have demo#email#ann@example.com": lambda f: f["customers"].append(
        ann(f) | {"customerKey": "demo#twin", "id": "twin"}
    ),
    "has the version 0": lambda f: ann(f).update(version=0),
    "has more than a tombstone has": lambda f: gone(f).update(firstName="Gone"),
    "is not noted": lambda f: f["erasures"].clear(),
    "there is no tombstone": lambda f: f["customers"].remove(gone(f)),
    "is indexed by other values": lambda f: ann(f).update(mobileKey="1"),
    "the index email shows others": lambda f: f["customers.email"].pop(),
    "the index lastName shows others": lambda f: one(
        f["customers.lastName"], customerKey=ann(f)["customerKey"]
    ).update(firstNameKey="bob"),
    "the note .* belongs to nobody": lambda f: note(f).update(customerKey=gone(f)["customerKey"]),
    "the note .* has a version or a date": lambda f: note(f).update(lastModifiedDate="2020"),
    "the order .* O1 belongs to nobody": lambda f: order(f, "O1").update(customerKey=gone(f)["customerKey"]),
    "the order .* O1 is not the one": lambda f: order(f, "O1").update(revision="9"),
    "has an order which is not there": lambda f: f["orders"].remove(order(f, "O2")),
    "the figures .* belong to nobody": lambda f: f["orders"].append(
        {"customerKey": f"{gone(f)['customerKey']}#figures", "orderRef": "currency#AUD"}
    ),
    "the figures of": lambda f: order(f, "O3").update(refundedAmount="1.49"),
    "have no upload": lambda f: f["uploads"].remove(one(f["uploads"], part="upload")),
    "counts 1 rows of 2": lambda f: counters(f).update(created=0),
    "counts 3 rows of 2": lambda f: counters(f).update(created=2),
    "other rows as failed than it tells of": lambda f: failures(f).update(errors=[]),
    "other rows as created than have a customer": lambda f: f["customers"].remove(
        one(f["customers"], emailKey="row@example.com")
    ),
    "the ranges of .* have no import": lambda f: f["imports"].remove(file_import(f)),
    "counts other rows than its ranges": lambda f: file_range(f).update(failed=0),
    "counts 0 rows of 2": lambda f: [
        one.update(created=0, failed=0) for one in (file_import(f), file_range(f))
    ],
    "counts 4 rows of 2": lambda f: [one.update(created=3) for one in (file_import(f), file_range(f))],
    "counts other rows as created than have a customer$": lambda f: f["customers"].remove(
        one(f["customers"], emailKey="file@example.com")
    ),
}
FORGED_EVENTS: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
    "tell of the versions \\[2": lambda told: told.pop(0),
    "tell of the versions \\[2, 1\\]": lambda told: told.reverse(),
    "of which no event tells last": lambda told: told.pop(),
    "which is nowhere": lambda told: told.append(told[0] | {"customerId": "x"}),
    "the last event of .* is CustomerUpdated": lambda told: next(
        one for one in told if one["type"] == "CustomerDeleted"
    ).update(type="CustomerUpdated"),
}


def test_they_hold_of_what_the_service_makes(found: Found, events: list[dict[str, Any]]) -> None:
    assert len(found["customers"]) == 4
    assert [len(events), violations(found, events=events)] == [6, []]


def test_an_event_may_come_again(found: Found, events: list[dict[str, Any]]) -> None:
    assert violations(found, events=[*events, *copy.deepcopy(events)]) == []


@pytest.mark.parametrize("sentence", FORGED)
def test_a_violation_is_said(found: Found, sentence: str) -> None:
    FORGED[sentence](found)

    said = violations(found)

    assert [one for one in said if re.search(sentence, one)], said


@pytest.mark.parametrize("sentence", FORGED_EVENTS)
def test_a_wrong_history_is_said(found: Found, events: list[dict[str, Any]], sentence: str) -> None:
    FORGED_EVENTS[sentence](events)

    said = violations(found, events=events)

    assert [one for one in said if re.search(sentence, one)], said
