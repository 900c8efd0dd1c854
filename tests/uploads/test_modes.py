"""POST /upload-customers?mode=update|upsert: rows change the customers they name, by the rules of PUT."""

import itertools
import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from functions.customers.writes import claim
from functions.imports import import_rows
from functions.shared import clock, dynamo
from functions.shared.errors import ConflictError, UnavailableError
from functions.shared.retry import ATTEMPTS
from functions.uploads import importer
from functions.uploads.chunk import Chunk, Row
from functions.uploads.chunking import MAX_GROUP_ROWS
from tests.api import CUSTOMERS, UPLOADS, Api, Reply
from tests.builders import new_email
from tests.interference import before
from tests.queues import deliver, messages_in


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moto is not for several."""
    monkeypatch.setattr(import_rows, "THREADS", 1)


def sent(api: Api, rows: list[Any], **query: str) -> Reply:
    return api.post(f"{UPLOADS}?{urlencode(query)}", json_body=rows)


def imported(api: Api, rows: list[Any], **query: str) -> dict[str, Any]:
    reply = sent(api, rows, **query)
    assert reply.status == 202, reply.text
    assert deliver("imports", import_rows.handler) == []
    report: dict[str, Any] = api.get(f"{UPLOADS}/{reply.json['uploadId']}").json
    assert report["status"] == "completed"
    return report


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    return report["created"], report["updated"], report["unchanged"], report["failed"]


def told(report: dict[str, Any]) -> list[tuple[int, str, str | None]]:
    return [(error["row"], error["code"], error.get("field")) for error in report["errors"]]


def by_ref(api: Api, ref: str) -> dict[str, Any]:
    customer: dict[str, Any] = api.get(f"{CUSTOMERS}/{ref}/ref").json
    return customer


def test_an_upsert_changes_who_is_there_creates_who_is_not_and_leaves_who_is_the_same(api: Api) -> None:
    same = api.create(customerRef="SAME", firstName="Ann", addresses=[{"city": "Perth"}])
    api.create(customerRef="OTHER", firstName="Bob", loyaltyTier="gold")

    report = imported(
        api,
        [
            {"customerRef": "SAME", "firstName": "Ann", "addresses": [{"city": "Perth"}]},
            {"customerRef": "OTHER", "firstName": "Robert"},
            {"customerRef": "NEW", "email": "new@example.com", "firstName": "Eve"},
        ],
        mode="upsert",
    )

    assert counts(report) == (1, 1, 1, 0)
    assert report["mode"] == "upsert"
    assert by_ref(api, "SAME") == same
    other = by_ref(api, "OTHER")
    assert (other["firstName"], other["loyaltyTier"]) == ("Robert", "gold")
    assert by_ref(api, "NEW")["email"] == "new@example.com"


def test_the_same_rows_again_change_nothing(api: Api, dynamo_calls: list[str]) -> None:
    rows = [{"customerRef": f"C{n}", "email": f"{n}@example.com", "dob": "28-11-1999"} for n in range(90)]
    imported(api, rows, mode="upsert")
    once = customers()
    sent(api, rows, mode="upsert")
    dynamo_calls.clear()

    deliver("imports", import_rows.handler)

    # The references; their customers; the result.
    assert dynamo_calls == ["batch_get_item", "batch_get_item", "transact_write_items"]
    assert customers() == once


def test_rows_that_change_customers_are_read_and_written_many_at_once(
    api: Api, dynamo_calls: list[str]
) -> None:
    rows = [{"customerRef": f"C{n}", "email": f"{n}@example.com"} for n in range(90)]
    imported(api, rows, mode="upsert")
    sent(api, [row | {"firstName": "Ann"} for row in rows], mode="upsert")
    dynamo_calls.clear()

    deliver("imports", import_rows.handler)

    assert dynamo_calls == ["batch_get_item", "batch_get_item", "transact_write_items"]


def customers() -> list[Any]:
    items: list[Any] = dynamo.call("scan", TableName="customers", ConsistentRead=True)["Items"]
    return sorted(items, key=str)


def test_an_update_of_nobody_fails_alone(api: Api) -> None:
    known = api.create(customerRef="C")

    report = imported(
        api,
        [{"customerRef": "GONE", "firstName": "A"}, {"customerRef": "C", "firstName": "B"}],
        mode="update",
    )

    assert counts(report) == (0, 1, 0, 1)
    assert told(report) == [(0, "not_found", "customerRef")]
    assert api.customer(known["id"])["firstName"] == "B"


def test_the_first_of_id_reference_and_email_that_finds_a_customer_names_it(api: Api) -> None:
    by_id, by_reference, by_email = (api.create(customerRef=f"C{n}") for n in range(3))

    report = imported(
        api,
        [
            {"id": by_id["id"].upper(), "customerRef": "C9", "firstName": "id"},
            {"customerRef": "C1", "email": "moved@example.com", "firstName": "ref"},
            {"customerRef": "C8", "email": by_email["email"].upper(), "firstName": "email"},
        ],
        mode="update",
    )

    assert counts(report) == (0, 3, 0, 0)
    assert api.customer(by_id["id"])["customerRef"] == "C9"
    assert api.customer(by_reference["id"])["email"] == "moved@example.com"
    changed = api.customer(by_email["id"])
    assert (changed["customerRef"], changed["firstName"]) == ("C8", "email")


def test_an_id_means_nobody_else_and_makes_nobody(api: Api) -> None:
    api.create(customerRef="C")
    nobody = "7c14445d-c9fb-457d-90ec-114a04e57bc3"

    report = imported(
        api,
        [{"id": nobody, "customerRef": "C", "email": new_email()}, {"id": "no uuid", "customerRef": "C"}],
        mode="upsert",
    )

    assert told(report) == [(0, "not_found", "id"), (1, "not_found", "id")]


@pytest.mark.parametrize("field", ["alternateCustomerRef", "email", "id"])
def test_one_field_may_be_asked_to_name_the_customers(api: Api, field: str) -> None:
    customer = api.create(customerRef="C", alternateCustomerRef="A")
    other = api.create(customerRef="D")

    report = imported(
        api,
        # What finds somebody else by another field is a claim on what is that one's.
        [{field: customer[field], "firstName": "Ann"}, {field: customer[field], "customerRef": "D"}],
        mode="update",
        matchBy=field,
    )

    assert api.customer(customer["id"])["firstName"] == "Ann"
    assert api.customer(other["id"]) == other
    assert told(report) == [(1, "duplicate_value", "customerRef")]


def test_a_row_without_what_it_is_matched_by_is_not_valid(api: Api) -> None:
    rows = [{"customerRef": "C", "email": new_email()}, {"email": new_email()}]

    assert sent(api, rows, mode="upsert", matchBy="customerRef").fields == ["1.customerRef"]
    assert sent(api, [{"firstName": "A"}], mode="update").fields == ["0"]
    assert sent(api, [{"id": ["x"]}], mode="update").fields == ["0.id"]
    assert messages_in("imports") == []


def test_who_is_to_be_created_needs_an_email(api: Api) -> None:
    report = imported(api, [{"customerRef": "NEW", "firstName": "A"}], mode="upsert")

    assert told(report) == [(0, "invalid_request", "email")]


def test_of_rows_of_one_customer_the_last_decides_what_it_gives(api: Api) -> None:
    rows = [
        {"customerRef": "C", "email": "c@example.com", "firstName": "first", "phone": "1"},
        {"customerRef": "C", "firstName": "second", "attributeGroups": {"g": {"attributes": {"a": "1"}}}},
        *({"customerRef": f"X{n}", "email": new_email()} for n in range(200)),
        {"customerRef": "C", "lastName": "third", "attributeGroups": {"g": {"attributes": {"b": "2"}}}},
        {"email": "c@example.com", "lastName": "third"},
    ]

    report = imported(api, rows, mode="upsert")

    customer = by_ref(api, "C")
    assert counts(report) == (201, 2, 1, 0)
    assert [customer[name] for name in ("firstName", "lastName", "phone")] == ["second", "third", "1"]
    assert customer["attributeGroups"]["g"]["attributes"] == {"a": "1", "b": "2"}


def test_a_value_goes_from_one_customer_to_another_in_the_order_of_the_rows(api: Api) -> None:
    giver, taker = api.create(customerRef="G", email="x@example.com"), api.create(customerRef="T")

    report = imported(
        api,
        [
            {"customerRef": "T", "email": "x@example.com"},
            {"customerRef": "G", "email": "y@example.com"},
            {"customerRef": "T", "email": "x@example.com"},
        ],
        mode="update",
    )

    assert told(report) == [(0, "duplicate_value", "email")]
    assert counts(report) == (0, 2, 0, 1)
    assert api.customer(giver["id"])["email"] == "y@example.com"
    assert api.customer(taker["id"])["email"] == "x@example.com"
    assert api.get(f"{CUSTOMERS}/x@example.com/email").json["id"] == taker["id"]


def test_an_id_that_nobody_can_have_finds_nobody_without_being_looked_for(
    api: Api, dynamo_calls: list[str]
) -> None:
    url = sent(api, [{"id": "x" * 3000, "firstName": "Ann"}], mode="update").json["uploadId"]
    dynamo_calls.clear()

    assert deliver("imports", import_rows.handler) == []

    assert not {"batch_get_item", "query"} & set(dynamo_calls)
    assert told(api.get(f"{UPLOADS}/{url}").json) == [(0, "not_found", "id")]


def test_a_row_may_shrink_a_customer_grown_too_large_before_there_was_a_bound(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def row(ref: str, size: int) -> dict[str, Any]:
        return {"customerRef": ref, "attributeGroups": {"g": {"attributes": {"a": "x" * size}}}}

    for ref in ("C1", "C2"):
        api.create(**row(ref, 5000))
    monkeypatch.setattr("functions.customers.size.MAX_CUSTOMER_BYTES", 1000)

    report = imported(api, [row("C1", 4000), row("C2", 5001)], mode="update")

    assert (counts(report), [row for row, *_ in told(report)]) == ((0, 1, 0, 1), [1])


def test_too_many_rows_of_one_customer_are_refused_alone(api: Api) -> None:
    rows = [{"customerRef": "C", "firstName": str(n)} for n in range(MAX_GROUP_ROWS + 1)]
    api.create(customerRef="C")

    report = imported(api, rows, mode="update")

    assert told(report) == [(MAX_GROUP_ROWS, "too_many_rows", None)]
    assert by_ref(api, "C")["firstName"] == str(MAX_GROUP_ROWS - 1)


def test_a_withdrawal_after_the_upload_was_sent_stands(api: Api) -> None:
    opted_in = {"optin_preferences": {"email": {"opt_in_active": True}}}
    customer = api.create(customerRef="C", **opted_in)
    sent(api, [{"customerRef": "C", "firstName": "Ann", **opted_in}], mode="upsert")
    withdrawn = {"optin_preferences": {"email": {"opt_in_active": False}}}
    api.put(f"{CUSTOMERS}/{customer['id']}", json_body=withdrawn)

    deliver("imports", import_rows.handler)

    changed = api.customer(customer["id"])
    assert changed["firstName"] == "Ann"
    assert changed["optin_preferences"]["email"]["opt_in_active"] is False


def test_what_others_write_between_a_read_and_its_write_is_not_lost(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = api.create(customerRef="C", firstName="old", lastName="old")
    url = f"{CUSTOMERS}/{customer['id']}"
    sent(api, [{"customerRef": "C", "firstName": "row"}], mode="upsert")

    before(monkeypatch, "transact", lambda: api.put(url, json_body={"lastName": "caller"}))
    assert deliver("imports", import_rows.handler) == []

    changed = api.customer(customer["id"])
    assert (changed["firstName"], changed["lastName"]) == ("row", "caller")


def test_a_customer_deleted_between_is_made_anew_by_an_upsert_and_not_found_by_an_update(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for mode, verdict in (("upsert", "created"), ("update", "failed")):
        customer = api.create(customerRef="C")
        url = f"{CUSTOMERS}/{customer['id']}"
        reply = sent(api, [{"customerRef": "C", "email": "new@example.com"}], mode=mode)
        with monkeypatch.context() as patch:
            before(patch, "transact", lambda url=url: api.delete(url))  # type: ignore[misc]
            assert deliver("imports", import_rows.handler) == []

        assert api.get(f"{UPLOADS}/{reply.json['uploadId']}").json[verdict] == 1
        api.delete(f"{CUSTOMERS}?customerRef=C")


def test_a_row_again_does_not_overrule_who_came_after_it(api: Api) -> None:
    """The message comes twice; a caller changed the customer between."""
    customer = api.create(customerRef="C")
    reply = sent(api, [{"customerRef": "C", "firstName": "row"}], mode="upsert")
    event = {"Records": messages_in("imports")}
    import_rows.handler(event, None)
    api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"firstName": "caller"})

    import_rows.handler(event, None)

    assert api.customer(customer["id"])["firstName"] == "caller"
    assert api.get(f"{UPLOADS}/{reply.json['uploadId']}").json["updated"] == 1


def test_what_two_reads_saw_of_two_moments_is_read_again(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the read of who has the reference and that of the customer, the reference moves on."""
    one, other = api.create(customerRef="C"), api.create(customerRef="D")
    sent(api, [{"customerRef": "C", "firstName": "Ann"}], mode="update")
    real, reads = dynamo.batch_get, itertools.count(1)

    def moved_meanwhile(keys: Any) -> Any:
        if next(reads) == 2:
            api.put(f"{CUSTOMERS}/{one['id']}", json_body={"customerRef": "E"})
            api.put(f"{CUSTOMERS}/{other['id']}", json_body={"customerRef": "C"})
        return real(keys)

    monkeypatch.setattr(dynamo, "batch_get", moved_meanwhile)
    monkeypatch.setattr("time.sleep", lambda _: None)
    assert deliver("imports", import_rows.handler) == []

    assert api.customer(other["id"])["firstName"] == "Ann"
    assert "firstName" not in api.customer(one["id"])


def test_a_customer_that_a_row_would_make_too_large_stays_as_it_is(api: Api) -> None:
    large = {f"a{n}": "x" * 10_000 for n in range(15)}
    customer = api.create(customerRef="C", attributeGroups={"g": {"attributes": large}})
    more = {"h": {"attributes": {f"b{n}": "x" * 10_000 for n in range(15)}}}

    report = imported(api, [{"customerRef": "C", "attributeGroups": more}], mode="update")

    assert told(report) == [(0, "invalid_request", None)]
    assert api.customer(customer["id"]) == customer


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"mode": "replace"}, ["mode"]),
        (
            {"mode": "Upsert", "matchBy": "phone", "partial": "1", "dryRun": "no"},
            ["mode", "matchBy", "partial", "dryRun"],
        ),
        ({"matchBy": "email"}, ["matchBy"]),
        ({"match": "email"}, ["match"]),
    ],
)
def test_what_is_asked_wrongly_is_named(api: Api, query: dict[str, str], wrong: list[str]) -> None:
    reply = sent(api, [{"email": new_email()}], **query)

    assert (reply.status, reply.fields) == (400, wrong)
    assert messages_in("imports") == []


def test_blank_parameters_are_not_given(api: Api) -> None:
    reply = sent(api, [{"email": new_email()}], mode=" ", matchBy="", partial="", dryRun="")

    assert reply.status == 202
    assert reply.json.keys() == {"uploadId", "status", "received", "createdDate"}


def test_a_key_with_other_parameters_is_another_request(api: Api) -> None:
    rows, key = [{"email": new_email(), "customerRef": "C"}], {"Idempotency-Key": "k"}

    def answer(query: str) -> int:
        return api.post(f"{UPLOADS}?{query}", json_body=rows, headers=key).status

    assert [answer("mode=upsert"), answer("mode=upsert&partial="), answer("mode=update"), answer("")] == [
        202,
        202,
        422,
        422,
    ]


def test_part_of_an_upload_is_imported_though_other_rows_are_bad(api: Api) -> None:
    rows = [
        {"email": "good@example.com"},
        {"email": "x", "dob": "1999-01-01"},
        7,
        {"email": "good2@example.com"},
    ]
    wrong = [(1, "email"), (1, "dob"), (2, None)]

    reply = sent(api, rows, partial="true")
    assert reply.status == 202
    assert sorted(told(reply.json), key=str) == sorted([(r, "invalid_request", f) for r, f in wrong], key=str)
    url = f"{UPLOADS}/{reply.json['uploadId']}"
    early = api.get(url).json
    assert (early["status"], early["failed"]) == ("processing", 2)
    assert early["errors"] == sorted(reply.json["errors"], key=lambda error: error["row"])

    deliver("imports", import_rows.handler)
    report = api.get(url).json

    assert (report["status"], counts(report)) == ("completed", (2, 0, 0, 2))
    assert report["errors"] == early["errors"]


def test_a_partial_upload_of_bad_rows_alone_is_completed_at_once(api: Api) -> None:
    reply = sent(api, [{}, {}], partial="true")

    report = api.get(f"{UPLOADS}/{reply.json['uploadId']}").json
    assert (report["status"], counts(report)) == ("completed", (0, 0, 0, 2))
    assert messages_in("imports") == []


def test_a_repeated_partial_upload_counts_its_bad_rows_once(api: Api) -> None:
    rows = [{}, {"email": new_email()}]
    for _ in range(3):
        reply = api.post(f"{UPLOADS}?partial=true", json_body=rows, headers={"Idempotency-Key": "k"})
        assert [error["row"] for error in reply.json["errors"]] == [0]

    assert api.get(f"{UPLOADS}/{reply.json['uploadId']}").json["failed"] == 1


def test_a_repeat_judges_its_rows_by_the_day_of_the_first_request(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"email": new_email(), "dob": "30-11-2026"}, {"email": new_email()}]
    for day in (27, 30):
        monkeypatch.setattr(clock, "now", lambda day=day: datetime(2026, 11, day, 12, tzinfo=UTC))
        reply = api.post(f"{UPLOADS}?partial=true", json_body=rows, headers={"Idempotency-Key": "k"})
        assert [error["field"] for error in reply.json["errors"]] == ["dob"]

    deliver("imports", import_rows.handler)
    report = api.get(f"{UPLOADS}/{reply.json['uploadId']}").json
    assert (report["status"], counts(report)) == ("completed", (1, 0, 0, 1))


def test_a_customer_that_rows_change_has_one_more_version_however_many_they_are(api: Api) -> None:
    one, other = api.create(customerRef="A"), api.create(customerRef="B")
    rows = [("A", "Ann"), ("B", "Bea"), ("A", "Amy")]

    imported(api, [{"customerRef": ref, "firstName": name} for ref, name in rows], mode="update")

    for customer in (one, other):
        assert api.get(f"{CUSTOMERS}/{customer['id']}").headers["etag"] == '"2"'


def test_large_customers_are_written_in_transactions_of_three_megabytes(
    api: Api, dynamo_calls: list[str]
) -> None:
    large = {"g": {"attributes": {f"a{number}": "x" * 10_000 for number in range(21)}}}
    for number in range(16):
        api.create(customerRef=f"C{number}", attributeGroups=large)
    dynamo_calls.clear()

    imported(api, [{"customerRef": f"C{number}", "firstName": "Ann"} for number in range(16)], mode="update")

    assert dynamo_calls.count("transact_write_items") == 2


def test_what_never_fits_together_is_a_conflict(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    dynamo.write(claim("demo", api.create()["id"], "customerRef", "C"))
    row = Row(0, {"customerRef": "C", "firstName": "Ann"})
    chunk = Chunk("demo", str(uuid.uuid4()), "2026-01-01T00:00:00.000Z", 0, [row], "update")

    with pytest.raises(ConflictError):
        importer.import_chunk(chunk, now="2026-01-01T00:00:00.000Z")

    assert len(waits) == ATTEMPTS


def test_a_worker_goes_on_from_what_another_wrote_and_not_from_what_it_read(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one dies when it has written the first row."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(importer, "MAX_WRITES", 1)
    customer = api.create(customerRef="C", mobile="0")
    sent(api, [{"customerRef": "C", "mobile": mobile} for mobile in ("1", "0")], mode="update")
    event = {"Records": messages_in("imports")}

    def other() -> None:
        real, calls = dynamo.transact, itertools.count()

        def once(writes: Any) -> None:
            if next(calls):
                raise UnavailableError
            real(writes)

        with monkeypatch.context() as patch:
            patch.setattr(dynamo, "transact", once)
            assert import_rows.handler(event, None)["batchItemFailures"]

    before(monkeypatch, "transact", other)
    assert import_rows.handler(event, None)["batchItemFailures"] == []

    assert api.customer(customer["id"])["mobile"] == "0"


def test_two_workers_at_one_message_count_each_row_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second one does it all before any call of the first."""
    monkeypatch.setattr(importer, "MAX_WRITES", 2)
    for ref in range(4):
        api.create(customerRef=f"C{ref}")
    for first in itertools.count(1):
        rows = [{"customerRef": f"C{ref}", "firstName": f"{first}"} for ref in range(4)]
        url = f"{UPLOADS}/{sent(api, rows, mode='update').json['uploadId']}"
        event = {"Records": messages_in("imports")}
        calls = itertools.count(1)
        real = dynamo.call

        def call(operation: str, calls: Any = calls, event: Any = event, **arguments: Any) -> Any:
            if next(calls) == first:  # noqa: B023  the loop waits for the call
                import_rows.handler(event, None)
            return real(operation, **arguments)  # noqa: B023

        with monkeypatch.context() as patch:
            patch.setattr(dynamo, "call", call)
            assert import_rows.handler(event, None) == {"batchItemFailures": []}
        assert deliver("imports", import_rows.handler) == []
        if next(calls) <= first:
            break
        assert counts(api.get(url).json) == (0, 4, 0, 0)
    assert first > 3
