"""What is tried, one check a function. Each raises CheckError, or returns what is worth knowing."""

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from functions.shared.cors import ALLOW_ORIGIN
from infra.routes import CUSTOMERS, NOTE, NOTES, UPLOADS
from infra.smoke.client import Answer, get_over_http2, send
from infra.smoke.target import JSON, CheckError, Target, eventually, expect

Check = Callable[[Target], str]

MEGABYTE = 1024 * 1024
FLOOD = 150
"""Requests at once to be told 429; more than any stage's burst of the token endpoint."""


class SkippedError(Exception):
    """Not to be tried on this stage; says why."""


def location_names_the_host(target: Target) -> str:
    """`Location` leads back to the customer, at the address the caller used."""
    answer = target.call("POST", f"{CUSTOMERS}/", {"email": target.email("location")})
    expect(answer.status, 201, "a customer at the address with a trailing slash")
    target.made.append(answer.json["id"])
    location = answer.headers["location"]
    expect(location, f"{target.url}{CUSTOMERS}/{answer.json['id']}", "Location")
    expect(target.call("GET", location).json, answer.json, "the customer at its Location")
    return location.partition("/services")[0]


def lower_case_names_over_http2(target: Target) -> str:
    """Header names in lower case reach the authorizer and the function."""
    customer = target.create("http2")
    url = f"{target.url}{CUSTOMERS}/{customer['id']}"
    if url.startswith("https"):
        answer, how = get_over_http2(url, target.headers), "over HTTP/2"
    else:
        answer, how = (
            send("GET", url, {name.lower(): one for name, one in target.headers.items()}),
            "HTTP/1.1",
        )
    expect(answer.status, 200, "a customer asked for with lower-case header names")
    return how


def encoded_path_values(target: Target) -> str:
    """`%2F`, `%40`, `%2B` and `%2540` are decoded exactly once."""
    # The emulator decodes before it routes.
    ref = f"{'a' if target.stage.emulated else 'a/b'}@c+d%40{target.run}"
    customer = target.create("path+value", customerRef=ref)
    for path in (f"/{quote(ref, safe='')}/ref", f"/{quote(customer['email'], safe='')}/email"):
        found = target.call("GET", CUSTOMERS + path)
        expect(
            (found.status, (found.json or {}).get("id")), (200, customer["id"]), path.rpartition("/")[2][:5]
        )
    return "without %2F" if target.stage.emulated else ""


def a_large_body_that_waits_for_continue(target: Target) -> str:
    """A body over 1 MB, sent after `Expect: 100-continue`, arrives whole: its last row is what is wrong."""
    rows: list[dict[str, str]] = []
    filler = "x" * 200
    while len(rows) * 290 < 1.2 * MEGABYTE:
        rows.append({"email": f"row{len(rows)}-{target.run}@example.com", "firstName": filler})
    rows.append({"email": "wrong"})
    body = json.dumps(rows).encode()
    answer = send("POST", target.url + UPLOADS, target.headers | JSON, body, expect=True)
    fields = [error["field"] for error in (answer.json or {}).get("errors", [])]
    expect((answer.status, fields), (400, [f"{len(rows) - 1}.email"]), "an upload with one wrong row")
    return f"{len(body) / MEGABYTE:.1f} MB"


def bytes_that_are_not_utf_8(target: Target) -> str:
    """They are a bad request, or a replacement character where the gateway makes one; never a fault."""
    headers, url = target.headers | JSON, target.url + CUSTOMERS
    _error(send("POST", url, headers, b'{"email": \xff}'), 400)
    email = target.email("bytes").encode()
    answer = send("POST", url, headers, b'{"firstName": "\xff", "email": "' + email + b'"}')
    if answer.status == 201:
        target.made.append(answer.json["id"])
        return f"in a name, they become {answer.json['firstName']!r}"
    _error(answer, 400)
    return "refused"


def the_second_page_of_every_search(target: Target) -> str:
    """A start key of each index, and of notes, is taken back."""
    marks = {
        "firstName": f"First{target.run}",
        "lastName": f"Last{target.run}",
        "mobile": str(int(target.run, 16)),
        "phone": str(int(target.run, 16) + 1),
    }
    wanted = {target.create(f"page{number}", **marks)["id"] for number in range(3)}
    for field, value in marks.items():
        search = f"{CUSTOMERS}/search?{field}={value}"
        eventually(partial(_finds, target, search, wanted), f"customers found by {field}")
        expect(_all_pages(target, f"{search}&limit=2"), wanted, f"customers on the pages by {field}")
    customer = next(iter(wanted))
    for number in range(3):
        expect(target.call("POST", NOTE, {"customerId": customer, "note": f"{number}"}).status, 200, "a note")
    expect(len(_all_pages(target, f"{NOTES}?id={customer}&limit=2")), 3, "notes on the pages")
    return ", ".join((*marks, "notes"))


def versions_and_repeats(target: Target) -> str:
    """`If-Match` and `Idempotency-Key` reach the functions, `ETag` the caller."""
    customer = target.create("version")
    path = f"{CUSTOMERS}/{customer['id']}"
    etag = target.call("GET", path).headers["etag"]
    expect(
        target.call("PUT", path, {"firstName": "A"}, If_Match=etag).status, 200, "a change of this version"
    )
    _error(target.call("PUT", path, {"firstName": "B"}, If_Match=etag), 412)
    body = {"email": target.email("repeat")}
    first, again = (target.call("POST", CUSTOMERS, body, Idempotency_Key=target.run) for _ in range(2))
    target.made.append(first.json["id"])
    expect((again.status, again.json["id"]), (201, first.json["id"]), "a repeat under an Idempotency-Key")
    return etag


def unknown_routes_and_verbs(target: Target) -> str:
    """404 in our shape, whatever `Authorization` says."""
    for method, path in (
        ("GET", "/nowhere"),
        ("GET", "/services/customerservice/api/v3"),
        ("PATCH", CUSTOMERS),
    ):
        answer = target.call(method, path)
        if answer.status != 405:
            _error(answer, 404)
    return ""


def refusals(target: Target) -> str:
    """401 without a good token, 403 with another tenant's."""
    url = f"{target.url}{CUSTOMERS}/search?email=nobody@example.com"
    nobody = send("GET", url, {})
    for answer in (nobody, send("GET", url, target.headers | {"Authorization": "Bearer nobody"})):
        _error(answer, 401)
        expect(answer.headers.get("www-authenticate"), "Bearer", "WWW-Authenticate of a 401")
    _error(send("GET", url, target.headers | {"X-TWC-Tenant": target.other.tenant_id}), 403)
    return ""


def preflights(target: Target) -> str:
    """Browsers may call."""
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    answer = send("OPTIONS", target.url + CUSTOMERS, asked)
    expect(answer.status in {200, 204}, True, "a preflight's success")
    expect(answer.headers.get("access-control-allow-origin"), ALLOW_ORIGIN, "the origin that may call")
    return ""


def errors_of_the_token_endpoint(target: Target) -> str:
    """As RFC 6749, 5.2; says under which name the challenge of the 401 arrives."""
    _token_error(target.ask_for_token(client_id="smoke", client_secret=target.run), 401, "invalid_client")
    _token_error(target.ask_for_token(grant_type="password"), 400, "unsupported_grant_type")
    expect(target.ask_for_token(realm=f"no-{target.run}").status, 404, "a token of an unknown realm")
    basic = base64.b64encode(b"smoke:wrong").decode()
    path = f"{target.url}/auth/realms/{target.credentials.tenant_id}/protocol/openid-connect/token"
    form = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {basic}"}
    answer = send("POST", path, form, b"grant_type=client_credentials")
    _token_error(answer, 401, "invalid_client")
    for name in ("www-authenticate", "x-amzn-remapped-www-authenticate"):
        if answer.headers.get(name, "").startswith("Basic"):
            return f"the challenge is in {name}"
    raise CheckError("no challenge in a 401 of the token endpoint")


def a_body_beyond_the_gateway(target: Target) -> str:
    """413 in our shape."""
    if target.stage.emulated:
        raise SkippedError("the emulator takes bodies of any size")
    answer = send("POST", target.url + CUSTOMERS, target.headers | JSON, b'"' + b"x" * (11 * MEGABYTE) + b'"')
    _error(answer, 413)
    return ""


def more_requests_than_allowed(target: Target) -> str:
    """429 in our shape, with `Retry-After`."""
    if target.stage.emulated:
        raise SkippedError("the emulator has no throttle")
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: target.ask_for_token(realm="nobody"), range(FLOOD)))
    throttled = [answer for answer in answers if answer.status == 429]
    if not throttled:
        raise CheckError(f"none of {FLOOD} requests at once was refused")
    _error(throttled[0], 429)
    expect("retry-after" in throttled[0].headers, True, "Retry-After on a 429")
    return f"{len(throttled)} of {FLOOD}"


def an_upload(target: Target) -> str:
    """Rows become customers, and the report says so."""
    emails = [target.email(f"upload{number}") for number in range(2)]
    accepted = target.call("POST", UPLOADS, [{"email": email} for email in emails])
    expect(accepted.status, 202, "an upload")

    def completed() -> dict[str, Any] | None:
        report: dict[str, Any] = target.call("GET", accepted.headers["location"]).json
        return report if report.get("status") == "completed" else None

    report = eventually(completed, "the upload's completion")
    for email in emails:
        target.made.append(target.call("GET", f"{CUSTOMERS}/{quote(email)}/email").json["id"])
    expect((report["created"], report["failed"]), (2, 0), "rows created and failed")
    return ""


def an_order_an_event_and_a_deletion(target: Target) -> str:
    """An order on the bus is counted, changes are told, and what is deleted is gone at once."""
    with target.events() as heard:
        customer = target.create("order", customerRef=f"order-{target.run}")
        path = f"{CUSTOMERS}/{customer['id']}"
        order = {
            "tenantId": target.credentials.tenant_id,
            "orderRef": target.run,
            "customerId": customer["id"],
            "totalAmount": "12.30",
            "created_at": datetime.now(UTC).isoformat(),
        }
        entry = {
            "EventBusName": target.bus,
            "Source": target.stage.order_sources[0],
            "DetailType": "OrderPlaced",
            "Detail": json.dumps(order),
        }
        expect(target.client("events").put_events(Entries=[entry])["FailedEntryCount"], 0, "orders refused")
        eventually(
            lambda: target.call("GET", path).json["totalSpend"] == "12.30", "the order's being counted"
        )
        expect(target.call("DELETE", path).status, 204, "a deletion")
        for gone in (path, f"{CUSTOMERS}/order-{target.run}/ref", f"{CUSTOMERS}/{customer['email']}/email"):
            _error(target.call("GET", gone), 404)

        def told() -> bool:
            kinds = {one["detail-type"] for one in heard() if one["detail"]["customerId"] == customer["id"]}
            return {"CustomerCreated", "CustomerDeleted"} <= kinds

        eventually(told, "the events of a creation and a deletion")
    return ""


CHECKS: tuple[Check, ...] = (
    location_names_the_host,
    lower_case_names_over_http2,
    encoded_path_values,
    a_large_body_that_waits_for_continue,
    bytes_that_are_not_utf_8,
    the_second_page_of_every_search,
    versions_and_repeats,
    unknown_routes_and_verbs,
    refusals,
    preflights,
    errors_of_the_token_endpoint,
    a_body_beyond_the_gateway,
    an_upload,
    an_order_an_event_and_a_deletion,
    # Last, for it uses up what the token endpoint allows.
    more_requests_than_allowed,
)


def _error(answer: Answer, status: int) -> None:
    """The one shape of an error, with CORS (contract, "Errors")."""
    body = answer.json
    expect(answer.status, status, "status")
    if not isinstance(body, dict) or not {"message", "code", "requestId"} <= body.keys():
        raise CheckError(f"a {status} is not in our shape")
    expect(answer.headers.get("access-control-allow-origin"), ALLOW_ORIGIN, f"CORS on a {status}")


def _token_error(answer: Answer, status: int, error: str) -> None:
    _error(answer, status)
    expect(answer.json.get("error"), error, f"error of a {status} of the token endpoint")


def _finds(target: Target, search: str, wanted: set[str]) -> bool:
    return {one["id"] for one in target.call("GET", search).json} == wanted


def _all_pages(target: Target, url: str) -> set[str]:
    found: set[str] = set()
    while True:
        page = target.call("GET", url)
        expect(page.status, 200, "a page")
        found |= {one["id"] for one in page.json}
        if "link" not in page.headers:
            return found
        url = page.headers["link"].partition("<")[2].partition(">")[0]
        expect(url.startswith(target.url), True, "the next page's address begins as this one's")
