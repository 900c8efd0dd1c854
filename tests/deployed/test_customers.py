"""A retailer's integration against the deployed API: the main journey, the gateway's own answers."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from infra.routes import ENDPOINTS, PREFIX
from tests.api import CUSTOMERS, Reply, value
from tests.builders import document_sample, new_email
from tests.deployed.http_api import HttpApi, request


def path_of(api: HttpApi, absolute: str) -> str:
    assert absolute.startswith(api.url)
    return absolute.removeprefix(api.url)


def test_from_a_token_to_a_customers_end(api: HttpApi, demo: Any) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": demo.client_id,
        "client_secret": demo.client_secret,
    }
    issued = request(
        "POST",
        f"{api.url}/auth/realms/{demo.tenant_id}/protocol/openid-connect/token",
        urlencode(form),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert issued.status == 200, issued.text
    own = HttpApi(demo.tenant_id, api.url, issued.json["access_token"])
    email, ref, alternate = new_email(), new_email(), new_email()

    created = own.post(
        CUSTOMERS, json_body=document_sample(email=email, customerRef=ref, alternateCustomerRef=alternate)
    )
    customer = created.json
    assert created.status == 201
    assert own.get(path_of(api, created.headers["location"])).json == customer
    for lookup in (f"{ref}/ref", f"{value(email.upper())}/email", f"{alternate}/alternateCustomerRef"):
        assert own.get(f"{CUSTOMERS}/{lookup}").json == customer
    assert own.get(f"{CUSTOMERS}/search?email={value(email)}&firstName=firstname").json == [customer]

    changed = own.put(
        f"{CUSTOMERS}/email={value(email)}",
        json_body={**customer, "customerRef": f"{ref}-2", "vipStatus": True},
        headers={"If-Match": created.headers["etag"]},
    )
    assert changed.status == 200
    assert own.get(f"{CUSTOMERS}/{ref}/ref").status == 404
    assert own.get(f"{CUSTOMERS}/{ref}-2/ref").json == changed.json

    assert own.delete(f"{CUSTOMERS}?customerRef={ref}-2").status == 204
    assert own.get(f"{CUSTOMERS}/{customer['id']}").status == 404
    assert own.create(email=email, customerRef=ref, alternateCustomerRef=alternate)


def test_the_calls_of_the_published_javascript_client_work(api: HttpApi) -> None:
    email, ref = new_email(), new_email()
    created = api.post(f"{CUSTOMERS}/", json_body={"email": email, "customerRef": ref})
    assert created.status == 201
    key = created.json["id"]

    for call in (
        api.put(f"{CUSTOMERS}/id={key}", json_body={"firstName": "A"}),
        api.put(f"{CUSTOMERS}/customerRef={ref}", json_body={"firstName": "B"}),
        api.put(CUSTOMERS, json_body={"id": key, "firstName": "C"}),
        api.put(f"{CUSTOMERS}/", json_body={"customerRef": ref, "firstName": "D"}),
        api.put(CUSTOMERS, json_body={"email": email, "firstName": "E"}),
        api.get(f"{CUSTOMERS}/{ref}/ref"),
    ):
        assert (call.status, call.json["id"]) == (200, key)
    assert [one["id"] for one in api.get(f"{CUSTOMERS}/search?email={email}&firstName=E").json] == [key]
    assert api.delete(f"{CUSTOMERS}?id={key}").status == 204
    other = api.create()
    assert api.delete(f"{CUSTOMERS}/{other['id']}").status == 204


@pytest.mark.parametrize("written", ["a+b{0}@example.com", "a%2Bb{0}%40example.com"])
def test_a_plus_in_a_path_is_a_plus(api: HttpApi, written: str) -> None:
    unique = new_email().partition("@")[0]
    customer = api.create(email=f"a+b{unique}@example.com")

    assert api.get(f"{CUSTOMERS}/{written.format(unique)}/email").json == customer
    assert (
        api.put(f"{CUSTOMERS}/email={written.format(unique)}", json_body={"email": customer["email"]}).status
        == 200
    )


def test_a_percent_sign_in_a_reference_survives(api: HttpApi) -> None:
    ref = f"100%25 {new_email()}"
    customer = api.create(customerRef=ref)

    assert api.get(f"{CUSTOMERS}/{value(ref)}/ref").json == customer


def test_pages_of_a_search_link_to_each_other(api: HttpApi) -> None:
    name = new_email()
    everyone = {api.create(lastName=name)["id"] for _ in range(3)}

    page = api.get(f"{CUSTOMERS}/search?{urlencode({'lastName': name, 'limit': 2})}")
    link = page.headers["link"].partition("<")[2].partition(">")[0]
    rest = api.get(link)

    assert {customer["id"] for customer in page.json + rest.json} == everyone
    assert "link" not in rest.headers


def assert_error(reply: Reply, status: int, code: str) -> None:
    assert reply.status == status, reply.text
    assert reply.json["code"] == code
    assert reply.json.keys() == {"message", "code", "requestId", "documentation"}
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "ETag" in reply.headers["access-control-expose-headers"]


@pytest.mark.parametrize("left_out", ["Authorization", "X-TWC-Tenant"])
def test_without_credentials_a_request_is_unauthorized(api: HttpApi, left_out: str) -> None:
    headers = {"Authorization": f"Bearer {api.token}", "X-TWC-Tenant": "demo"}
    del headers[left_out]

    reply = request("GET", f"{api.url}{CUSTOMERS}/x", None, headers)

    assert_error(reply, 401, "unauthorized")
    assert reply.json["message"] == "Unauthorized"


def test_an_unknown_token_is_unauthorized(api: HttpApi) -> None:
    assert_error(HttpApi("demo", api.url, "wrong").get(f"{CUSTOMERS}/x"), 401, "unauthorized")


def test_a_token_may_stand_alone_and_headers_in_any_case(api: HttpApi) -> None:
    headers = {"aUTHORIZATION": api.token, "x-twc-TENANT": "demo"}

    assert request("GET", f"{api.url}{CUSTOMERS}/x", None, headers).status == 404


def test_another_tenants_token_is_forbidden(api: HttpApi, other_api: HttpApi) -> None:
    assert_error(HttpApi("demo", api.url, other_api.token).get(f"{CUSTOMERS}/x"), 403, "forbidden")


def test_nothing_of_one_tenant_is_visible_to_another(api: HttpApi, other_api: HttpApi) -> None:
    customer = api.create(customerRef=new_email(), lastName=new_email())

    assert other_api.get(f"{CUSTOMERS}/{customer['id']}").status == 404
    assert other_api.put(f"{CUSTOMERS}/{customer['id']}", json_body={"firstName": "X"}).status == 404
    assert other_api.delete(f"{CUSTOMERS}/{customer['id']}").status == 404
    assert other_api.get(f"{CUSTOMERS}/search?lastName={customer['lastName']}").json == []
    assert other_api.create(email=customer["email"], customerRef=customer["customerRef"])
    assert api.customer(customer["id"]) == customer


def test_an_unknown_route_or_method_is_not_found(api: HttpApi) -> None:
    assert_error(api.get(f"{PREFIX}/api/v2/nothing"), 404, "not_found")
    assert_error(api.send("PATCH", CUSTOMERS, json_body={}), 404, "not_found")


PATHS = sorted({path for endpoint in ENDPOINTS for _, path in endpoint.methods_and_paths})


@pytest.mark.parametrize("path", PATHS)
def test_a_browser_may_call_every_route(api: HttpApi, path: str) -> None:
    headers = {
        "Origin": "https://shop.example.com",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,content-type,x-twc-tenant,if-match,idempotency-key",
    }

    for url in (path, f"{path}/"):
        reply = request("OPTIONS", api.url + url.replace("{", "").replace("}", ""), None, headers)

        assert reply.status in {200, 204}
        assert reply.headers["access-control-allow-origin"] == "*"
        allowed = reply.headers["access-control-allow-headers"].lower()
        assert all(name in allowed for name in headers["Access-Control-Request-Headers"].split(","))
        methods = {m for e in ENDPOINTS for m, p in e.methods_and_paths if p == path}
        assert methods <= set(reply.headers["access-control-allow-methods"].replace(" ", "").split(","))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 5000,
        '{"email":"half\\ud800@example.com"}',
        '{"email":"nul\\u0000@example.com"}',
        json.dumps({"email": "a@example.com", "x": "y" * 300_000}),
        json.dumps({"email": "Ann <a@example.com>"}),
    ],
    ids=["empty", "open", "array", "nested", "surrogate", "nul", "large", "display name"],
)
def test_bad_input_is_the_callers_mistake(api: HttpApi, text: str) -> None:
    reply = api.post(CUSTOMERS, text=text)

    assert (reply.status, reply.json["code"]) == (400, "invalid_request")


def test_a_stray_percent_sign_is_nobody(api: HttpApi) -> None:
    assert api.get(f"{CUSTOMERS}/%/ref").status in {400, 404}
    assert api.get(f"{CUSTOMERS}/%zz/email").status in {400, 404}


def test_bytes_that_are_not_utf_8_reach_no_customer(api: HttpApi) -> None:
    latin_1 = f'{{"email": "{new_email()}", "firstName": "Renée"}}'

    assert api.post(CUSTOMERS, text=latin_1.encode("latin-1")).status == 400
    assert api.post(CUSTOMERS, text=latin_1.encode()).json["firstName"] == "Renée"
    assert api.post(CUSTOMERS, text=b"\xef\xbb\xbf" + latin_1.replace("@", "2@").encode()).status == 201
    charset = {"Content-Type": "application/json; charset=iso-8859-1"}
    assert api.post(CUSTOMERS, text=latin_1.encode("latin-1"), headers=charset).status == 415


def test_a_head_and_a_known_version_come_without_a_body(api: HttpApi) -> None:
    customer = api.create()
    url = f"{CUSTOMERS}/{customer['id']}"
    got = api.get(url)

    head = api.send("HEAD", url)
    known = api.get(url, headers={"If-None-Match": got.headers["etag"]})

    assert (head.status, head.text, head.headers["etag"]) == (200, "", got.headers["etag"])
    assert (known.status, known.text) == (304, "")


def test_a_misspelt_identifier_changes_and_shows_nobody(api: HttpApi) -> None:
    customer = api.create()

    for method in ("GET", "PUT", "DELETE"):
        body = {"firstName": "X", "email": customer["email"]} if method == "PUT" else None
        reply = api.send(method, f"{CUSTOMERS}?customerid={customer['id']}", json_body=body)
        assert (reply.status, reply.fields) == (400, ["customerid"])
    twice = api.get(f"{CUSTOMERS}?email={value(customer['email'])}&email=other@example.com")
    assert (twice.status, twice.fields) == (400, ["email"])
    assert api.customer(customer["id"]) == customer


def test_the_vendors_other_routes_are_served(api: HttpApi) -> None:
    ref = new_email()
    customer = api.create(customerRef=ref)
    url = f"{CUSTOMERS}/{customer['id']}"

    assert api.post(f"{CUSTOMERS}/validate", json_body={"email": new_email()}).json == {"valid": True}
    taken = api.post(f"{CUSTOMERS}/validate", json_body={"email": customer["email"]})
    assert (taken.status, taken.json["code"]) == (400, "duplicate_value")
    address = api.post(f"{url}/address", json_body={"city": "Perth"})
    assert address.status == 201
    assert api.customer(customer["id"])["addresses"] == [address.json]
    assert api.delete(f"{url}/address/{address.json['addressID']}").status == 204
    assert api.customer(customer["id"])["addresses"] == []
    for form in (
        f"?customerRef={value(ref)}",
        f"/customerRef={value(ref)}",
        f"?email={value(customer['email'])}",
    ):
        assert api.get(CUSTOMERS + form).json["id"] == customer["id"]
    assert api.delete(f"{CUSTOMERS}/{value(ref)}/ref").status == 204
    assert api.get(url).status == 404
