"""The addresses in answers name the host that was called: the stage's own domain, or the gateway's."""

import json

import pytest

from functions.customers import create_customer
from tests.api import CUSTOMERS, gateway_event


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("api.example.com", CUSTOMERS),
        ("abc123.execute-api.ap-southeast-2.amazonaws.com", f"/prod{CUSTOMERS}"),
    ],
)
def test_a_location_leads_back_to_where_the_caller_came_in(aws: None, host: str, path: str) -> None:
    event = gateway_event("POST", CUSTOMERS, text=json.dumps({"email": "ann@example.com"}))
    event["requestContext"] |= {"domainName": host, "path": path}

    answer = create_customer.handler(event, None)

    customer = json.loads(answer["body"])
    assert answer["headers"]["Location"] == f"https://{host}{path}/{customer['id']}"
