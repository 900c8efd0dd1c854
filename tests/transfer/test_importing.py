"""A file is imported once, whatever breaks on the way; what is refused comes back to be corrected."""

import csv
import io
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from functions.imports import progress, ranges
from functions.shared import clock
from infra.routes import CUSTOMERS, IMPORTS
from infra.tenant_registry import TenantRegistry
from infra.transfer.checking import checked
from infra.transfer.client import Client
from infra.transfer.failed_file import download_failed
from infra.transfer.importing import Importing, Options, importing
from infra.transfer.layout import Layout
from infra.transfer.retries import ConnectionLostError, Retries
from tests.api import Api
from tests.effort import EFFORT
from tests.transfer.s3_over_http import tell_of_parts
from tests.transfer.served import Answered, Lost, Served

ROWS = 12
ROWS_OF_EVERY_KIND = 40 if EFFORT == 1 else 80


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some rows in a range, here and there."""
    monkeypatch.setattr(ranges, "RANGE_BYTES", 150)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Twelve customers, one of them without a good email."""
    file = tmp_path / "customers.csv"
    rows = [f"{number}@example.com,C{number},Ann" for number in range(1, ROWS)]
    file.write_text("\n".join(["email,customerRef,firstName", *rows, "nobody,C12,Ann\n"]))
    return file


def nothing(_count: int) -> None:
    """Show no progress."""


def run(client: Client, file: Path, options: Options = Options()) -> Importing:  # noqa: B008  frozen
    """One run of the command, from beginning to end."""
    layout = Layout.of(file)
    work = importing(client, layout, layout, options)
    work.begin()
    work.send(nothing)
    list(work.follow())
    return work


def states(client: Client) -> list[str]:
    """The states of all imports there are."""
    return [one["state"] for page in client.pages(IMPORTS) for one in page]


def test_a_file_becomes_customers_and_what_is_sent_is_counted(client: Client, file: Path, api: Api) -> None:
    layout, sent = Layout.of(file), list[int]()
    work = importing(client, layout, layout, Options())
    work.begin()
    work.send(sent.append)
    reports = list(work.follow())

    assert sum(sent) == file.stat().st_size
    assert (work.report["created"], work.report["failed"]) == (11, 1)
    assert reports[-1]["state"] == "completed"
    assert api.get(f"{CUSTOMERS}/C7/ref").json["email"] == "7@example.com"


Break = Callable[[Served], None]


def before_it_is_announced(api: Served) -> None:
    api.faults[IMPORTS] = [Lost()]


def before_the_answer_that_it_is_announced(api: Served) -> None:
    api.faults[IMPORTS] = [Lost(done=True)]


def before_the_file_has_gone(api: Served) -> None:
    api.faults["files"] = [Lost()]


def before_the_answer_that_the_file_has_come(api: Served) -> None:
    api.faults["files"] = [Lost(done=True)]


@pytest.mark.parametrize(
    "breaks",
    [
        before_it_is_announced,
        before_the_answer_that_it_is_announced,
        before_the_file_has_gone,
        before_the_answer_that_the_file_has_come,
    ],
    ids=lambda breaks: breaks.__name__.replace("_", " "),
)
def test_a_second_run_goes_on_where_a_connection_was_lost(
    client: Client, http_api: Served, file: Path, breaks: Break
) -> None:
    client.retries = Retries(attempts=1)
    breaks(http_api)
    with pytest.raises(ConnectionLostError):
        run(client, file)

    work = run(client, file)

    assert (work.report["created"], work.report["failed"]) == (11, 1)
    assert states(client) == ["completed"]


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_second_run_goes_on_where_the_first_was_stopped(client: Client, file: Path, steps: int) -> None:
    layout = Layout.of(file)
    stopped = importing(client, layout, layout, Options())
    for step in (stopped.begin, lambda: stopped.send(nothing), lambda: next(stopped.follow()))[:steps]:
        step()

    work = run(client, file)

    assert work.checkpoint.id == stopped.checkpoint.id
    assert (work.report["created"], work.report["failed"]) == (11, 1)
    assert states(client) == ["completed"]


def test_a_lost_connection_is_tried_again_at_once(client: Client, http_api: Served, file: Path) -> None:
    http_api.faults["files"] = [Lost(), Answered(503), Lost(done=True)]

    assert run(client, file).report["created"] == 11


def test_an_address_that_has_expired_is_asked_for_again(client: Client, http_api: Served, file: Path) -> None:
    http_api.faults["files"] = [Answered(403)]

    assert run(client, file).report["created"] == 11
    assert states(client) == ["completed"]


def test_other_options_are_another_import(client: Client, file: Path) -> None:
    layout = Layout.of(file)
    dry = importing(client, layout, layout, Options(dry_run=True))
    dry.begin()

    assert run(client, file).report["dryRun"] is False
    assert sorted(states(client)) == ["awaiting_upload", "completed"]


def test_a_finished_import_can_be_repeated_and_fails_on_what_is_there(client: Client, file: Path) -> None:
    run(client, file).checkpoint.forget()

    again = run(client, file)

    assert (again.report["created"], again.report["failed"]) == (0, 12)


def test_a_file_goes_in_parts_and_only_what_is_missing_is_sent_again(
    client: Client, http_api: Served, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "MULTIPART_BYTES", 100)
    monkeypatch.setattr(progress, "PART_BYTES", 100)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)
    layout = Layout.of(file)
    client.retries = Retries(attempts=1)
    http_api.faults["/file"] = [Answered(200), Lost()]
    first = importing(client, layout, layout, Options())
    first.begin()
    with pytest.raises(ConnectionLostError):
        first.send(nothing)
    client.retries = Retries()
    sent = list[int]()

    second = importing(client, layout, layout, Options())
    second.begin()
    second.send(sent.append)
    tell_of_parts(f"imports/demo/{second.checkpoint.id}/file")
    list(second.follow())

    assert sum(sent) == file.stat().st_size
    assert (second.report["created"], second.report["failed"]) == (11, 1)


def generated(rows: int, seed: int) -> str:
    """A CSV in which every kind of cell is, good and bad."""
    chance = random.Random(seed)
    cells = {
        "firstName": ["Zoë", "Ann", "", "a" * 257, "two\nlines", "=1+1", "tab\there", "nul\x01"],
        "dob": ["28-11-1999", "1999-11-28", "", "31-02-2000", "01-01-2999"],
        "addresses.0.countryCode": ["AU", "au", "", "Australia", "XX"],
        "vipStatus": ["true", "FALSE", "1", "", "maybe"],
        "memberSince": ["2020-01-02", "", "yesterday"],
        "customer_state": ["enabled", "", "unknown"],
    }
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["email", "customerRef", *cells])
    for number in range(rows):
        email = chance.choice([f"{number}@example.com"] * 8 + ["", "nobody", f"{number}@"])
        row = [email, f"C{number}", *(chance.choice(values) for values in cells.values())]
        writer.writerow(row[: -chance.choice([1] * 19 + [2]) or None] if chance.random() < 0.05 else row)
    return text.getvalue()


@pytest.mark.parametrize(
    "options",
    [Options(), Options(mode="upsert"), Options(mode="upsert", match_by="email", blank="keep")],
    ids=["create", "upsert", "upsert by email"],
)
def test_the_check_here_says_of_every_row_what_the_service_says(
    client: Client, tmp_path: Path, options: Options
) -> None:
    file, here, there = (tmp_path / name for name in ("customers.csv", "here.csv", "there.csv"))
    file.write_text(generated(ROWS_OF_EVERY_KIND, seed=7), encoding="utf-8", newline="")
    layout = Layout.of(file)

    verdict = checked(layout, options, here, now=clock.now(), advance=nothing)
    work = run(client, file, options)
    download_failed(client, work.files("failed"), layout, there)

    assert 0 < verdict.refused == work.report["failed"] < verdict.rows == ROWS_OF_EVERY_KIND
    assert here.read_bytes() == there.read_bytes()


def test_what_is_refused_is_corrected_and_sent_again(client: Client, file: Path, api: Api) -> None:
    work = run(client, file)
    failed = file.with_name("customers.failed.csv")
    download_failed(client, work.files("failed"), work.layout, failed)
    assert failed.read_text("utf-8-sig").count("\n") == 2
    failed.write_bytes(failed.read_bytes().replace(b"nobody", b"somebody@example.com"))

    again = run(client, failed)

    assert (again.report["created"], again.report["failed"]) == (1, 0)
    assert api.get(f"{CUSTOMERS}/C12/ref").json["email"] == "somebody@example.com"


def test_rows_of_an_export_keep_their_dates_where_they_are_restored(
    client: Client, registry: TenantRegistry, tmp_path: Path, api: Api
) -> None:
    ann = api.create(email="ann@example.com", optin_preferences={"sms": {"opt_in_active": True}})
    file = tmp_path / "customers.jsonl"
    file.write_text(json.dumps(ann) + "\n")
    other = registry.register("other")
    there = replace(
        client.credentials, tenant="other", client_id=other.client_id, client_secret=other.client_secret
    )
    with Client(there) as client_there:
        assert run(client_there, file, Options(restore=True)).report["created"] == 1

    restored = Api("other").get(f"{CUSTOMERS}/email=ann@example.com").json
    assert restored == ann | {"id": restored["id"]}


def test_the_refused_rows_of_many_ranges_are_one_file_with_one_header(client: Client, tmp_path: Path) -> None:
    file, failed = tmp_path / "customers.csv", tmp_path / "failed.csv"
    file.write_text("email,firstName\n" + '"nobody","two\nlines"\n' * 20)
    work = run(client, file)
    download_failed(client, work.files("failed"), work.layout, failed)

    with failed.open(encoding="utf-8-sig", newline="") as text:
        header, *rows = csv.reader(text)
    assert header[0] == "error.row"
    assert [int(row[0]) for row in rows] == list(range(1, 21))


def test_a_file_that_is_none_is_refused_before_anything_leaves(http_api: Served, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes("email\nzoë@example.com\n".encode("latin-1"))
    with pytest.raises(Exception, match="file refused") as refused:
        checked(Layout.of(file), Options(), tmp_path / "failed.csv", now=clock.now(), advance=nothing)
    assert "not in UTF-8: see its byte 8" in refused.value.message  # type: ignore[attr-defined]
    assert http_api.asked == []
