"""Search: an index finds candidates, a consistent read decides, so a stale index never shows a customer."""

from collections.abc import Callable, Mapping
from typing import Any

from functions.customers.customer import Customer
from functions.customers.item import INDEX_KEYS, customer_id_in, customer_key, index_key
from functions.customers.keys import search_key
from functions.customers.page import filled
from functions.shared import dynamo
from functions.shared.endpoint import JsonText
from functions.shared.paging import Page

_INDEXES = {
    "email": ("email",),
    "mobile": ("mobile",),
    "phone": ("phone",),
    "fullName": ("lastName", "firstName"),
    "lastName": ("lastName",),
    "firstName": ("firstName",),
}
"""The fields that each index finds by, the most telling first."""


def search(
    tenant_id: str, criteria: Mapping[str, str], page: Page, shown: Callable[[Customer], JsonText]
) -> tuple[list[JsonText], str | None]:
    """Customers that match all `criteria` (search keys by field), and the position to go on from, if any.

    Each customer comes as `shown` writes it. The position is the id of the last candidate looked at; a page
    may be short and still have a next.
    """
    if not all(criteria.values()):
        return [], None
    return filled(
        tenant_id,
        page,
        lambda position, wanted: _candidates(tenant_id, criteria, position, wanted),
        lambda customer: _matches(customer, criteria),
        shown,
    )


def _matches(customer: Customer, criteria: Mapping[str, str]) -> bool:
    return all(
        name in customer and search_key(name, customer[name]) == wanted for name, wanted in criteria.items()
    )


def _candidates(
    tenant_id: str, criteria: Mapping[str, str], after: str | None, limit: int
) -> tuple[list[str], str | None]:
    index, fields = next(one for one in _INDEXES.items() if criteria.keys() >= set(one[1]))
    found_by = {"tenantId": tenant_id} | {INDEX_KEYS[field]: index_key(criteria[field]) for field in fields}
    arguments: dict[str, Any] = {}
    if after is not None:
        # Customers of one value are in the order of their ids; of an email there is one.
        order = {} if index == "email" else {"id": after}
        arguments["ExclusiveStartKey"] = {**found_by, **order, **customer_key(tenant_id, after)}
    answer = dynamo.query(
        "customers",
        IndexName=index,
        KeyConditionExpression=" AND ".join(f"{name} = :{name}" for name in found_by),
        ExpressionAttributeValues={f":{name}": value for name, value in found_by.items()},
        Limit=limit + 1,
        **arguments,
    )
    ids = [customer_id_in(item) for item in answer["Items"]]
    if len(ids) > limit:
        return ids[:limit], ids[limit - 1]
    last = answer.get("LastEvaluatedKey")
    return ids, customer_id_in(last) if last else None
