"""Isolation: a page token and an idempotency key are their tenant's own."""

from typing import Any

import pytest

from infra.routes import IMPORTS
from tests.api import CUSTOMERS, EXPORTS, NOTE, NOTES, UPLOADS, Api, next_url
from tests.trust.scenarios import KEY


@pytest.mark.parametrize(
    "url", [f"{CUSTOMERS}/search?lastName=Lee&limit=1", f"{NOTES}?customerRef=C1&limit=1"]
)
def test_a_page_token_is_no_good_to_another_tenant(api: Api, url: str) -> None:
    other = Api("other")
    for one in (api, other):
        made = one.create(lastName="Lee", customerRef="C1")
        one.create(lastName="Lee")
        for _ in range(2):
            one.post(NOTE, json_body={"customerId": made["id"], "note": "x"})
    following = next_url(api.get(url))
    assert following is not None

    assert api.get(following).status == 200
    assert (other.get(following).status, other.get(url).status) == (400, 200)


@pytest.mark.parametrize(
    ("url", "identifier", "mine", "theirs"),
    [
        (CUSTOMERS, "id", {"email": "one@example.com"}, {"email": "other@example.com"}),
        (UPLOADS, "uploadId", [{"email": "one@example.com"}], [{"email": "other@example.com"}]),
        (IMPORTS, "importId", {"format": "csv", "size": 1}, {"format": "csv", "size": 2}),
        (EXPORTS, "exportId", {"format": "csv"}, {"format": "jsonl"}),
        (NOTE, "id", {"customerRef": "C1", "note": "one"}, {"customerRef": "C1", "note": "other"}),
    ],
)
def test_a_key_of_one_tenant_is_another_key_of_another(
    api: Api, url: str, identifier: str, mine: Any, theirs: Any
) -> None:
    asked = {api: mine, Api("other"): theirs}
    made = {}
    for one, body in asked.items():
        one.create(customerRef="C1")
        reply = one.post(url, json_body=body, headers=KEY)
        assert reply.status in {200, 201, 202}, reply.text
        made[one] = reply.json[identifier]

    assert len({*made.values()}) == 2
    for one, body in asked.items():
        assert one.post(url, json_body=body, headers=KEY).json[identifier] == made[one]
    assert api.post(url, json_body=theirs, headers=KEY).status == 422
