"""All customers of a tenant over HTTP: a listing, and an export whose files are read at their addresses."""

import gzip
import hashlib
import json
import urllib.request
import uuid
from typing import Any

import pytest

from infra.local.stack import STAGE, LocalStack
from infra.restore.listing import reindex
from infra.restore.rows import Tables
from infra.restore.tables import deployed_tables
from infra.settings import FILES_BUCKET_OUTPUT
from tests.api import CUSTOMERS, EXPORTS, UPLOADS
from tests.builders import document_sample, new_email
from tests.deployed.conditions import eventually
from tests.deployed.http_api import HttpApi, request


@pytest.fixture
def tenant(stack: LocalStack) -> HttpApi:
    """The API as a tenant of each test's own."""
    tenant_id = f"exporting-{uuid.uuid4().hex[:8]}"
    stack.tenants.register(tenant_id)
    return HttpApi(tenant_id, stack.url, stack.tenants.issue_token(tenant_id, seconds=3600))


@pytest.fixture
def customers(tenant: HttpApi) -> dict[str, dict[str, Any]]:
    """300 customers by their id."""
    rows = [
        document_sample(email=f"{n}-{new_email()}", customerRef=str(n), alternateCustomerRef=f"A{n}")
        for n in range(300)
    ]
    url = f"{UPLOADS}/{tenant.post(UPLOADS, json_body=rows).json['uploadId']}"
    eventually(lambda: tenant.get(url).json["status"] == "completed")
    return eventually(lambda: found if len(found := listed(tenant)) == 300 else None)


def listed(api: HttpApi) -> dict[str, dict[str, Any]]:
    """All customers of the listing by their id, each there once."""
    found: list[dict[str, Any]] = []
    url: str | None = f"{CUSTOMERS}?limit=70"
    while url:
        reply = api.get(url)
        found += reply.json
        url = reply.headers["link"].split(">")[0][1:] if "link" in reply.headers else None
    by_id = {customer["id"]: customer for customer in found}
    assert len(by_id) == len(found)
    return by_id


def completed(api: HttpApi, url: str) -> dict[str, Any]:
    def done() -> dict[str, Any] | None:
        export: dict[str, Any] = api.get(url).json
        return export if export["status"] == "completed" else None

    return eventually(done)


def fetched(url: str) -> bytes:
    """What anybody who has the address gets."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310  an address of the stack's own
        content: bytes = answer.read()
        return content


def test_a_listing_and_an_export_have_every_customer(
    stack: LocalStack, tenant: HttpApi, other_api: HttpApi, customers: dict[str, dict[str, Any]]
) -> None:
    begun = tenant.post(EXPORTS, json_body={"format": "jsonl"})
    assert begun.status == 202
    url = begun.headers["location"]
    export = completed(tenant, url)

    assert export["customers"] == 300
    contents = [fetched(file["url"]) for file in export["files"]]
    assert all(file["url"].startswith(f"{stack.emulator.url}/") for file in export["files"])
    for file, content in zip(export["files"], contents, strict=True):
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    lines = [line for content in contents for line in gzip.decompress(content).decode().splitlines()]
    assert len(lines) == 300
    assert {one["id"]: one for one in map(json.loads, lines)} == customers

    foreign = url.partition("/services")[2]
    assert other_api.get(f"/services{foreign}").status == 404
    assert other_api.delete(f"/services{foreign}").status == 404


def test_customers_of_before_are_listed_once_they_are_reindexed(
    stack: LocalStack, tenant: HttpApi, customers: dict[str, dict[str, Any]]
) -> None:
    dynamodb = stack.emulator.resource("dynamodb")
    names = deployed_tables(stack.emulator.client("cloudformation"), STAGE)
    before = min(customers)
    dynamodb.Table(names["customers"]).update_item(
        Key={"customerKey": f"{tenant.tenant}#{before}"},
        UpdateExpression="REMOVE #bucket",
        ExpressionAttributeNames={"#bucket": "bucket"},
    )
    assert eventually(lambda: before not in listed(tenant))

    assert reindex(Tables(dynamodb.meta.client, names)) == 1

    assert eventually(lambda: listed(tenant) == customers)


def test_an_export_goes_with_its_files_and_a_deleted_customer_with_the_file_it_is_in(
    stack: LocalStack, tenant: HttpApi, customers: dict[str, dict[str, Any]]
) -> None:
    url = tenant.post(EXPORTS, json_body={"format": "csv", "fields": ["id"]}).headers["location"]
    export = completed(tenant, url)
    gone = min(customers)
    (address,) = (
        one["url"] for one in export["files"] if gone.encode() in gzip.decompress(fetched(one["url"]))
    )

    assert tenant.delete(f"{CUSTOMERS}/{gone}").status == 204

    def withdrawn() -> bool:
        return [file for file in tenant.get(url).json["files"] if "deletedDate" in file] != []

    assert eventually(withdrawn)
    # S3 tells nobody who may not list the bucket whether a file was there.
    assert eventually(lambda: request("GET", address, None, {}).status in {403, 404})
    assert gone not in listed(tenant)

    assert tenant.delete(url).status == 204
    left = stack.emulator.client("s3").list_objects_v2(
        Bucket=stack.outputs[FILES_BUCKET_OUTPUT],
        Prefix=f"exports/{tenant.tenant}/{export['exportId']}/",
    )
    assert "Contents" not in left
    assert tenant.get(url).status == 404
