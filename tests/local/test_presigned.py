"""The public door to the bucket of files: what a function has signed, and nothing else, goes through."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import boto3
import pytest
from botocore.config import Config

from infra.local.access import REGION, ROOT
from infra.local.presigned import MAX_FILE_BYTES
from infra.local.stack import LocalStack
from infra.settings import FILES_BUCKET_OUTPUT
from tests.api import Reply
from tests.deployed.http_api import request

KEY = "exports/somebody's/file 1.txt"
ROOT_SAYS = f"AWS4-HMAC-SHA256 Credential={ROOT}/20261127/{REGION}/s3/aws4_request"
BOUNDARY = "----boundary"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@pytest.fixture(scope="module")
def bucket(stack: LocalStack) -> str:
    """The bucket of files."""
    return stack.outputs[FILES_BUCKET_OUTPUT]


def signing(stack: LocalStack, **credentials: str) -> Any:
    """An S3 client that signs for the public door."""
    style = Config(signature_version="s3v4", s3={"addressing_style": "path"})
    return boto3.client(  # type: ignore[call-overload]
        "s3", region_name=REGION, endpoint_url=stack.emulator.url, config=style, **credentials
    )


@pytest.fixture(scope="module")
def role(stack: LocalStack, bucket: str) -> Iterator[Any]:
    """An S3 client of a role that may do with exports what a function may."""
    iam = stack.emulator.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    may = {
        "Effect": "Allow",
        "Action": ["s3:PutObject", "s3:GetObject"],
        "Resource": f"arn:aws:s3:::{bucket}/exports/*",
    }
    arn = iam.create_role(RoleName="signer", AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="signer", PolicyName="files", PolicyDocument=policy(may))
    session = stack.emulator.client("sts").assume_role(RoleArn=arn, RoleSessionName="signer")["Credentials"]
    yield signing(
        stack,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    iam.delete_role_policy(RoleName="signer", PolicyName="files")
    iam.delete_role(RoleName="signer")


@pytest.fixture(scope="module")
def root(stack: LocalStack) -> Any:
    """An S3 client of the emulator's root, whose secret everybody knows."""
    return signing(stack, aws_access_key_id=ROOT, aws_secret_access_key=ROOT)


def policy(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def address(client: Any, operation: str, bucket: str, key: str = KEY, seconds: int = 60) -> str:
    signed: str = client.generate_presigned_url(operation, {"Bucket": bucket, "Key": key}, ExpiresIn=seconds)
    return signed


def form(client: Any, bucket: str, key: str, most: int = 100) -> dict[str, str]:
    fields: dict[str, str] = client.generate_presigned_post(
        bucket, key, Conditions=[["content-length-range", 1, most]]
    )["fields"]
    return fields


def part(name: str, value: str, more: str = "") -> str:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'


def written(fields: Mapping[str, str], after: str = "", file: str = "text") -> str:
    before = "".join(part(name, value) for name, value in fields.items())
    last = part("file", file, '; filename="x"')
    return f"{before}{last}{after}--{BOUNDARY}--\r\n"


def kept(stack: LocalStack, bucket: str) -> set[str]:
    """The keys of all files."""
    found = stack.emulator.client("s3").list_objects_v2(Bucket=bucket).get("Contents", ())
    return {one["Key"] for one in found}


def test_a_signed_address_writes_and_reads_a_file_from_any_page(
    stack: LocalStack, role: Any, bucket: str
) -> None:
    page = {"Origin": "http://shop.example"}
    ask = {**page, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    put, get = address(role, "put_object", bucket), address(role, "get_object", bucket)

    allowed = request("OPTIONS", put, None, ask)
    wrote = request("PUT", put, "héllo", page)
    read = request("GET", get, None, page)
    part_of_it = request("GET", get, None, {"Range": "bytes=0-0"})

    assert [one.status for one in (allowed, wrote, read, part_of_it)] == [200, 200, 200, 206]
    assert [read.text, part_of_it.text] == ["héllo", "h"]
    assert {one.headers["access-control-allow-origin"] for one in (allowed, wrote, read)} == {"*"}
    assert wrote.headers["access-control-expose-headers"] == "ETag"


def test_a_signed_form_writes_a_file_no_larger_than_it_says(
    stack: LocalStack, role: Any, bucket: str
) -> None:
    url, fields = f"{stack.emulator.url}/{bucket}", form(role, bucket, "exports/form.txt", most=5)

    assert request("POST", url, written(fields, file="x" * 6), FORM).status == 400
    assert "exports/form.txt" not in kept(stack, bucket)
    assert request("POST", url, written(fields, file="x" * 5), FORM).status == 204
    assert "exports/form.txt" in kept(stack, bucket)


def test_a_signature_is_for_its_file_its_method_and_its_time_alone(
    stack: LocalStack, role: Any, bucket: str
) -> None:
    get = address(role, "get_object", bucket)
    other = get.replace(quote(KEY.rpartition("/")[2]), "other.txt")
    assert other != get
    refused = [
        request("GET", other, None, {}),
        request("PUT", get, "text", {}),
        request("GET", f"{get}&response-content-type=text/html", None, {}),
        request("GET", address(role, "get_object", bucket, seconds=-1), None, {}),
        # A header that S3 would believe is not seen.
        request("GET", f"{get}0", None, {"Authorization": ROOT_SAYS}),
        # What the role may not do is not granted by a signature either.
        request("PUT", address(role, "put_object", bucket, "imports/x"), "text", {}),
    ]
    assert [one.status for one in refused] == [403, 403, 403, 400, 403, 403]
    assert kept(stack, bucket) <= {KEY, "exports/form.txt"}


def attacks(stack: LocalStack, role: Any, root: Any, bucket: str) -> dict[str, Reply]:
    """What strangers try, and what they are told."""
    base, path = stack.emulator.url, f"/{bucket}/{quote(KEY)}"
    query = urlsplit(address(role, "get_object", bucket)).query
    put = urlsplit(address(role, "put_object", bucket)).query
    everything = root.generate_presigned_url("list_objects_v2", {"Bucket": bucket})
    rights, mine = form(root, bucket, "exports/evil"), form(role, bucket, "exports/mine")
    scan = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}

    def send(method: str, url: str, body: str | None = None, **headers: str) -> Reply:
        return request(method, url, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def post(fields: Mapping[str, str], after: str = "", before: str = "") -> Reply:
        return request("POST", f"{base}/{bucket}", before + written(fields, after), FORM)

    return {
        "reading it as nobody": send("GET", base + path),
        "listing it as nobody": send("GET", f"{base}/{bucket}"),
        "listing it as nobody, with a slash": send("GET", f"{base}/{bucket}/?list-type=2"),
        "writing as nobody": send("PUT", base + path, "evil"),
        "deleting it as nobody": send("DELETE", base + path),
        "a header for root": send("GET", base + path, Authorization=ROOT_SAYS),
        "a header that is none": send("GET", base + path, Authorization="x"),
        "root's signature": send("GET", address(root, "get_object", bucket)),
        "root's signature for writing": send("PUT", address(root, "put_object", bucket), "evil"),
        "root's signature for the list": send("GET", everything),
        "root's signature, spelt otherwise": send(
            "GET", f"{base}{path}?{urlsplit(address(root, 'get_object', bucket)).query.lower()}"
        ),
        "two credentials": send("GET", f"{base}{path}?X-Amz-Credential=test/2/3/s3/aws4_request&{query}"),
        "two credentials, spelt otherwise": send(
            "GET", f"{base}{path}?x-amz-credential=test/2/3/s3/aws4_request&{query}"
        ),
        "an older signature": send("GET", f"{base}{path}?AWSAccessKeyId=test&Signature=x&Expires=9999999999"),
        "a signature without its session": send(
            "GET", f"{base}{path}?{'&'.join(one for one in query.split('&') if 'Security' not in one)}"
        ),
        "an action beside it": send("GET", f"{base}{path}?{query}&acl"),
        "deleting by a signature for writing": send("DELETE", f"{base}{path}?{put}"),
        "the bucket's policy by it": send("PUT", f"{base}/{bucket}?policy&{put}", "{}"),
        "another bucket": send("GET", address(role, "get_object", "another-bucket")),
        "another bucket's assets": send(
            "GET", f"{base}/cdk-hnb659fds-assets-000000000000-{REGION}/x?{query}"
        ),
        "up and out": send("GET", f"{base}/{bucket}/../_ministack/health?{query}"),
        "up and out, encoded": send("GET", f"{base}/{bucket}/%2e%2e/_ministack/health?{query}"),
        "up and out, encoded whole": send("GET", f"{base}/{bucket}%2f..%2f_ministack%2fhealth?{query}"),
        "two slashes": send("GET", f"{base}//{bucket}/{quote(KEY)}?{query}"),
        "its name and more": send("GET", f"{base}/{bucket}x/{quote(KEY)}?{query}"),
        "another service's target": send("POST", f"{base}/{bucket}?{query}", "{}", **scan),
        "another service's action": send("GET", f"{base}{path}?Action=ListQueues&{query}"),
        "a form without a signature": post({"key": "exports/evil"}),
        "root's form": post(rights),
        "root's fields behind the file": post(mine, after="".join(part(*field) for field in rights.items())),
        "root's fields before": post({**rights, **{name.upper(): value for name, value in mine.items()}}),
        "root's fields in one": post(
            {**mine, "x-ignore": f"\r\n{part('X-Amz-Credential', 'test/1/2/s3/x')}"}
        ),
        "a field with two names": post(
            mine, before=f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a"; name=key\r\n\r\nx\r\n'
        ),
        "a form in an address": request(
            "POST", f"{base}/{bucket}?{put}", written(form(role, bucket, "exports/a")), FORM
        ),
    }


def test_a_stranger_reaches_no_file(stack: LocalStack, role: Any, root: Any, bucket: str) -> None:
    stack.emulator.client("s3").put_object(Bucket=bucket, Key=KEY, Body=b"secret")
    before = kept(stack, bucket)

    for name, reply in attacks(stack, role, root, bucket).items():
        assert reply.status == 404, name
        assert reply.json["code"] == "not_found", name
        assert "secret" not in reply.text, name

    assert kept(stack, bucket) == before


def test_a_page_that_rebound_its_name_has_no_use_of_a_signature(
    stack: LocalStack, role: Any, bucket: str
) -> None:
    port = urlsplit(stack.emulator.url).port
    reply = request("GET", address(role, "get_object", bucket), None, {"Host": f"evil.example:{port}"})
    assert reply.status == 421


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_file_that_is_too_large_is_refused(
    stack: LocalStack, role: Any, bucket: str, method: str, tmp_path: Path
) -> None:
    large = "x" * (MAX_FILE_BYTES + 1)
    if method == "PUT":
        reply = request("PUT", address(role, "put_object", bucket, "exports/large"), large, {})
    else:
        body = written(form(role, bucket, "exports/large", most=2 * MAX_FILE_BYTES), file=large)
        reply = request("POST", f"{stack.emulator.url}/{bucket}", body, FORM)

    assert reply.status == 413
    assert "exports/large" not in kept(stack, bucket)
