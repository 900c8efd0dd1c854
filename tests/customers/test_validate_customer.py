"""POST /api/v2/customers/validate: what a create would say, with nothing written."""

from typing import Any

import pytest

from functions.shared import dynamo
from tests.api import CUSTOMERS, Api
from tests.builders import document_sample, new_email

VALIDATE = f"{CUSTOMERS}/validate"


def test_a_good_customer_is_valid_and_nothing_is_written(api: Api, dynamo_calls: list[str]) -> None:
    reply = api.post(VALIDATE, json_body=document_sample())

    assert (reply.status, reply.json) == (200, {"valid": True})
    assert dynamo_calls == ["batch_get_item"]
    for table in ("customers", "claims"):
        assert dynamo.call("scan", TableName=table)["Items"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"email": "x", "dob": "1"},
        {},
        {"email": "Taken@example.com", "customerRef": "T1", "alternateCustomerRef": "free"},
        {"email": "ann@example.com", "attributeGroups": {"g": {"attributes": {"a": "x" * 250_000}}}},
    ],
)
def test_what_a_create_refuses_is_refused_alike(api: Api, body: dict[str, Any]) -> None:
    api.create(email="taken@example.com", customerRef="T1")

    validated, created = api.post(VALIDATE, json_body=body), api.post(CUSTOMERS, json_body=body)

    assert created.status == 400
    assert {**validated.json, "requestId": ""} == {**created.json, "requestId": ""}


def test_a_deleted_customers_values_are_free(api: Api) -> None:
    customer = api.create(email=new_email())
    api.delete(f"{CUSTOMERS}/{customer['id']}")

    assert api.post(VALIDATE, json_body={"email": customer["email"]}).status == 200
