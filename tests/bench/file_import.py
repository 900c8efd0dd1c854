"""A file imported on the local stack while workers are killed: `python -m tests.bench.file_import`.

`--rows` (100,000) rows of a made-up CSV, 2 % of them not valid, with line breaks within quotes, accents and
blank cells. What becomes of each is held against what the file says: counts, results row for row, the rows
that failed, the customers themselves. Then the same file again as `upsert`, in which nothing may change.
"""

import argparse
import contextlib
import csv
import gzip
import io
import json
import os
import random
import signal
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.shared.item import unmarshal
from infra.local.stack import LocalStack
from infra.routes import EXPORTS, IMPORTS
from tests.api import Reply
from tests.deployed.http_api import HttpApi, request
from tests.deployed.test_imports import FORM, UNDER_WAY, form

MAPPING = {
    "E-mail": "email",
    "City": "addresses.0.city",
    "Newsletter": {"field": "optin_preferences.email.opt_in_active", "true": ["yes", "Y"]},
}
HEADER = ("E-mail", "customerRef", "firstName", "City", "Newsletter", "Colour")


@dataclass(frozen=True)
class Expected:
    """What a row has to become: the customer's fields by reference, nothing where it is not valid."""

    cells: tuple[str, ...]
    customer: dict[str, Any] | None


def rows(number: int, seed: int) -> Iterator[Expected]:
    """Made-up rows, the same for one seed."""
    chance = random.Random(seed)
    for at in range(number):
        email, ref = f"r{at}-{seed}@example.com", f"R{at}-{seed}"
        name = chance.choice(["Zoë", "Łukasz", 'An "N"', "two\nlines", "a, b; c", "", "😀"])
        city = chance.choice(["Zürich", "", "São Paulo", "Orange\r\nNSW"])
        news = chance.choice(["yes", "Y", "no", ""])
        bad = chance.random() < 0.02
        cells = (f"r{at}" if bad else email, ref, name, city, news, chance.choice(["red", "=1+1", ""]))
        customer = {
            "email": email,
            "firstName": name or None,
            "city": city or None,
            "news": news in {"yes", "Y"},
        }
        yield Expected(cells, None if bad else customer)


def text_of(made: list[Expected]) -> str:
    """The rows as a CSV."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([HEADER, *(one.cells for one in made)])
    return file.getvalue()


def run(number: int, seed: int, kill_every: float) -> Iterator[dict[str, Any]]:
    """Import, compare, import again, export, import elsewhere; what was measured of each.

    Raises AssertionError for any difference.
    """
    made = list(rows(number, seed))
    text = text_of(made)
    bad = sum(one.customer is None for one in made)
    with tempfile.TemporaryDirectory() as directory, LocalStack(Path(directory), ephemeral=True) as stack:
        api = tenant(stack, "demo")
        with killing(stack, kill_every) as killed:
            report, seconds = imported(api, text, mode="create")
        compare_report(report, made)
        before = customers(stack)
        compare_customers(before, made)
        told = {"rows": number, "bytes": len(text.encode()), "notValid": bad, "killed": len(killed)}
        yield {"created": told | measured(stack, number, seconds)}

        report, seconds = imported(api, text, mode="upsert", matchBy="customerRef")
        counts = {name: report[name] for name in ("created", "updated", "unchanged", "failed")}
        assert counts == {"created": 0, "updated": 0, "unchanged": number - bad, "failed": bad}, counts
        # A change is a new version, and an event comes from nothing else.
        assert customers(stack) == before
        yield {"unchanged": measured(stack, number, seconds)}

        exported, seconds = export(api)
        assert len(exported) == number - bad
        yield {"exported": measured(stack, len(exported), seconds)}

    # The emulator keeps some 40 KB of each customer in memory, and each of their changes.
    with tempfile.TemporaryDirectory() as directory, LocalStack(Path(directory), ephemeral=True) as stack:
        copy = tenant(stack, "elsewhere")
        text = "".join(json.dumps(one) + "\n" for one in exported.values())
        report, seconds = imported(copy, text, format="jsonl", mode="create", restore=True)
        assert report["created"] == len(exported), report
        assert without_ids(export(copy)[0]) == without_ids(exported)
        yield {"restored": measured(stack, len(exported), seconds)}


def measured(stack: LocalStack, number: int, seconds: float) -> dict[str, int]:
    """The rate, and the most memory that an import worker of now has had."""
    memory = max(map(peak_megabytes, workers(stack)), default=0)
    return {"rowsPerSecond": round(number / seconds), "workerPeakMegabytes": memory}


def tenant(stack: LocalStack, tenant_id: str) -> HttpApi:
    """The API as a new tenant."""
    stack.tenants.register(tenant_id)
    return HttpApi(tenant_id, stack.url, stack.tenants.issue_token(tenant_id, seconds=36_000))


def export(api: HttpApi) -> tuple[dict[str, dict[str, Any]], float]:
    """All customers of an export by reference, and the seconds it took."""
    began = time.monotonic()
    url = api.post(EXPORTS, json_body={"format": "jsonl"}).headers["location"]
    while (reply := patiently(api, url)).json["status"] != "completed":
        time.sleep(0.5)
    seconds = time.monotonic() - began
    assert "link" not in reply.headers, "more files than one answer names"
    found: dict[str, dict[str, Any]] = {}
    for file in reply.json["files"]:
        with urllib.request.urlopen(file["url"]) as answer:
            lines = gzip.decompress(answer.read()).splitlines()
        found |= {one["customerRef"]: one for one in map(json.loads, lines)}
    return found, seconds


def without_ids(exported: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What is the customers' own; an id is the tenant's."""
    return {
        ref: {name: value for name, value in one.items() if name != "id"} for ref, one in exported.items()
    }


def imported(api: HttpApi, text: str, **options: Any) -> tuple[dict[str, Any], float]:
    """The report of a file's import with its files' contents, and the seconds it took."""
    asked = {"format": "csv", "mapping": MAPPING} if "format" not in options else {}
    one = api.post(IMPORTS, json_body={"size": len(text.encode()), **asked, **options}).json
    began = time.monotonic()
    sent = request("POST", one["upload"]["url"], form(one["upload"]["fields"], text), FORM)
    assert sent.status in {200, 204}, sent.text
    url = f"{IMPORTS}/{one['importId']}"
    while (report := patiently(api, url).json)["state"] in UNDER_WAY:
        time.sleep(0.5)
    assert report["state"] == "completed", report
    return dict(report), time.monotonic() - began


def patiently(api: HttpApi, url: str) -> Reply:
    """The answer of an emulator that is busy with the imports of so many."""
    while True:
        with contextlib.suppress(TimeoutError):
            return api.get(url)


def compare_report(report: dict[str, Any], made: list[Expected]) -> None:
    """Each row has one result, and it is the right one; the rows that failed are as they came."""
    bad = [at for at, one in enumerate(made, 1) if one.customer is None]
    assert (report["received"], report["failed"]) == (len(made), len(bad)), report
    assert report["created"] == len(made) - len(bad), report
    told = [json.loads(line) for link in report["files"]["results"] for line in fetched(link).splitlines()]
    assert [one["row"] for one in told] == list(range(1, len(made) + 1))
    assert [one["row"] for one in told if one["status"] == "failed"] == bad
    failed = []
    for link in report["files"]["failed"]:
        failed += list(csv.reader(io.StringIO(fetched(link), newline="")))[1:]
    assert [int(row[0]) for row in failed] == bad
    for row, at in zip(failed, bad, strict=True):
        cells = [cell.removeprefix("'") if cell.startswith("'=") else cell for cell in row[4:]]
        assert tuple(cells) == made[at - 1].cells


def fetched(url: str) -> str:
    """What stands at a signed address."""
    return request("GET", url, None, {}).text.removeprefix("\ufeff")


def customers(stack: LocalStack) -> dict[str, dict[str, Any]]:
    """All customers as they are stored, by reference."""
    dynamodb = stack.emulator.client("dynamodb")
    (table,) = [name for name in dynamodb.list_tables()["TableNames"] if "Customers" in name]
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = [unmarshal(item) for page in pages for item in page["Items"]]
    return {item["customerRef"]: item for item in items}


def compare_customers(stored: dict[str, dict[str, Any]], made: list[Expected]) -> None:
    """The customers are those of the file, and no others."""
    expected = {one.cells[1]: one.customer for one in made if one.customer}
    shown = {
        ref: {
            "email": item["email"],
            "firstName": item.get("firstName"),
            "city": item["addresses"][0]["city"] if item.get("addresses") else None,
            "news": item.get("optin_preferences", {}).get("email", {}).get("opt_in_active", False),
        }
        for ref, item in stored.items()
    }
    assert shown == expected
    assert {item["version"] for item in stored.values()} == {1}


@contextmanager
def killing(stack: LocalStack, every: float) -> Iterator[list[int]]:
    """Kill a process of the import worker every so many seconds, about; those that were killed."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while not over.wait(random.uniform(0.5, 1.5) * every):
            for pid in workers(stack)[:1]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)

    thread = threading.Thread(target=kill)
    if every:
        thread.start()
    try:
        yield killed
    finally:
        over.set()
        if every:
            thread.join()


def workers(stack: LocalStack) -> list[int]:
    """The processes of this stack's import worker, and of no other's."""
    ours, found = str(stack.emulator.access.endpoint_url).encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            environment = (process / "environ").read_bytes()
            # The emulator's own process has the address too, but no function's name.
            if (
                ours in environment
                and b"ImportRows" in environment
                and b"AWS_LAMBDA_FUNCTION_NAME" in environment
            ):
                found.append(int(process.name))
    return random.sample(found, len(found))


def peak_megabytes(pid: int) -> int:
    """The most memory that a process has ever had."""
    status = Path(f"/proc/{pid}/status").read_text()
    (kilobytes,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(kilobytes) // 1024


def main() -> None:
    """Run it and print what was measured, a part a line, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kill-every", type=float, default=10.0, help="seconds; 0 for never")
    arguments = parser.parse_args()
    for part in run(arguments.rows, arguments.seed, arguments.kill_every):
        print(json.dumps(part), flush=True)


if __name__ == "__main__":
    main()
