"""A file becomes customers: announced, sent, read, told of row by row."""

import csv
import io
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError

from functions.imports import progress, ranges
from functions.shared import s3
from infra.routes import IMPORTS
from tests.api import CUSTOMERS, Api, next_url
from tests.clients import client
from tests.imports.sending import announced, failed_rows, half_announced, imported, results, sent, work

COUNTS = ("received", "created", "updated", "unchanged", "failed")


def counts(report: dict[str, Any]) -> tuple[int, ...]:
    return tuple(report[name] for name in COUNTS)


@pytest.fixture
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows in a range."""
    monkeypatch.setattr(ranges, "RANGE_BYTES", 60)


CSV = """E-mail;customerRef;firstName;City;News
ann@example.com;A1;"Ann ""Annie""\nof two lines";Zürich;yes
bob@example.com;B1;;;no
"""
MAPPING = {
    "E-mail": "email",
    "City": "addresses.0.city",
    "News": {"field": "optin_preferences.email.opt_in_active", "true": ["yes", "Y"]},
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_csv_becomes_customers(api: Api, small_ranges: None, encoding: str) -> None:
    report = imported(api, CSV.encode(encoding), mapping=MAPPING)

    assert (report["state"], counts(report)) == ("completed", (2, 2, 0, 0, 0))
    ann, bob = (api.get(f"{CUSTOMERS}/{ref}/ref").json for ref in ("A1", "B1"))
    assert (ann["firstName"], ann["addresses"][0]["city"]) == ('Ann "Annie"\nof two lines', "Zürich")
    assert ann["optin_preferences"]["email"]["opt_in_active"] is True
    assert bob["optin_preferences"]["email"]["opt_in_active"] is False
    assert "firstName" not in bob
    assert "addresses" not in bob
    assert [one["status"] for one in results(report)] == ["created", "created"]
    assert report["files"]["failed"] == []


def test_lines_of_json_become_customers(api: Api, small_ranges: None) -> None:
    rows = [{"email": f"{n}@example.com", "customerRef": 1000 + n, "vipStatus": True} for n in range(5)]

    report = imported(api, "\n".join(map(json.dumps, rows)), format="jsonl")

    assert counts(report) == (5, 5, 0, 0, 0)
    assert api.get(f"{CUSTOMERS}/1003/ref").json["vipStatus"] is True


def test_rows_that_are_not_valid_or_taken_fail_alone_and_can_be_corrected_and_sent_again(
    api: Api, small_ranges: None
) -> None:
    api.create(email="taken@example.com")
    text = "email,phone,active\n" + "".join(
        f"{row}\n"
        for row in (
            "ann@example.com,+61 400,true",
            "taken@example.com,+61 401,true",
            "nobody,=1+1,maybe",
            "too,many,cells,here",
            "bob@example.com,'quoted,",
        )
    )

    report = imported(api, text)

    assert counts(report) == (5, 2, 0, 0, 3)
    header, taken, wrong, many = failed_rows(report)
    assert header == ["error.row", "error.field", "error.code", "error.message", "email", "phone", "active"]
    assert taken[:3] == ["2", "email", "duplicate_value"]
    assert taken[4:] == ["taken@example.com", "'+61 401", "true"]
    assert (wrong[:3], wrong[4:]) == (["3", "active", "invalid_request"], ["nobody", "'=1+1", "maybe"])
    assert "active: must be true or false" in wrong[3]
    assert "email: " in wrong[3]
    assert (many[0], many[1], many[4:]) == ("4", "", ["too", "many", "cells", "here"])
    assert [one["row"] for one in results(report)] == [1, 2, 3, 4, 5]

    file = io.StringIO()
    csv.writer(file).writerows([header, *failed_rows(report)[1:]])
    corrected = (
        file.getvalue().replace("taken@", "free@").replace("nobody", "no@x.example").replace("maybe", "1")
    )
    again = imported(api, corrected)

    assert counts(again) == (3, 2, 0, 0, 1)
    assert api.get(f"{CUSTOMERS}/free@example.com/email").json["phone"] == "+61 401"
    assert api.get(f"{CUSTOMERS}/no@x.example/email").json["phone"] == "=1+1"


def test_upserted_again_a_file_changes_nothing(api: Api, small_ranges: None) -> None:
    first = imported(api, CSV, mapping=MAPPING, mode="upsert", matchBy="customerRef")
    before = api.get(f"{CUSTOMERS}/A1/ref").text

    second = imported(api, CSV, mapping=MAPPING, mode="upsert", matchBy="customerRef")

    assert (counts(first), counts(second)) == ((2, 2, 0, 0, 0), (2, 0, 0, 2, 0))
    assert api.get(f"{CUSTOMERS}/A1/ref").text == before


def test_a_blank_cell_clears_or_keeps_as_the_import_says(api: Api) -> None:
    api.create(email="ann@example.com", firstName="Ann", phone="1")

    imported(api, "email,firstName\nann@example.com,\n", mode="update", blank="keep")
    assert api.get(f"{CUSTOMERS}/ann@example.com/email").json["firstName"] == "Ann"

    report = imported(api, "email,firstName\nann@example.com, \n", mode="update")
    ann = api.get(f"{CUSTOMERS}/ann@example.com/email").json
    assert (report["updated"], "firstName" in ann, ann["phone"]) == (1, False, "1")


def test_a_dry_run_says_what_a_run_would_and_writes_nothing(api: Api, small_ranges: None) -> None:
    api.create(email="taken@example.com", customerRef="T")
    text = "email,customerRef\nann@example.com,A\ntaken@example.com,X\nANN@example.com,B\nx,Y\n"

    dry = imported(api, text, dryRun=True)
    assert api.get(f"{CUSTOMERS}/A/ref").status == 404

    real = imported(api, text)
    assert (counts(dry), results(dry)) == (counts(real), results(real))


@pytest.mark.parametrize("wrong", [True, False])
def test_without_partial_nothing_is_imported_unless_all_rows_are_valid(
    api: Api, small_ranges: None, wrong: bool
) -> None:
    rows = [f"{n}@example.com,R{n}" for n in range(20)]
    rows[17] = "nobody,R17" if wrong else rows[17]

    report = imported(api, "\n".join(["email,customerRef", *rows]), partial=False)

    if wrong:
        assert (report["state"], report["failed"], report["created"]) == ("failed", 1, 0)
        assert report["reason"] == "1 rows are not valid; nothing was imported"
        assert failed_rows(report)[1][:3] == ["18", "email", "invalid_request"]
        assert api.get(f"{CUSTOMERS}/R0/ref").status == 404
    else:
        assert (report["state"], counts(report)) == ("completed", (20, 20, 0, 0, 0))


@pytest.mark.parametrize(
    ("content", "options", "reason"),
    [
        (b"email\nann@example.com\nb\xffb@example.com\n", {}, "byte 23,"),
        (b"email,email\na,b\n", {}, "The header names a column twice: email"),
        (b"email\n", {}, "The file has no rows"),
        (b"\n", {}, "The file has no rows"),
        (b"colour\nred\n", {}, "No column"),
        (b"Mail\na@example.com\n", {"mapping": {"E-mail": "email"}}, "E-mail"),
        ("é".encode("utf-32"), {}, "UTF-32"),
    ],
)
def test_what_is_no_list_of_customers_is_refused_whole(
    api: Api, content: bytes, options: dict[str, Any], reason: str
) -> None:
    report = imported(api, content, **options)

    assert report["state"] == "failed"
    assert reason in report["reason"]
    assert report["created"] == 0
    assert "files" not in report


def test_a_row_too_large_fails_alone_with_its_number(api: Api) -> None:
    text = f"email,firstName\nann@example.com,A\nbob@example.com,{'x' * 300_000}\ncid@example.com,C\n"

    report = imported(api, text)

    assert counts(report) == (3, 2, 0, 0, 1)
    assert results(report)[1] == {
        "row": 2,
        "status": "failed",
        "code": "invalid_request",
        "message": "is larger than 256 KB",
    }


def test_a_file_of_another_size_than_announced_is_refused(api: Api) -> None:
    report = imported(api, CSV, size=7)

    assert report["state"] == "failed"
    assert report["reason"].startswith(f"The file has {len(CSV.encode())} bytes, not the 7")


def test_restored_from_what_was_shown_a_customer_is_as_it_was(api: Api) -> None:
    made = api.create(
        email="ann@example.com",
        addresses=[{"city": "Zürich"}],
        optin_preferences={"email": {"opt_in_active": True, "opted_in_at": "2020-01-01T00:00:00.000Z"}},
        attributeGroups={"g": {"attributes": {"a": "1"}}},
    )
    other = Api("other")

    report = imported(other, json.dumps(made), format="jsonl", restore=True)

    assert report["created"] == 1, results(report)
    restored = other.get(f"{CUSTOMERS}/ann@example.com/email").json
    assert {**restored, "id": made["id"]} == made


def test_a_date_to_restore_that_is_none_or_not_past_fails_its_row(api: Api) -> None:
    dates = ("2999-01-01", "x", "0001-01-01T00:00:00+14:00", "2020-01-02")
    rows = [f"{place}@example.com,{date}\n" for place, date in zip("abdc", dates, strict=True)]

    report = imported(api, f"email,createdDate\n{''.join(rows)}", restore=True)

    assert [one.get("field") for one in results(report)] == ["createdDate"] * 3 + [None]
    created = api.get(f"{CUSTOMERS}/c@example.com/email").json["createdDate"]
    assert created == "2020-01-02T00:00:00.000Z"


def test_an_import_that_is_cancelled_before_its_file_is_read_imports_nothing(api: Api) -> None:
    url = sent(api, CSV, mapping=MAPPING)

    assert api.delete(url).json["state"] == "cancelled"
    work()

    report = api.get(url).json
    assert (report["state"], report["created"]) == ("cancelled", 0)
    assert api.get(f"{CUSTOMERS}/A1/ref").status == 404


def test_an_import_that_has_ended_is_not_cancelled(api: Api) -> None:
    report = imported(api, CSV, mapping=MAPPING)

    assert api.delete(f"{IMPORTS}/{report['importId']}").json["state"] == "completed"


def test_imports_are_listed_the_newest_first_in_pages(api: Api) -> None:
    ids = [announced(api, b"x")["importId"] for _ in range(3)]

    first = api.get(f"{IMPORTS}?limit=2")
    assert {one["importId"] for one in first.json} <= set(ids)
    dates = [one["createdDate"] for one in first.json]
    assert dates == sorted(dates, reverse=True)
    assert Api("other").get(IMPORTS).json == []
    second = api.get(next_url(first) or "")
    assert [len(page.json) for page in (first, second)] == [2, 1]
    assert {one["importId"] for page in (first, second) for one in page.json} == set(ids)
    assert next_url(second) is None


def test_an_import_is_seen_by_its_own_tenant_alone(api: Api) -> None:
    url = f"{IMPORTS}/{announced(api, b'x')['importId']}"
    other = Api("other")

    assert other.get(url).status == 404
    assert other.delete(url).status == 404
    assert other.post(f"{url}/upload").status == 404
    assert api.get(url).json["state"] == "awaiting_upload"


def test_the_same_key_announces_one_import(api: Api) -> None:
    body = {"format": "csv", "size": 10}
    headers = {"Idempotency-Key": "k"}

    first, second = (api.post(IMPORTS, json_body=body, headers=headers) for _ in range(2))

    assert first.json["importId"] == second.json["importId"]
    assert second.json["upload"]["url"]
    assert len(api.get(IMPORTS).json) == 1
    assert api.post(IMPORTS, json_body={**body, "size": 11}, headers=headers).status == 422


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"format", "size"}),
        ({"format": "xml", "size": 0}, {"format", "size"}),
        ({"format": "csv", "size": 10_000_000_001}, {"size"}),
        (
            {"format": "csv", "size": 9, "mapping": {"A": "colour", "B": "adresses.0"}},
            {"mapping.A", "mapping.B"},
        ),
        ({"format": "csv", "size": 9, "mapping": {"A": "email", "B": "email"}}, {"mapping.B"}),
        (
            {"format": "csv", "size": 9, "mapping": {"A": {"field": "email", "true": ["x"]}}},
            {"mapping.A.true"},
        ),
        ({"format": "csv", "size": 9, "mapping": {"A": 7}}, {"mapping.A"}),
        ({"format": "jsonl", "size": 9, "mapping": {"A": "email"}, "blank": "keep"}, {"mapping", "blank"}),
        ({"format": "csv", "size": 9, "matchBy": "email"}, {"matchBy"}),
        ({"format": "csv", "size": 9, "mode": "update", "restore": True}, {"restore"}),
        ({"format": "csv", "size": 9, "dryrun": True}, {"dryrun"}),
    ],
)
def test_a_bad_announcement_names_every_wrong_field(api: Api, body: dict[str, Any], fields: set[str]) -> None:
    reply = api.post(IMPORTS, json_body=body)

    assert reply.status == 400
    assert {error["field"].removesuffix(".field") for error in reply.json["errors"]} == fields
    assert not re.search("Input|item after", reply.text), "pydantic's words"
    assert api.get(IMPORTS).json == []


def test_a_large_file_comes_in_parts_and_is_put_together_when_all_are_there(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "MULTIPART_BYTES", 10)
    monkeypatch.setattr(progress, "PART_BYTES", 5 * 1024 * 1024)
    row = b"ann@example.com,"
    content = b"email,firstName\n" + row + b"x" * 6_000_000 + b"\n"
    one = announced(api, content)
    url = f"{IMPORTS}/{one['importId']}"
    assert one["upload"]["complete"].endswith(f"{url}/upload")
    assert [(part["part"], part["start"], part["size"]) for part in one["upload"]["parts"]] == [
        (1, 0, 5_242_880),
        (2, 5_242_880, len(content) - 5_242_880),
    ]

    put_part(one, 1, content)
    half = api.post(f"{url}/upload").json
    assert [part["part"] for part in half["upload"]["parts"]] == [2]

    put_part(one, 2, content[:-1])
    assert [part["part"] for part in api.post(f"{url}/upload").json["upload"]["parts"]] == [2]

    put_part(one, 2, content)
    for _ in range(2):
        # Again before S3 has told that the file is there: it is, and misses nothing.
        whole = api.post(f"{url}/upload").json
        assert (whole["state"], whole["upload"]["parts"]) == ("awaiting_upload", [])


def test_a_large_file_whose_announcement_failed_half_way_can_be_sent_all_the_same(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "MULTIPART_BYTES", 10)
    url = half_announced(api, size=len("email,firstName"))

    for _ in range(2):
        going_on = api.post(f"{url}/upload")
        assert going_on.status == 200, going_on.text
        assert [part["part"] for part in going_on.json["upload"]["parts"]] == [1]
    put_part(going_on.json, 1, b"email,firstName")
    assert api.post(f"{url}/upload").json["upload"]["parts"] == []


def test_a_part_that_is_sent_again_while_a_file_is_put_together_asks_for_another_try(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "MULTIPART_BYTES", 10)
    one = announced(api, b"email,firstName")
    put_part(one, 1, b"email,firstName")
    real = s3.call

    def replaced_meanwhile(operation: str, key: str, **arguments: Any) -> Any:
        if operation == "complete_multipart_upload":
            raise ClientError({"Error": {"Code": "InvalidPart"}}, operation)
        return real(operation, key, **arguments)

    monkeypatch.setattr(s3, "call", replaced_meanwhile)
    assert api.post(f"{IMPORTS}/{one['importId']}/upload").status == 409


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
def test_a_quote_that_is_never_closed_fails_its_row_and_hides_nobody_in_it(
    api: Api, small_ranges: None, end: str
) -> None:
    rows = ["email,firstName", "ann@example.com,Ann", 'bob@example.com,"Bob', "cy@example.com,Cy"]
    report = imported(api, "\n".join(rows) + end)

    assert counts(report) == (2, 1, 0, 0, 1)
    _, failed = failed_rows(report)
    assert failed[3].startswith("has a quote that is never closed")
    assert api.get(f"{CUSTOMERS}/email=bob@example.com").status == 404


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_quote_that_is_closed_may_end_a_file(api: Api, small_ranges: None, end: str) -> None:
    report = imported(api, f'email,firstName\nann@example.com,"Ann\nof two lines"{end}')

    assert counts(report) == (1, 1, 0, 0, 0)


def test_a_reason_is_short_however_many_columns_it_is_about(api: Api) -> None:
    mapping = {f"{number}{'x' * 200}": "email" if not number else None for number in range(900)}
    report = imported(api, b"firstName\nAnn\n", mapping=mapping)

    assert report["state"] == "failed"
    assert report["reason"].startswith("The mapping names columns that the file has not: 0xxx")
    assert len(report["reason"]) < 600


def test_parts_that_s3_has_given_up_are_not_found(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "MULTIPART_BYTES", 10)
    url = f"{IMPORTS}/{announced(api, b'email,firstName')['importId']}"
    (begun,) = client("s3").list_multipart_uploads(Bucket="files")["Uploads"]
    client("s3").abort_multipart_upload(Bucket="files", Key=begun["Key"], UploadId=begun["UploadId"])

    assert api.post(f"{url}/upload").status == 404


def put_part(one: dict[str, Any], number: int, content: bytes) -> None:
    part = one["upload"]["parts"][number - 1]
    parts = urlsplit(part["url"])
    client("s3").upload_part(
        Bucket="files",
        Key=parts.path.lstrip("/"),
        UploadId=parse_qs(parts.query)["uploadId"][0],
        PartNumber=number,
        Body=content[part["start"] : part["start"] + part["size"]],
    )
