"""The client: it has a good token, waits for a busy service and repeats what may be repeated."""

import time
from dataclasses import replace

import pytest

from infra.routes import CUSTOMERS
from infra.tenant_registry import TenantRegistry
from infra.transfer.client import Client, ServiceError
from infra.transfer.credentials import Credentials
from infra.transfer.retries import MAX_ATTEMPTS, ConnectionLostError
from tests.transfer.served import Answered, Lost, Served

ANN = {"email": "ann@example.com", "customerRef": "C1"}
TOKEN = "openid-connect/token"


def test_one_token_serves_many_requests(client: Client, http_api: Served) -> None:
    made = client.post(CUSTOMERS, ANN)
    assert client.get(f"{CUSTOMERS}/{made['id']}")["email"] == "ann@example.com"
    assert len([asked for asked in http_api.asked if asked.endswith(TOKEN)]) == 1


def test_a_token_that_is_refused_is_replaced(
    client: Client, registry: TenantRegistry, http_api: Served
) -> None:
    client.post(CUSTOMERS, ANN)
    rotated = registry.rotate("demo")
    client.credentials = replace(client.credentials, client_secret=rotated.client_secret)

    assert client.get(f"{CUSTOMERS}/email=ann@example.com")["customerRef"] == "C1"


def test_a_token_is_replaced_before_it_ends(
    client: Client, http_api: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(CUSTOMERS, ANN)
    soon = time.monotonic() + 5 * 3600 - 30
    monkeypatch.setattr("time.monotonic", lambda: soon)

    client.get(f"{CUSTOMERS}/email=ann@example.com")

    assert http_api.asked.count(f"GET {CUSTOMERS}/email=ann@example.com") == 1
    assert [asked.rpartition("/")[2] for asked in http_api.asked].count("token") == 2


def test_wrong_credentials_are_one_line_without_the_secret(credentials: Credentials) -> None:
    wrong = replace(credentials, client_secret="guessed-secret")
    with Client(wrong) as client, pytest.raises(ServiceError) as refused:
        client.get(f"{CUSTOMERS}/search", {"email": "ann@example.com"})
    assert refused.value.status == 401
    assert "guessed-secret" not in f"{refused.value} {refused.value!r} {wrong!r} {client!r}"


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_waited_for_as_long_as_it_asks(
    client: Client, http_api: Served, pauses: list[float], status: int
) -> None:
    http_api.faults[CUSTOMERS] = [Answered(status, {"Retry-After": "7"})] * 2

    assert client.post(CUSTOMERS, ANN)["customerRef"] == "C1"
    assert pauses == [7, 7]


def test_a_service_that_stays_busy_is_given_up(client: Client, http_api: Served) -> None:
    http_api.faults[CUSTOMERS] = [Answered(503)] * MAX_ATTEMPTS

    with pytest.raises(ServiceError) as refused:
        client.post(CUSTOMERS, ANN)
    assert refused.value.status == 503


def test_a_busy_token_endpoint_is_waited_for(client: Client, http_api: Served, pauses: list[float]) -> None:
    http_api.faults[TOKEN] = [Answered(429, {"Retry-After": "2"})]

    client.post(CUSTOMERS, ANN)

    assert pauses == [2]


def test_a_keyed_request_whose_answer_got_lost_is_sent_again_and_makes_one_customer(
    client: Client, http_api: Served
) -> None:
    http_api.faults[CUSTOMERS] = [Lost(done=True), Lost()]

    client.post(CUSTOMERS, ANN, key="ann")

    found = list(client.pages(f"{CUSTOMERS}/search", {"email": "ann@example.com"}))
    assert [len(page) for page in found] == [1]


def test_a_request_without_a_key_is_not_sent_again(client: Client, http_api: Served) -> None:
    http_api.faults[CUSTOMERS] = [Lost(done=True)]

    with pytest.raises(ConnectionLostError, match=r"No answer from 127\.0\.0\.1"):
        client.post(CUSTOMERS, ANN)
    assert http_api.asked.count(f"POST {CUSTOMERS}") == 1


def test_a_page_leads_to_the_next(client: Client) -> None:
    for number in range(5):
        client.post(CUSTOMERS, {"email": f"{number}@example.com", "lastName": "Lee"})

    pages = list(client.pages(f"{CUSTOMERS}/search", {"lastName": "lee", "limit": "2"}))

    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({one["id"] for page in pages for one in page}) == 5


def test_another_host_gets_no_token(client: Client) -> None:
    with pytest.raises(ServiceError, match="another host"):
        client.get("http://localhost:1/customers")


def test_what_is_wrong_with_fields_is_told(client: Client) -> None:
    with pytest.raises(
        ServiceError, match=r"Some fields are not valid: dob must be a date as dd-mm-yyyy; email is not"
    ):
        client.post(CUSTOMERS, {"email": "nobody", "dob": "yesterday"})
