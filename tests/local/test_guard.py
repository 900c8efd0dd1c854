"""The guard: everybody on this machine reaches our API, only this stack's own programs the emulator."""

import asyncio
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.local.emulator import Emulator
from infra.local.guard import AT_ONCE, MAX_BODY_BYTES, Guard
from infra.local.stack import LocalStack
from infra.settings import TENANTS_TABLE_OUTPUT
from tests.api import CUSTOMERS, Reply
from tests.deployed.http_api import HttpApi, at_once, request

SEARCH = f"{CUSTOMERS}/search?email=nobody@example.com"

SCAN = {"X-Amz-Target": "DynamoDB_20120810.Scan", "Content-Type": "application/x-amz-json-1.0"}
ACCOUNT = "AWS4-HMAC-SHA256 Credential=000000000000/20261127/ap-southeast-2/dynamodb/aws4_request"

FUNCTION = json.dumps(
    {
        "FunctionName": "stranger",
        "Runtime": "python3.14",
        "Role": "arn:aws:iam::000000000000:role/stranger",
        "Handler": "index.handler",
        "Code": {"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="},
    }
)


@dataclass(frozen=True)
class Wish:
    """A request that MiniStack by itself grants to whoever sends it; `TABLE` stands for a table's name."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


def as_root(service: str) -> str:
    """A query that MiniStack takes for one that root signed."""
    credential = f"test/20261127/ap-southeast-2/{service}/aws4_request"
    return f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}"


READS = {
    "its health": Wish("GET", "/_ministack/health"),
    "a table, by a header it cannot read": Wish(
        "POST", "/", {**SCAN, "Authorization": "x"}, '{"TableName": "TABLE"}'
    ),
    "a table, as an account": Wish("POST", "/", {**SCAN, "Authorization": ACCOUNT}, '{"TableName": "TABLE"}'),
    "the queues, by an address": Wish("GET", f"/?Action=ListQueues&{as_root('sqs')}"),
    "the functions, by an address": Wish("GET", f"/2015-03-31/functions?{as_root('lambda')}"),
    "the stacks, by a form": Wish("POST", f"/?Action=DescribeStacks&{as_root('cloudformation')}"),
    "any header for any page": Wish("OPTIONS", "/", {"Access-Control-Request-Method": "POST"}),
}
CHANGES = {
    "wiping all": Wish("POST", "/_ministack/reset"),
    "another executor": Wish("POST", "/_ministack/config", body='{"lambda_svc.LAMBDA_EXECUTOR": "docker"}'),
    "running code": Wish("POST", f"/2015-03-31/functions?{as_root('lambda')}", body=FUNCTION),
}
WISHES = READS | CHANGES

STRANGERS: dict[str, Mapping[str, str]] = {
    "a program": {},
    "a page of another origin": {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
    "a form of another origin": {"Origin": "http://evil.example", "Content-Type": "text/plain"},
    "a page that rebound its name": {"Host": "evil.example:PORT", "Origin": "http://evil.example:PORT"},
    "an image in a page": {"Sec-Fetch-Mode": "no-cors", "Referer": "http://evil.example/"},
}


@pytest.fixture(scope="module")
def api(stack: LocalStack) -> HttpApi:
    """The API as a tenant."""
    stack.tenants.register("demo")
    return HttpApi("demo", stack.url, stack.tenants.issue_token("demo", seconds=3600))


@pytest.fixture(scope="module")
def functions(stack: LocalStack) -> Any:
    """The emulator's Lambda, with every right."""
    return stack.emulator.client("lambda")


@pytest.fixture(params=["public", "private"])
def door(request: pytest.FixtureRequest, stack: LocalStack) -> str:
    """The address of each door, without its key."""
    parts = urlsplit(stack.emulator.url if request.param == "public" else stack.emulator.access.endpoint_url)
    return f"{parts.scheme}://{parts.netloc}"


def send(stack: LocalStack, base: str, wish: Wish, headers: Mapping[str, str]) -> Reply:
    """The wish, as a stranger with these headers sends it."""
    port = str(urlsplit(base).port)
    sent = {name: value.replace("PORT", port) for name, value in {**wish.headers, **headers}.items()}
    body = wish.body and wish.body.replace("TABLE", stack.outputs[TENANTS_TABLE_OUTPUT])
    return request(wish.method, base + wish.path, body, sent)


def raw(url: str, *lines: str, body: bytes = b"") -> str:
    """What answers to exactly these lines, until it closes the connection."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall("\r\n".join((*lines, "", "")).encode() + body)
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


@pytest.mark.parametrize("wish", READS.values(), ids=READS)
def test_with_the_key_all_of_it_is_there(stack: LocalStack, wish: Wish) -> None:
    assert send(stack, stack.emulator.access.endpoint_url, wish, {}).status == 200


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_a_stranger_reaches_nothing_of_the_emulator(
    stack: LocalStack, functions: Any, door: str, wish: Wish, stranger: Mapping[str, str]
) -> None:
    reply = send(stack, door, wish, stranger)

    assert reply.status == (421 if "Host" in stranger else 404)
    assert reply.json.keys() - {"documentation"} == {"message", "code", "requestId"}
    there = {one["FunctionName"] for one in functions.list_functions()["Functions"]}
    assert there
    assert "stranger" not in there


def test_not_even_the_key_lets_a_page_in(stack: LocalStack) -> None:
    for wish in WISHES.values():
        reply = send(stack, stack.emulator.access.endpoint_url, wish, {"Origin": "http://evil.example"})
        assert reply.status == 404
        assert "access-control-allow-origin" not in reply.headers


def test_a_wrong_key_is_none(stack: LocalStack) -> None:
    assert (
        request("GET", f"{stack.emulator.access.endpoint_url[:-1]}/_ministack/health", None, {}).status == 404
    )
    assert request("GET", f"{stack.emulator.access.endpoint_url}x/_ministack/health", None, {}).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/_aws/execute-api/API",
        "/_aws/execute-api/API/other/",
        "/_aws/execute-api/API/localx",
        "/_aws/execute-api/ffffffff/local/",
        "/_aws/execute-api/API/../../../_ministack/health",
        "//_aws/execute-api/API/local/",
        "/restapis/API/local/_user_request_/",
        "/_aws/execute-api/API/local/../../../../_ministack/health",
        "/_aws/execute-api/API/local/%2e%2e/%2e%2e/%2e%2e/%2e%2e/_ministack/health",
        "http://127.0.0.1/_ministack/health",
        "*",
    ],
)
def test_what_is_not_a_route_of_our_api_is_not_found_in_our_shape(stack: LocalStack, path: str) -> None:
    url = urlsplit(stack.url)
    target = path.replace("API", url.path.split("/")[3])

    answer = raw(stack.url, f"GET {target} HTTP/1.1", f"Host: {url.netloc}", "Connection: close")

    assert answer.startswith("HTTP/1.1 404")
    assert '"not_found"' in answer
    assert '"services"' not in answer


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LocalHost"])
def test_this_machine_answers_to_its_own_names(stack: LocalStack, api: HttpApi, name: str) -> None:
    assert api.get(SEARCH, headers={"Host": f"{name}:{urlsplit(stack.url).port}"}).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:PORT", "[::1]:PORT", ""]
)
def test_and_to_no_other(stack: LocalStack, api: HttpApi, host: str) -> None:
    reply = api.get(SEARCH, headers={"Host": host.replace("PORT", str(urlsplit(stack.url).port))})

    assert reply.status == 421
    assert reply.json["code"] == "misdirected_request"


@pytest.mark.parametrize(
    ("port", "host", "status"), [(80, "localhost", 503), (80, "localhost:80", 503), (81, "localhost", 421)]
)
def test_only_the_port_of_http_may_go_unmentioned(port: int, host: str, status: int) -> None:
    guard = Guard(unreached, private_port=1, key="k")
    scope = {
        "type": "http",
        "server": ("127.0.0.1", port),
        "headers": [(b"host", host.encode())],
        "path": "/",
    }
    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event)

    asyncio.run(guard(scope, unreached, send))

    assert sent[0]["status"] == status


async def unreached(*_: Any) -> Any:
    raise AssertionError


def test_a_request_without_a_host_is_for_nobody(stack: LocalStack) -> None:
    assert raw(stack.url, f"GET {urlsplit(stack.url).path}/ HTTP/1.0").startswith("HTTP/1.1 421")


def test_a_page_opens_no_websocket(stack: LocalStack) -> None:
    url = urlsplit(stack.url)
    answer = raw(
        stack.url,
        f"GET {url.path}/ HTTP/1.1",
        f"Host: {url.netloc}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    assert answer.startswith("HTTP/1.1 404")


def test_a_page_with_a_token_uses_our_api(api: HttpApi) -> None:
    page = {"Origin": "http://shop.example"}

    preflight = api.send("OPTIONS", CUSTOMERS, headers={**page, "Access-Control-Request-Method": "POST"})
    created = api.post(CUSTOMERS, json_body={"email": "page@example.com"}, headers=page)
    refused = api.get(SEARCH, headers={**page, "Authorization": "x"})

    assert [preflight.status, created.status, refused.status] == [204, 201, 401]
    assert {one.headers["access-control-allow-origin"] for one in (preflight, created, refused)} == {"*"}


def test_a_body_passes_up_to_the_gateways_limit(api: HttpApi) -> None:
    # The function's own refusal: it has seen the body.
    reply = api.post(CUSTOMERS, text="x" * MAX_BODY_BYTES)

    assert reply.status == 400
    assert "larger than 256 KB" in reply.json["message"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_larger_body_is_refused(stack: LocalStack, api: HttpApi, chunked: bool) -> None:
    url, size = urlsplit(stack.url), MAX_BODY_BYTES + 1
    body = b"x" * size
    answer = raw(
        stack.url,
        f"POST {url.path}{CUSTOMERS} HTTP/1.1",
        f"Host: {url.netloc}",
        "Connection: close",
        "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}",
        body=b"%x\r\n%b\r\n0\r\n\r\n" % (size, body) if chunked else body,
    )
    assert answer.startswith("HTTP/1.1 413")
    assert '"payload_too_large"' in answer


def test_more_at_once_than_are_answered_at_once_wait_their_turn(api: HttpApi) -> None:
    replies = at_once([lambda: api.get(SEARCH)] * (3 * AT_ONCE))

    assert {reply.status for reply in replies} == {200}


def test_what_the_emulator_itself_refuses_is_an_error_of_ours(functions: Any, api: HttpApi) -> None:
    (name,) = (
        one["FunctionName"]
        for one in functions.list_functions()["Functions"]
        if one["Handler"].endswith("search_customers.handler")
    )
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        reply = api.get(SEARCH)
    finally:
        functions.delete_function_concurrency(FunctionName=name)

    assert reply.status == 503
    assert reply.json.keys() - {"documentation"} == {"message", "code", "requestId"}
    assert reply.json["code"] == "unavailable"
    assert reply.headers["retry-after"] == "1"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert api.get(SEARCH).status == 200


def test_before_anything_is_opened_the_service_is_unavailable(tmp_path: Path) -> None:
    with Emulator(tmp_path) as emulator:
        closed = request("GET", f"{emulator.url}/_ministack/health", None, {})
        emulator.open("/_ministack/ready")
        opened = request("GET", f"{emulator.url}/_ministack/ready", None, {})
        beside = request("GET", f"{emulator.url}/_ministack/health", None, {})

    assert (closed.status, closed.headers["retry-after"]) == (503, "1")
    assert (opened.status, beside.status) == (200, 404)
