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


def test_the_log_says_how_many_milliseconds_a_request_took(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock_of_the_process = iter([5.0, 6.23456])
    with monkeypatch.context() as patch:
        patch.setattr("time.perf_counter", lambda: next(clock_of_the_process))
        endpoint()(lambda _: Response(200))(event(), None)

    assert json.loads(log.getvalue())["milliseconds"] == 1234.6


def test_a_fault_of_ours_is_a_500_that_gives_nothing_away_and_is_logged(log: io.StringIO) -> None:
    def faulty(_: Request) -> Response:
        raise RuntimeError("secret")

    answer = endpoint()(faulty)(event(), None)

    body = json.loads(answer["body"])
    assert answer["statusCode"] == 500
    assert body.pop("documentation")
    assert body == {"message": "Internal error", "code": "internal_error", "requestId": "r"}
    fault, request = (json.loads(line) for line in log.getvalue().splitlines())
    assert (fault["message"], fault["requestId"], request["status"]) == ("fault", "r", 500)


def test_who_comes_past_the_authorizer_is_unauthorized() -> None:
    assert endpoint()(lambda _: Response(200))({"requestContext": {}}, None)["statusCode"] == 401


@pytest.mark.parametrize(("known", "takes"), [(("limit", "since"), "takes limit, since"), ((), "takes none")])
def test_a_name_that_a_route_does_not_know_is_told_which_it_does(known: tuple[str, ...], takes: str) -> None:
    asked = event() | {"queryStringParameters": {"limlt": "5"}}

    answer = endpoint(*known)(lambda _: Response(200))(asked, None)

    (error,) = json.loads(answer["body"])["errors"]
    assert (answer["statusCode"], error["field"]) == (400, "limlt")
    assert error["message"].endswith(takes)


def test_an_answer_is_json_without_needless_space_or_escapes() -> None:
    answer = endpoint()(lambda _: Response(200, {"name": "Zoë", "tags": [1, 2]}))(event(), None)

    assert answer["body"] == '{"name":"Zoë","tags":[1,2]}'


@pytest.mark.parametrize(("length", "good"), [(0, False), (1, True), (255, True), (256, False)])
def test_an_idempotency_key_has_1_to_255_characters(length: int, good: bool) -> None:
    def story(request: Request) -> Response:
        return Response(200, {"key": request.idempotency_key()})

    answer = endpoint()(story)(event() | {"headers": {"Idempotency-Key": "k" * length}}, None)

    assert answer["statusCode"] == (200 if good else 400)


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
    with pytest.raises(InvalidRequestError, match="larger than 2048 KB"):
        request("1" * 2048 * 6145).json(2 * 2**20)
    in_escapes_alone = f'"{f"{chr(92)}u0041" * (MAX_BODY_BYTES - 2)}"'
    assert len(request(in_escapes_alone).json()) == MAX_BODY_BYTES - 2
    for larger in (f" {numbers}", escaped.replace("x", "xx", 1)):
        with pytest.raises(InvalidRequestError, match="larger than 256 KB"):
            request(larger).json()


@pytest.mark.parametrize("body", ["", "{", "[" * 100_000])
def test_a_body_that_is_no_json_is_told_so(body: str) -> None:
    with pytest.raises(InvalidRequestError, match="not JSON"):
        request(body).json()
