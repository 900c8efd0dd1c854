"""Search: an index finds candidates, a consistent read decides, so a stale index never shows a customer."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from functions.customers.customer import Customer
from functions.customers.item import INDEX_KEYS, customer_id_in, customer_key, index_key, live
from functions.customers.keys import SEARCH_FIELDS, search_keys
from functions.shared import dynamo
from functions.shared.endpoint import JsonText, answer_bytes
from functions.shared.paging import Page

MAX_ROUNDS = 10
"""Rounds of candidates one page may cost; a page cut short by it still links to the next."""

MAX_PAGE_BYTES = 5 * 1024 * 1024
"""What a page may hold before it is cut short; a function's answer ends at 6 MB (AWS: Lambda quotas)."""

_OTHER_NAME = {"lastName": "firstName", "firstName": "lastName"}
_SORTED_BY_ID = frozenset({"mobile", "phone", "lastName", "firstName"})


def search(
    tenant_id: str, criteria: Mapping[str, str], page: Page, shown: Callable[[Customer], JsonText]
) -> tuple[list[JsonText], str | None]:
    """Customers that match all `criteria` (search keys by field), and the position to go on from, if any.

    Each customer comes as `shown` writes it, once: its length decides what fits a page. The position is the
    id of the last candidate looked at; a page may be short and still have a next.
    """
    if not all(criteria.values()):
        return [], None
    matches: list[JsonText] = []
    room = MAX_PAGE_BYTES
    position = page.after
    for _ in range(MAX_ROUNDS):
        candidates, following = _candidates(tenant_id, criteria, position, page.limit - len(matches))
        for candidate, customer in _customers(tenant_id, candidates):
            if customer and criteria.items() <= search_keys(customer).items():
                text = shown(customer)
                room -= answer_bytes(text)
                if room < 0 and matches:
                    return matches, position
                matches.append(text)
            position = candidate
        position = following
        if position is None or len(matches) == page.limit:
            break
    return matches, position


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


def _customers(tenant_id: str, ids: list[str]) -> Iterator[tuple[str, Customer | None]]:
    if ids:
        items = dynamo.batch_get([("customers", customer_key(tenant_id, one)) for one in ids])
        yield from zip(ids, map(live, items), strict=True)
