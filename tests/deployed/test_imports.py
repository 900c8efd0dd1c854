"""Files over HTTP: announced, sent to a signed address, imported, what failed corrected and sent again."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from infra.routes import IMPORTS
from tests.api import CUSTOMERS
from tests.builders import new_email
from tests.deployed.conditions import eventually
from tests.deployed.http_api import HttpApi, request

BOUNDARY = "----boundary"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
UNDER_WAY = {"awaiting_upload", "splitting", "checking", "processing"}


def form(fields: Mapping[str, str], content: str) -> str:
    """The form that sends a file (AWS: browser-based uploads, POST)."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    return f"{''.join(parts)}{head}{content}\r\n--{BOUNDARY}--\r\n"


def sent(api: HttpApi, content: str, **options: Any) -> str:
    """Announce a file and send it; the import's address."""
    body = {"format": "csv", "size": len(content.encode()), **options}
    reply = api.post(IMPORTS, json_body=body)
    assert reply.status == 201, reply.text
    upload = reply.json["upload"]
    answer = request("POST", upload["url"], form(upload["fields"], content), FORM)
    assert answer.status in {200, 204}, answer.text
    return f"{IMPORTS}/{reply.json['importId']}"


def ended(api: HttpApi, url: str) -> dict[str, Any]:
    """The report once the import has ended."""

    def report() -> dict[str, Any] | None:
        found: dict[str, Any] = api.get(url).json
        return None if found["state"] in UNDER_WAY else found

    return eventually(report)


def read(url: str) -> str:
    """What stands at a presigned address."""
    return request("GET", url, None, {}).text.removeprefix("\ufeff")


def test_a_file_is_imported_and_what_failed_is_corrected_and_sent_again(api: HttpApi) -> None:
    tag = new_email()
    rows = [f'{n}-{tag},{n}-{tag},"Zoë\n{n}"' for n in range(500)]
    rows[7] = f"nobody,7-{tag},Seven"
    text = "\n".join(["E-mail,customerRef,firstName", *rows])

    url = sent(api, text, mapping={"E-mail": "email"})
    report = ended(api, url)

    assert (report["state"], report["received"]) == ("completed", 500), report
    assert (report["created"], report["failed"]) == (499, 1)
    assert api.get(f"{CUSTOMERS}/499-{tag}/ref").json["firstName"] == "Zoë\n499"
    told = [json.loads(line) for link in report["files"]["results"] for line in read(link).splitlines()]
    assert [one["row"] for one in told] == list(range(1, 501))
    (failed,) = report["files"]["failed"]

    again = ended(api, sent(api, read(failed).replace("nobody", f"7-{tag}"), mapping={"E-mail": "email"}))

    assert (again["state"], again["created"], again["failed"]) == ("completed", 1, 0)
    assert api.get(f"{CUSTOMERS}/7-{tag}/ref").json["firstName"] == "Seven"


def test_upserted_twice_a_file_changes_nothing(api: HttpApi) -> None:
    tag = new_email()
    text = "\n".join(["email,customerRef,phone", *(f"{n}-{tag},{n}-{tag},{n}" for n in range(100))])

    first = ended(api, sent(api, text, mode="upsert", matchBy="customerRef", partial=False))
    version = api.get(f"{CUSTOMERS}/7-{tag}/ref").headers["etag"]
    second = ended(api, sent(api, text, mode="upsert", matchBy="customerRef"))

    assert (first["created"], second["unchanged"]) == (100, 100)
    assert api.get(f"{CUSTOMERS}/7-{tag}/ref").headers["etag"] == version


def test_a_file_of_another_size_is_not_taken(api: HttpApi) -> None:
    upload = api.post(IMPORTS, json_body={"format": "csv", "size": 100}).json["upload"]

    assert request("POST", upload["url"], form(upload["fields"], "x" * 99), FORM).status == 400


@pytest.mark.parametrize("cancelled", [True, False])
def test_a_large_file_comes_in_parts(api: HttpApi, cancelled: bool) -> None:
    one = api.post(IMPORTS, json_body={"format": "jsonl", "size": 100_000_001}).json
    url = f"{IMPORTS}/{one['importId']}"
    assert [part["size"] for part in one["upload"]["parts"]] == [67_108_864, 32_891_137]
    first = one["upload"]["parts"][0]
    # A row at the end, in the second part: what nothing stands in costs nobody anything.
    row = json.dumps({"email": new_email()})
    content = (" " * 200_000 + "\n") * 500
    content = content[: 100_000_001 - len(row)] + row
    answer = request("PUT", first["url"], content[: first["size"]], {})
    assert answer.status == 200, answer.text
    (second,) = api.post(f"{url}/upload").json["upload"]["parts"]
    assert second["part"] == 2
    if cancelled:
        assert api.delete(url).json["state"] == "cancelled"
        assert "upload" not in api.post(f"{url}/upload").json
        return

    assert request("PUT", second["url"], content[second["start"] :], {}).status == 200
    api.post(f"{url}/upload")

    report = ended(api, url)
    assert (report["state"], report["created"]) == ("completed", 1), report


def test_an_import_is_seen_by_its_own_tenant_alone(api: HttpApi, other_api: HttpApi) -> None:
    url = sent(api, "email\nx\n")

    assert other_api.get(url).status == 404
    assert ended(api, url)["failed"] == 1
