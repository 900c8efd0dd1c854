"""The rarer ways of functions, so that each does all that it is granted."""

from typing import Any

import pytest

from functions.erasure import erase_customer
from functions.shared import sqs
from functions.shared.errors import UnavailableError
from infra.tables import CUSTOMERS as CUSTOMERS_TABLE
from tests import streams
from tests.api import CUSTOMERS, EXPORTS, NOTE, NOTES, UPLOADS, Api
from tests.clients import client
from tests.trust.file_scenarios import NONE_FAILED, after, begun, parts_sent
from tests.trust.scenarios import KEY, Ask, Prepare, Work, ann, ann_and_more, by, order, order_work

FOUND_BY = ("email=ann@example.com", "customerRef=C1", "alternateCustomerRef=A1")
NOBODY = "email=nobody@example.com"
"""Where the index finds nobody, the claim is read."""


def _named(method: str, url: str, body: Any = None) -> tuple[Prepare, ...]:
    """A request by each identifier, and by one that nobody has."""
    return tuple(by(method, url.format(one), body) for one in (*FOUND_BY, NOBODY))


def _notes_named(method: str) -> tuple[Prepare, ...]:
    def prepare(one: str) -> Prepare:
        def asked(api: Api) -> Ask:
            ann_and_more(api)
            return Ask(method, f"{NOTES}?{one}")

        return asked

    return tuple(prepare(one) for one in (*FOUND_BY, NOBODY))


def _again(method: str, url: str, body: Any) -> Prepare:
    """The repeat of a request with its key."""

    def prepare(api: Api) -> Ask:
        ann(api)
        asked = Ask(method, url, body, KEY)
        assert asked.send(api).status < 300
        return asked

    return prepare


def _joined_before(api: Api) -> Ask:
    asked = parts_sent(api)
    assert asked.send(api).status == 200
    return asked


def _older(api: Api) -> str:
    """A customer from before notes were counted with it, and before orders were; its id."""
    made = ann_and_more(api)
    client("dynamodb").update_item(
        TableName=CUSTOMERS_TABLE.name,
        Key={"customerKey": {"S": f"{api.tenant}#{made['id']}"}},
        UpdateExpression="REMOVE noteTally, countedRevision",
    )
    return str(made["id"])


def _note_of_older(api: Api) -> Ask:
    return Ask("POST", NOTE, {"customerId": _older(api), "note": "new"})


def _delete_note_of_older(api: Api) -> Ask:
    notes = api.get(f"{NOTES}?id={_older(api)}").json
    return Ask("DELETE", f"{NOTE}/{notes[0]['id']}")


def _delete_notes_of_older(api: Api) -> Ask:
    return Ask("DELETE", f"{NOTES}?id={_older(api)}")


def _order_of_older(api: Api) -> Work:
    customer_id = _older(api)
    table = client("dynamodb")
    for item in table.scan(TableName="orders")["Items"]:
        if item["customerKey"]["S"] == f"{api.tenant}#{customer_id}#figures":
            table.delete_item(
                TableName="orders", Key={name: item[name] for name in ("customerKey", "orderRef")}
            )
    return order_work(api, customerId=customer_id, orderRef="O2")


def _order_of_nobody(api: Api) -> Work:
    return order_work(api, email="nobody@example.com")


def _first_order_moves(api: Api) -> Work:
    customer_id = ann(api)["id"]
    order(api, customerId=customer_id, orderRef="O1", created_at="2026-11-01T00:00:00Z")
    order(api, customerId=customer_id, orderRef="O2", created_at="2026-11-02T00:00:00Z")
    moved = {"created_at": "2026-11-03T00:00:00Z", "updated_at": "2026-11-23"}
    return order_work(api, detail_type="OrderUpdated", customerId=customer_id, orderRef="O1", **moved)


def _export_not_queued(api: Api) -> Work:
    """Nobody can ask for it again, so it is taken back."""

    def busy(*_: Any) -> None:
        raise UnavailableError

    def handler(_batch: dict[str, Any], _context: None) -> dict[str, Any]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sqs, "send_all", busy)
            assert api.post(EXPORTS, json_body={"format": "jsonl"}).status == 503
        return NONE_FAILED

    return Work(handler, [], str)


def _deleted_while_exported(api: Api) -> Work:
    made, begin = ann(api), streams.iterator_at()
    begun(api)
    assert api.delete(f"{CUSTOMERS}/{made['id']}").status == 204
    return Work(erase_customer.handler, streams.records(begin), str)


FURTHER: dict[str, tuple[Prepare, ...]] = {
    "customers.update_customer": _named("PUT", "/{}", {"firstName": "N"}),
    "customers.delete_customer": _named("DELETE", "/{}"),
    "customers.get_customer": _named("GET", "/{}"),
    "customers.list_customers": _named("GET", "?{}"),
    "customers.add_address": _named("POST", "/{}/address", {"address1": "Work"}),
    "customers.delete_address": _named("DELETE", "/{}/address/H"),
    "customers.delete_customer_by_ref": (by("DELETE", "/nobody/ref"),),
    "customers.get_customer_by_ref": (by("GET", "/nobody/ref"),),
    "customers.get_customer_by_email": (by("GET", "/nobody@example.com/email"),),
    "customers.get_customer_by_alternate_ref": (by("GET", "/nobody/alternateCustomerRef"),),
    "customers.search_customers": tuple(
        by("GET", f"/search?{one}")
        for one in (
            "email=ann@example.com",
            "mobile=0499887766",
            "phone=0288776655",
            "firstName=Ann",
            "firstName=Ann&lastName=Lee",
        )
    ),
    "uploads.create_upload": (
        _again("POST", UPLOADS, [{"email": "x@example.com"}]),
        lambda _: Ask("POST", f"{UPLOADS}?partial=true", [{"email": "x@example.com"}, {"email": "x"}]),
    ),
    "imports.continue_upload": (_joined_before,),
    "imports.import_rows": (
        after(2, b"email,customerRef\nnew@example.com,C1\n", mode="upsert", matchBy="customerRef"),
    ),
    "exports.create_export": (_again("POST", EXPORTS, {"format": "jsonl"}), _export_not_queued),
    "notes.create_note": (
        _again("POST", NOTE, {"customerRef": "C1", "note": "one"}),
        lambda _: Ask("POST", NOTE, {"customerRef": "C1", "note": "one"}, KEY),
        _note_of_older,
    ),
    "notes.delete_note": (_delete_note_of_older,),
    "notes.list_notes": _notes_named("GET"),
    "notes.delete_notes": (*_notes_named("DELETE"), _delete_notes_of_older),
    "orders.record_order": (_order_of_older, _order_of_nobody, _first_order_moves),
    "erasure.erase_customer": (_deleted_while_exported,),
}
"""By handler; what is asked here is not tried with every fault."""
