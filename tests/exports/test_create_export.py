"""POST, GET and DELETE /api/v2/exports, and the files that the worker writes."""

import csv
import gzip
import hashlib
import io
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.exports import get_export, write_exports, writing
from functions.exports.columns import CSV_COLUMNS
from functions.exports.deletion import forget_customer
from functions.exports.export import KNOWN
from functions.shared import clock, dynamo, sqs
from functions.shared.errors import UnavailableError
from tests import files
from tests.api import CUSTOMERS, EXPORTS, Api, next_url
from tests.builders import document_sample
from tests.exports.conftest import BEGAN, begun, id_of, stored, work_off
from tests.imports.sending import imported
from tests.queues import deliver, messages_in
from tests.tables import put_items

Exported = Callable[..., dict[str, Any]]


def customers_in(export: dict[str, Any]) -> list[dict[str, Any]]:
    """All customers in the files of an export of JSON."""
    return [one for file in export["files"] for one in files.lines(files.content(files.key_of(file["url"])))]


def rows_in(export: dict[str, Any]) -> list[dict[str, str]]:
    """All rows in the files of an export of CSV."""
    texts = [gzip.decompress(files.content(files.key_of(file["url"]))).decode() for file in export["files"]]
    return [row for text in texts for row in csv.DictReader(io.StringIO(text, newline=""))]


def by_id(customers: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found = {customer["id"]: customer for customer in customers}
    assert len(found) == len(customers)
    return found


def test_an_export_has_every_customer_as_a_get_shows_it(api: Api, exported: Exported) -> None:
    made = [
        api.create(
            **document_sample(
                email=f"{number}@example.com", customerRef=str(number), alternateCustomerRef=f"A{number}"
            )
        )
        for number in range(5)
    ]
    gone = api.create()
    api.delete(f"{CUSTOMERS}/{gone['id']}")
    Api("other").create()

    export = exported()

    assert by_id(customers_in(export)) == by_id(made)
    assert (export["customers"], export["format"]) == (5, "jsonl")
    assert "fields" not in export


def test_its_files_are_told_with_size_digest_and_an_address_for_a_quarter_of_an_hour(
    api: Api, exported: Exported
) -> None:
    for number in range(4):
        stored(number)

    export = exported()

    assert [file["name"] for file in export["files"]] == [f"customers-{n}-00000.jsonl.gz" for n in range(4)]
    for file in export["files"]:
        content = files.content(files.key_of(file["url"]))
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        address = urlsplit(file["url"])
        query = parse_qs(address.query)
        assert address.scheme == "https"
        assert address.netloc == "files.s3.ap-southeast-2.amazonaws.com"
        assert query["X-Amz-Expires"] == ["900"]
        assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
        assert query["response-content-disposition"] == [f'attachment; filename="{file["name"]}"']
    assert files.keys() == {files.key_of(file["url"]) for file in export["files"]}


def test_an_export_of_nobody_is_completed_and_has_no_files(exported: Exported) -> None:
    export = exported()
    assert (export["customers"], export["files"]) == (0, [])


def test_a_running_export_gives_no_address(api: Api) -> None:
    for number in range(4):
        stored(number)
    url = begun(api)
    assert api.get(url).json["status"] == "running"
    deliver("exports", write_exports.handler, most=3)
    export = api.get(url).json
    assert (export["status"], export["customers"]) == ("running", 3)
    assert "files" not in export


@pytest.mark.parametrize(("name", "bound"), [("MAX_CUSTOMERS", 3), ("MAX_BYTES", 1), ("MAX_SECONDS", -1)])
def test_a_large_bucket_becomes_many_files(
    api: Api, exported: Exported, monkeypatch: pytest.MonkeyPatch, name: str, bound: int
) -> None:
    monkeypatch.setattr(writing, "BATCH", 3)
    if name != "MAX_SECONDS":
        monkeypatch.setattr(writing, name, bound)
    else:
        ticks = iter(range(10**6))
        monkeypatch.setattr("functions.exports.writing.time.monotonic", lambda: 100 * next(ticks))
    everybody = {stored(16 * number)["id"] for number in range(7)}

    export = exported()

    assert [file["customers"] for file in export["files"]] == [3, 3, 1]
    assert by_id(customers_in(export)).keys() == everybody


def test_files_come_in_pages(api: Api, exported: Exported, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_export, "MAX_FILES", 2)
    for number in range(5):
        stored(number)
    first = exported()
    url: str | None = f"{EXPORTS}/{first['exportId']}"
    names = []
    while url:
        reply = api.get(url)
        names.append([file["name"][10] for file in reply.json["files"]])
        url = next_url(reply)
    assert names == [["0", "1"], ["2", "3"], ["4"]]


def test_of_a_customer_only_the_fields_that_are_asked_for_are_written(api: Api, exported: Exported) -> None:
    stored(1, firstName="Ann")
    stored(2)

    export = exported(fields=["firstName", "id"])

    assert export["fields"] == ["firstName", "id"]
    assert customers_in(export) == [{"firstName": "Ann", "id": id_of(1)}, {"id": id_of(2)}]


def test_a_csv_has_one_header_whatever_a_customer_has(api: Api, exported: Exported) -> None:
    stored(
        1,
        firstName='Ann "the\nfirst", é',
        mobile="+61 400",
        lastName="=1+1",
        accepts_marketing=True,
        taxExemptions=["a", "b"],
        addresses=[{"city": "Sydney"}, {"city": "Perth"}],
        attributeGroups={"g": {"attributes": {"a.b": "x"}}},
        optin_preferences={"email": {"opt_in_active": True}},
    )
    stored(2)

    export = exported(format="csv")
    ann, bob = rows_in(export)

    assert tuple(ann) == tuple(bob) == CSV_COLUMNS
    assert ann["firstName"] == 'Ann "the\nfirst", é'
    assert (ann["mobile"], ann["lastName"]) == ("'+61 400", "'=1+1")
    assert (ann["accepts_marketing"], bob["accepts_marketing"]) == ("true", "false")
    assert json.loads(ann["taxExemptions"]) == ["a", "b"]
    assert json.loads(ann["attributeGroups"]) == {"g": {"attributes": {"a.b": "x"}}}
    assert (ann["addresses.0.city"], bob["addresses.0.city"]) == ("Sydney", "")
    assert (ann["optin_preferences.email.opt_in_active"], ann["optin_preferences.sms.opt_in_active"]) == (
        "true",
        "false",
    )
    assert export["files"][0]["name"] == "customers-1-00000.csv.gz"


def test_a_csv_has_the_columns_that_are_asked_for(api: Api, exported: Exported) -> None:
    stored(
        1,
        addresses=[{"city": "Sydney"}, {"city": "Perth"}],
        attributeGroups={"g": {"attributes": {"a.b": "x"}}},
    )

    columns = ["addresses.1.city", "attributeGroups.g.attributes.a.b", "addresses.2.city", "id"]
    (row,) = rows_in(exported(format="csv", fields=columns))

    assert list(row) == columns
    assert list(row.values()) == ["Perth", "x", "", id_of(1)]


@pytest.mark.parametrize("start", list("=+-@\t\r"))
def test_no_cell_is_a_formula(api: Api, exported: Exported, start: str) -> None:
    stored(1, attributeGroups={"g": {"attributes": {"a": f"{start}SUM(A1)"}}})
    column = "attributeGroups.g.attributes.a"
    (row,) = rows_in(exported(format="csv", fields=[column]))
    assert row[column].startswith("'")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, ["format"]),
        ({"format": "xml"}, ["format"]),
        ({"format": "csv", "fields": "id"}, ["fields"]),
        # Who misspells `fields` gets not all of them instead.
        ({"format": "csv", "Fields": ["id"]}, ["Fields"]),
        (
            {"format": "csv", "fields": ["id", "Id", "addresses.50.city", "addresses.0.town"]},
            ["fields.1", "fields.2", "fields.3"],
        ),
        ({"format": "csv", "fields": ["id", "email", "id"]}, ["fields.2"]),
        ({"format": "jsonl", "fields": ["addresses.0.city"]}, ["fields.0"]),
        ({"format": "jsonl", "fields": []}, ["fields"]),
        ({"format": "jsonl", "fields": [True, ""]}, ["fields.0", "fields.1"]),
    ],
)
def test_what_cannot_be_exported_is_refused_and_named(
    api: Api, body: dict[str, Any], wrong: list[str]
) -> None:
    reply = api.post(EXPORTS, json_body=body)
    assert (reply.status, reply.fields) == (400, wrong)
    assert messages_in("exports") == []


def test_two_exports_run_at_once_and_a_third_waits(api: Api) -> None:
    first, _ = begun(api), begun(api)

    third = api.post(EXPORTS, json_body={"format": "csv"})
    assert (third.status, third.json["code"], third.headers["retry-after"]) == (429, "too_many_exports", "60")
    assert Api("other").post(EXPORTS, json_body={"format": "csv"}).status == 202

    assert api.delete(first).status == 204
    begun(api)
    work_off()
    begun(api)
    begun(api)
    assert api.post(EXPORTS, json_body={"format": "csv"}).status == 429


def test_as_many_exports_as_one_an_hour_are_known_and_a_deletion_asks_each_of_them_once(
    api: Api, exported: Exported, dynamo_calls: list[str]
) -> None:
    first = exported()
    item = stored_export(first["exportId"])
    others = ({**item, "exportId": f"{n}", "entry": f"export#{n}"} for n in range(KNOWN - 2))
    put_items("exports", others)
    last: dict[str, Any] = {"json_body": {"format": "jsonl"}, "headers": {"Idempotency-Key": "last"}}
    assert api.post(EXPORTS, **last).status == 202
    work_off()

    refused = api.post(EXPORTS, json_body={"format": "jsonl"})
    assert (refused.status, refused.json["code"]) == (429, "too_many_exports")
    assert refused.headers["retry-after"] == "3600"
    assert api.post(EXPORTS, **last).status == 202

    dynamo_calls.clear()
    forget_customer("demo", id_of(1), deleted_date=BEGAN, created_date=BEGAN)
    assert dynamo_calls == ["query"] * (KNOWN + 1)


def stored_export(export_id: str) -> dict[str, Any]:
    key = {"tenantId": "demo", "entry": f"export#{export_id}"}
    item = dynamo.get("exports", key)
    assert item
    return item


def test_the_place_of_an_export_that_never_completes_is_free_after_a_day(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(api)
    begun(api)
    now = time.time()
    monkeypatch.setattr("functions.exports.store.time.time", lambda: now + 24 * 3600 + 1)
    begun(api)


def test_the_same_key_and_body_begin_one_export(api: Api) -> None:
    key = {"Idempotency-Key": "k"}
    first = api.post(EXPORTS, json_body={"format": "csv"}, headers=key)
    begun(api)
    again = api.post(EXPORTS, json_body={"format": "csv"}, headers=key)
    work_off()
    completed = api.post(EXPORTS, json_body={"format": "csv"}, headers=key)

    assert first.json == again.json
    assert completed.json["status"] == "completed"
    assert messages_in("exports") == []
    other = api.post(EXPORTS, json_body={"format": "jsonl"}, headers=key)
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    api.delete(f"{EXPORTS}/{first.json['exportId']}")
    assert api.post(EXPORTS, json_body={"format": "csv"}, headers=key).status == 422


def test_an_export_that_cannot_be_queued_takes_no_place(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: Any) -> None:
        raise UnavailableError

    with monkeypatch.context() as patch:
        patch.setattr(sqs, "send_all", busy)
        assert [api.post(EXPORTS, json_body={"format": "csv"}).status for _ in range(3)] == [503] * 3
    begun(api)


def test_an_export_is_its_tenants_alone(api: Api) -> None:
    url = begun(api)
    for method in ("GET", "DELETE"):
        assert Api("other").send(method, url).status == 404
        assert api.send(method, f"{EXPORTS}/x").status == 404
        assert api.send(method, f"{EXPORTS}/{id_of(1)}").status == 404
    assert api.get(url).status == 200
    assert Api("other").get(EXPORTS).json == []


def test_a_deleted_export_is_gone_with_its_files_and_its_worker_stops(api: Api) -> None:
    for number in range(4):
        stored(number)
    url = begun(api)
    deliver("exports", write_exports.handler, most=2)
    assert len(files.keys()) == 2

    assert api.delete(url).status == 204

    assert files.keys() == set()
    assert api.get(url).status == 404
    work_off()
    assert files.keys() == set()
    assert api.get(EXPORTS).json == []
    assert api.delete(url).status == 204


def test_exports_are_listed_newest_first(api: Api) -> None:
    urls = [begun(api)]
    work_off()
    urls.append(begun(api))
    listed = api.get(EXPORTS).json
    assert [one["exportId"] for one in listed] == [url.rpartition("/")[2] for url in reversed(urls)]
    assert [one["status"] for one in listed] == ["running", "completed"]


def test_after_a_week_an_export_is_not_there_any_more(
    api: Api, exported: Exported, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = exported()
    later = clock.moment(export["expiresDate"])
    for moment, status in ((later - timedelta(seconds=1), 200), (later, 404)):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        assert api.get(f"{EXPORTS}/{export['exportId']}").status == status
        assert len(api.get(EXPORTS).json) == (status == 200)


def test_a_customer_costs_a_hundredth_of_a_call(
    api: Api, exported: Exported, dynamo_calls: list[str]
) -> None:
    for number in range(300):
        stored(16 * number)
    dynamo_calls.clear()
    exported()
    assert dynamo_calls.count("batch_get_item") == 3


def test_a_csv_that_is_sent_back_changes_nothing(api: Api, exported: Exported) -> None:
    names = ("=1+1", "-0", "@home", "'t Hart", "'=quoted", "''+twice", "+61400100100")
    for number, name in enumerate(names):
        stored(number, firstName=name, mobile="+61400100100", addresses=[{"city": name}])
    export = exported(format="csv")

    report = imported(api, whole(export), mode="update", matchBy="email")

    assert (report["received"], report["unchanged"]) == (len(names), len(names))


def whole(export: dict[str, Any]) -> bytes:
    """The files of an export of CSV as one, with one header."""
    first, *others = (
        gzip.decompress(files.content(files.key_of(file["url"]))).splitlines(keepends=True)
        for file in export["files"]
    )
    return b"".join([*first, *(line for lines in others for line in lines[1:])])
