"""The door: what it takes, and what it says of each request."""

import io
import json
from typing import Any

import pytest

from functions.shared import clock
from functions.shared.endpoint import MAX_BODY_BYTES, Request, Response, endpoint
from functions.shared.errors import InvalidRequestError


def event(**authorizer: str) -> dict[str, Any]:
    return {
        "httpMethod": "GET",
        "resource": "/things/{id}",
        "requestContext": {"requestId": "r", "authorizer": {"tenantId": "demo", **authorizer}},
    }


def request(body: str) -> Request:
    return Request(tenant_id="demo", now=clock.now(), request_id="r", url="", body=body)


@pytest.mark.parametrize(("status", "code"), [(200, None), (304, None), (400, "wrong"), (500, "wrong")])
def test_each_request_is_logged_once(log: io.StringIO, status: int, code: str | None) -> None:
    endpoint()(lambda _: Response(status, {"code": "wrong"}))(event(), None)

    line = json.loads(log.getvalue())
    assert line["milliseconds"] >= 0
    assert {name: line.get(name) for name in ("route", "status", "code", "tenant", "requestId")} == {
        "route": "GET /things/{id}",
        "status": status,
        "code": code,
        "tenant": "demo",
        "requestId": "r",
    }


@pytest.mark.parametrize(("now", "status"), [(99.9, 200), (100.0, 401)])
def test_a_token_ends_with_the_second_it_names(
    monkeypatch: pytest.MonkeyPatch, now: float, status: int
) -> None:
    monkeypatch.setattr("time.time", lambda: now)

    answer = endpoint()(lambda _: Response(200))(event(tokenExpiresAt="100"), None)

    assert answer["statusCode"] == status


def test_a_body_may_be_as_large_as_its_bound_whatever_it_says() -> None:
    numbers = f"[{'1,' * (MAX_BODY_BYTES // 2 - 2)}1 ]"
    escaped = f'"{chr(92)}u0041{"x" * (MAX_BODY_BYTES - 3)}"'

    assert len(numbers) == MAX_BODY_BYTES
    assert len(request(numbers).json()) == MAX_BODY_BYTES // 2 - 1
    assert len(request(escaped).json()) == MAX_BODY_BYTES - 2
    for larger in (f" {numbers}", escaped.replace("x", "xx", 1)):
        with pytest.raises(InvalidRequestError, match="larger than 256 KB"):
            request(larger).json()
