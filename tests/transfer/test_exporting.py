"""All customers come out, whole, and can go in again."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from functions.erasure import erase_customer
from infra.routes import CUSTOMERS, EXPORTS
from infra.tenant_registry import TenantRegistry
from infra.transfer.client import Client
from infra.transfer.exporting import ExportError, Exporting
from infra.transfer.importing import Options, importing
from infra.transfer.layout import Layout
from infra.transfer.retries import ConnectionLostError, Retries
from tests.api import Api
from tests.streams import records
from tests.transfer.served import Answered, Lost, Served


def nothing(_count: int) -> None:
    """Show no progress."""


@pytest.fixture(autouse=True)
def customers(api: Api) -> list[str]:
    """The emails of a tenant's customers."""
    emails = [f"{number}@example.com" for number in range(6)]
    for number, email in enumerate(emails):
        api.create(email=email, customerRef=f"C{number}", firstName="=Zoë\nof lines", mobile="+61 400")
    return emails


def run(work: Exporting) -> Path:
    """One run of the command, from beginning to end."""
    work.begin()
    list(work.follow())
    files = work.files()
    work.fetch(files, nothing)
    work.put_together(files)
    return work.target


def emails(file: Path) -> list[str]:
    return sorted(json.loads(line)["email"] for line in file.read_text("utf-8").splitlines())


def test_every_customer_is_in_one_file(client: Client, tmp_path: Path, customers: list[str]) -> None:
    folder = tmp_path / "out"

    file = run(Exporting(client, folder, "jsonl"))

    assert emails(file) == customers
    assert list(folder.iterdir()) == [file]
    assert file.stat().st_mode & 0o077 == 0, "others on this machine read it"


def test_a_csv_has_its_header_once(client: Client, tmp_path: Path, customers: list[str]) -> None:
    file = run(Exporting(client, tmp_path, "csv", ("email", "firstName")))

    with file.open(encoding="utf-8-sig", newline="") as text:
        header, *rows = csv.reader(text)
    assert header == ["email", "firstName"]
    assert sorted(row[0] for row in rows) == customers
    assert {row[1] for row in rows} == {"'=Zoë\nof lines"}


def test_what_came_out_goes_in_again_at_another_tenant(
    client: Client, registry: TenantRegistry, tmp_path: Path, api: Api, customers: list[str]
) -> None:
    layout = Layout.of(run(Exporting(client, tmp_path, "jsonl")))
    other = registry.register("other")
    credentials = replace(
        client.credentials, tenant="other", client_id=other.client_id, client_secret=other.client_secret
    )

    with Client(credentials) as there:
        back = importing(there, layout, layout, Options(restore=True))
        back.begin()
        back.send(nothing)
        list(back.follow())

    assert (back.report["created"], back.report["failed"]) == (6, 0)
    for email in customers:
        here, at_the_other = (one.get(f"{CUSTOMERS}/email={email}").json for one in (api, Api("other")))
        assert at_the_other == here | {"id": at_the_other["id"]}


@pytest.mark.parametrize("step", ["exports", ".gz"])
def test_a_second_run_goes_on_where_a_connection_was_lost(
    client: Client, http_api: Served, tmp_path: Path, customers: list[str], step: str
) -> None:
    client.retries = Retries(attempts=1)
    http_api.faults[step] = [Lost(done=True)]
    with pytest.raises(ConnectionLostError):
        run(Exporting(client, tmp_path, "jsonl"))

    assert emails(run(Exporting(client, tmp_path, "jsonl"))) == customers
    (listed,) = client.pages(EXPORTS)
    assert len(listed) == 1


def test_a_file_that_is_not_what_was_written_is_fetched_again(
    client: Client, http_api: Served, tmp_path: Path, customers: list[str]
) -> None:
    http_api.faults[".jsonl.gz"] = [Answered(200), Answered(403)]

    assert emails(run(Exporting(client, tmp_path, "jsonl"))) == customers


def test_a_customer_deleted_meanwhile_is_in_no_file(
    client: Client, tmp_path: Path, api: Api, customers: list[str]
) -> None:
    work = Exporting(client, tmp_path, "jsonl")
    work.begin()
    list(work.follow())
    assert api.delete(f"{CUSTOMERS}/email={customers[0]}").status == 204
    assert erase_customer.handler({"Records": records()}, None) == {"batchItemFailures": []}

    with pytest.raises(ExportError, match="export again"):
        work.files()
    assert emails(run(Exporting(client, tmp_path, "jsonl"))) == customers[1:]
