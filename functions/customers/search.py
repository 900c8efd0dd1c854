"""Search: an index finds candidates, a consistent read decides, so a stale index never shows a customer."""

from collections.abc import Callable, Mapping
from typing import Any

from functions.customers.customer import Customer
from functions.customers.item import INDEX_KEYS, customer_id_in, customer_key, index_key
from functions.customers.keys import SEARCH_FIELDS, search_keys
from functions.customers.page import filled
from functions.shared import dynamo
from functions.shared.endpoint import JsonText
from functions.shared.paging import Page

_OTHER_NAME = {"lastName": "firstName", "firstName": "lastName"}
_SORTED_BY_ID = frozenset({"mobile", "phone", "lastName", "firstName"})


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
        lambda customer: criteria.items() <= search_keys(customer).items(),
        shown,
    )


def _candidates(
    tenant_id: str, criteria: Mapping[str, str], after: str | None, limit: int
) -> tuple[list[str], str | None]:
    field = next(field for field in SEARCH_FIELDS if field in criteria)
    key, value = INDEX_KEYS[field], index_key(criteria[field])
    arguments: dict[str, Any] = {
        "IndexName": field,
        "KeyConditionExpression": "tenantId = :tenantId AND #key = :value",
        "ExpressionAttributeNames": {"#key": key},
        "ExpressionAttributeValues": {":tenantId": tenant_id, ":value": value},
    }
    other = _OTHER_NAME.get(field, "")
    if other in criteria:
        # The name indexes carry the other name, so a common name costs no read of the table.
        arguments["FilterExpression"] = "#other = :other"
        arguments["ExpressionAttributeNames"]["#other"] = INDEX_KEYS[other]
        arguments["ExpressionAttributeValues"][":other"] = index_key(criteria[other])
    else:
        arguments["Limit"] = limit + 1
    if after is not None:
        start = {"tenantId": tenant_id, key: value, **customer_key(tenant_id, after)}
        arguments["ExclusiveStartKey"] = start | ({"id": after} if field in _SORTED_BY_ID else {})
    answer = dynamo.query("customers", **arguments)
    ids = [customer_id_in(item) for item in answer["Items"]]
    if len(ids) > limit:
        return ids[:limit], ids[limit - 1]
    last = answer.get("LastEvaluatedKey")
    return ids, customer_id_in(last) if last else None
