"""What holds on every route: who may call, what an answer looks like, what a fault does, what is logged."""

import io
import json
import time
from typing import Any

import pytest

from functions.shared import dynamo
from functions.shared.cors import RESPONSE_HEADERS
from tests.api import Api, Reply, gateway_event, handler_module
from tests.builders import SECRETS
from tests.every_route.conftest import ROUTES, Call
from tests.trust.state import everything

CORS = {name.lower(): value for name, value in RESPONSE_HEADERS.items()}

REFERENCE = "https://abc123.execute-api.ap-southeast-2.amazonaws.com/v1/services/customerservice/docs"

pytestmark = pytest.mark.parametrize("route", ROUTES)


def assert_error(reply: Reply, status: int, code: str) -> None:
    assert (reply.status, reply.json["code"]) == (status, code), reply.text
    assert reply.json.keys() <= {"message", "code", "errors", "requestId", "documentation"}
    assert reply.json["message"]
    assert reply.json["requestId"]
    assert reply.json["documentation"] == f"{REFERENCE}#{code}"
    assert reply.headers["content-type"] == "application/json"
    assert {**reply.headers, **CORS} == reply.headers


def call_with_context(call: Call, **authorizer: str) -> Reply:
    text = None if call.json_body is None else json.dumps(call.json_body)
    event = gateway_event(call.method, call.url, text=text, tenant=None)
    event["requestContext"]["authorizer"] = authorizer
    return Reply.of(handler_module(call.method, event["resource"]).handler(event, None))


def test_a_good_request_succeeds_and_may_be_read_by_browsers(
    route: str, calls: dict[str, Call], api: Api
) -> None:
    reply = calls[route].by(api)

    assert 200 <= reply.status < 300, reply.text
    assert {**reply.headers, **CORS} == reply.headers


def test_a_request_that_names_no_tenant_is_unauthorized(
    route: str, calls: dict[str, Call], dynamo_calls: list[str]
) -> None:
    dynamo_calls.clear()

    assert_error(calls[route].by(Api(None)), 401, "unauthorized")
    assert_error(call_with_context(calls[route], tenantId=""), 401, "unauthorized")
    assert dynamo_calls == []


def test_a_token_that_ended_while_the_gateway_remembered_it_is_unauthorized(
    route: str, calls: dict[str, Call], dynamo_calls: list[str]
) -> None:
    dynamo_calls.clear()

    reply = call_with_context(calls[route], tenantId="demo", tokenExpiresAt=str(int(time.time())))

    assert_error(reply, 401, "unauthorized")
    assert dynamo_calls == []


def test_another_tenant_sees_and_changes_nothing(route: str, calls: dict[str, Call], api: Api) -> None:
    before = everything("demo")

    reply = calls[route].by(Api("other"))

    assert everything("demo") == before
    assert reply.status in {200, 201, 202, 404}
    if reply.status == 200:
        assert reply.json in ([], {"deleted": 0}, {"valid": True})


def test_a_fault_at_any_call_is_an_answer_that_gives_nothing_away(
    route: str,
    calls: dict[str, Call],
    api: Api,
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is busy or lost is tried in `tests/trust`; this is what nobody thought of."""
    real = dynamo.call
    made: list[str] = []

    def failing(operation: str, **arguments: Any) -> Any:
        made.append(operation)
        if len(made) == failing_call:
            raise RuntimeError("private.ann@example.com")
        return real(operation, **arguments)

    monkeypatch.setattr(dynamo, "call", failing)
    for failing_call in range(1, 10):
        made.clear()
        reply = calls[route].by(api)
        if len(made) < failing_call:
            break
        assert_error(reply, 500, "internal_error")
        assert "private" not in reply.text.lower()
    assert failing_call > 1
    assert_nothing_personal(log)


def test_nothing_personal_is_logged(route: str, calls: dict[str, Call], api: Api, log: io.StringIO) -> None:
    calls[route].by(api)
    calls[route].by(api)
    api.send(calls[route].method, calls[route].url, text='{"email":"private","note":{"private":1}}')

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["route"] for line in lines if line["message"] == "request"] == [route] * 3
    assert_nothing_personal(log)


def assert_nothing_personal(log: io.StringIO) -> None:
    # The code's own frames may say what a value is called, never what it is.
    text = log.getvalue().lower()
    assert text
    for secret in SECRETS:
        assert secret not in text


def test_every_read_of_a_table_sees_every_write(
    route: str, calls: dict[str, Call], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index is always late; what it finds is read again from the table."""
    real = dynamo.call
    stale: list[str] = []

    def call(operation: str, **arguments: Any) -> Any:
        for read in arguments.get("RequestItems", {"": arguments}).values():
            reads = operation in {"get_item", "batch_get_item", "query"} and "IndexName" not in read
            if reads and not read.get("ConsistentRead"):
                stale.append(operation)
        return real(operation, **arguments)

    monkeypatch.setattr(dynamo, "call", call)
    calls[route].by(api)

    assert stale == []
