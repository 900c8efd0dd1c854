"""A page of customers: an index says who may be on it, a consistent read of the table who is."""

from collections.abc import Callable, Iterator

from functions.customers.customer import Customer
from functions.customers.item import customer_key, live
from functions.shared import dynamo
from functions.shared.endpoint import JsonText, answer_bytes
from functions.shared.paging import Page

MAX_ROUNDS = 10
"""Rounds of candidates one page may cost; a page cut short by it still links to the next."""

MAX_PAGE_BYTES = 5 * 1024 * 1024
"""What a page may hold before it is cut short; a function's answer ends at 6 MB (AWS: Lambda quotas)."""

Candidates = Callable[[str | None, int], tuple[list[str], str | None]]
"""The ids behind an id, of which so many are wanted (at most 100), and the id to go on from, if any."""


def filled(
    tenant_id: str,
    page: Page,
    candidates: Candidates,
    matches: Callable[[Customer], bool],
    shown: Callable[[Customer], JsonText],
) -> tuple[list[JsonText], str | None]:
    """The customers of a page as they stand now, each written by `shown`, and the position to go on from.

    Each is written once: its length decides what fits a page. A page may be short and still have a next.
    """
    found: list[JsonText] = []
    room = MAX_PAGE_BYTES
    position = page.after
    for _ in range(MAX_ROUNDS):
        ids, following = candidates(position, page.limit - len(found))
        for candidate, customer in current(tenant_id, ids):
            if customer and matches(customer):
                text = shown(customer)
                room -= answer_bytes(text)
                if len(found) == page.limit or (room < 0 and found):
                    return found, position
                found.append(text)
            position = candidate
        position = following
        if position is None or len(found) == page.limit:
            break
    return found, position


def current(tenant_id: str, ids: list[str]) -> Iterator[tuple[str, Customer | None]]:
    """Each id with its customer as it stands now, None for one that was deleted; at most 100."""
    if ids:
        items = dynamo.batch_get([("customers", customer_key(tenant_id, one)) for one in ids])
        yield from zip(ids, map(live, items), strict=True)
