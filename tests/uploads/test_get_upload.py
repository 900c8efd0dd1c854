"""GET /upload-customers/{uploadId}: what became of the rows."""

from typing import Any

import pytest

from functions.imports import import_rows
from functions.shared import dynamo
from functions.uploads import get_upload
from tests.api import UPLOADS, Api, next_url
from tests.builders import new_email
from tests.queues import deliver, work_off


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moto is not for several."""
    monkeypatch.setattr(import_rows, "THREADS", 1)


def uploaded(api: Api, rows: list[dict[str, Any]]) -> str:
    reply = api.post(UPLOADS, json_body=rows)
    assert reply.status == 202, reply.text
    return f"{UPLOADS}/{reply.json['uploadId']}"


def test_before_the_first_row_an_upload_is_accepted(api: Api) -> None:
    url = uploaded(api, [{"email": new_email()}])

    report = api.get(url).json

    assert report.pop("uploadId") in url
    assert report.pop("createdDate")
    counts = {"created": 0, "updated": 0, "unchanged": 0, "failed": 0}
    assert report == {"status": "accepted", "received": 1, "errors": []} | counts


def test_a_report_has_one_line_for_every_row_that_failed(api: Api) -> None:
    taken = api.create(email="ann@example.com", customerRef="C1")
    url = uploaded(
        api,
        [
            {"email": "bob@example.com", "customerRef": "C2"},
            {"email": "ANN@example.com", "customerRef": "C3"},
            {"email": "Bob@Example.com"},
            {"email": "eve@example.com", "customerRef": "C1", "alternateCustomerRef": "C2"},
        ],
    )

    deliver("imports", import_rows.handler)
    report = api.get(url).json

    assert (report["status"], report["received"], report["created"], report["failed"]) == (
        "completed",
        4,
        1,
        3,
    )
    assert report["completedDate"] >= report["createdDate"]
    assert report["errors"] == [
        {"row": 1, "code": "duplicate_value", "field": "email", "message": "Another customer has this email"},
        {"row": 2, "code": "duplicate_value", "field": "email", "message": "Row 0 has this email"},
        {
            "row": 3,
            "code": "duplicate_value",
            "field": "customerRef",
            "message": "Another customer has this customerRef",
        },
    ]
    assert api.customer(taken["id"]) == taken


def test_until_the_last_row_an_upload_is_processing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.uploads.chunking.MAX_CHUNK_ROWS", 1)
    url = uploaded(api, [{"email": new_email()} for _ in range(3)])

    seen = []
    for _ in range(3):
        deliver("imports", import_rows.handler, most=1)
        report = api.get(url).json
        seen.append((report["status"], report["created"], "completedDate" in report))

    assert seen == [("processing", 1, False), ("processing", 2, False), ("completed", 3, True)]


def test_an_upload_is_found_by_its_own_tenant_alone(api: Api) -> None:
    url = uploaded(api, [{"email": new_email()}])

    assert Api("other").get(url).status == 404


def test_what_cannot_be_an_uploads_id_is_not_found_without_asking_a_table(
    api: Api, dynamo_calls: list[str]
) -> None:
    for wrong in ("nothing", "x" * 3000):
        assert api.get(f"{UPLOADS}/{wrong}").status == 404
    assert dynamo_calls == []


def test_a_report_too_long_for_one_answer_comes_in_pages(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_upload, "MAX_ERRORS", 2)
    url = uploaded(api, [{"email": "ann@example.com"}] * 6)
    deliver("imports", import_rows.handler)

    pages, page = [], api.get(url)
    while True:
        assert (page.json["created"], page.json["failed"]) == (1, 5)
        pages.append([error["row"] for error in page.json["errors"]])
        following = next_url(page)
        if following is None:
            break
        page = api.get(following)

    assert pages == [[1, 2], [3, 4], [5]]
    assert api.get(f"{url}?nextToken=AAAA").status == 400


def test_a_poll_costs_the_same_whatever_the_number_of_rows(
    api: Api, dynamo_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One query of the upload and its counters, of which there are no more than sixteen."""
    monkeypatch.setattr("functions.uploads.chunking.MAX_CHUNK_ROWS", 1)
    read = []
    real = dynamo.query

    def counted(*arguments: Any, **more: Any) -> Any:
        page = real(*arguments, **more)
        read.append(len(page["Items"]))
        return page

    for rows in (1, 60):
        url = uploaded(api, [{"email": new_email()} for _ in range(rows)])
        work_off("imports", import_rows.handler)
        dynamo_calls.clear()
        with monkeypatch.context() as patch:
            patch.setattr(dynamo, "query", counted)
            assert api.get(url).json["created"] == rows
        assert dynamo_calls == ["query"]

    assert read[0] == 2
    assert read[1] <= 17
