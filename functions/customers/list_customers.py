"""GET /api/v2/customers.

200 with all customers of the tenant, in pages. A customer that is there from the first page to the last is
in them exactly once; one created or deleted meanwhile may be. The list follows a write by a moment. A page
may be short, or empty, and still have a next. Where the query names a customer, 200 with that one alone, or
304 where `If-None-Match` has its version.
"""

import re

from functions.customers import directory
from functions.customers.answer import customer_answer
from functions.customers.customer import Customer, present
from functions.customers.keys import IDENTIFIERS
from functions.customers.listing import listed_after
from functions.customers.lookup import required_lookup
from functions.customers.page import filled
from functions.shared import clock
from functions.shared.dynamo import BATCH_GET_LIMIT
from functions.shared.endpoint import JsonText, Request, Response, endpoint, written
from functions.shared.errors import FieldError, InvalidRequestError
from functions.shared.paging import PAGE_QUERY, next_page, requested_page
from functions.shared.text import is_blank

POSITION = re.compile(r"[0-9a-f][0-9a-f-]{35}")


@endpoint(*IDENTIFIERS, *PAGE_QUERY, "updatedSince")
def handler(request: Request) -> Response:
    # An identifier that came out blank means one customer all the same: it must never show others.
    if request.query.keys() & set(IDENTIFIERS):
        _require_no_list(request)
        return customer_answer(request, directory.find(request.tenant_id, required_lookup(request)))
    since = _since(request)
    scope = {"list": "customers", "updatedSince": since}
    today = request.now.date()

    def candidates(position: str | None, wanted: int) -> tuple[list[str], str | None]:
        return listed_after(request.tenant_id, position, BATCH_GET_LIMIT if since else wanted)

    def matches(customer: Customer) -> bool:
        return str(customer["lastModifiedDate"]) >= since

    customers, last = filled(
        request.tenant_id,
        requested_page(request, scope, POSITION),
        candidates,
        matches,
        lambda customer: written(present(customer, today)),
    )
    return Response(200, JsonText(f"[{','.join(customers)}]"), next_page(request, scope, last))


def _require_no_list(request: Request) -> None:
    wrong = [FieldError(name, "is for a list") for name in request.query if name not in IDENTIFIERS]
    if wrong:
        raise InvalidRequestError("The query names a customer and asks for a list", wrong)


def _since(request: Request) -> str:
    """`updatedSince` as timestamps are written, empty where it is not given."""
    given = request.query.get("updatedSince", "").strip()
    if is_blank(given):
        return ""
    # The gateway has made a space of the zone's plus.
    text = given.replace(" ", "+") if "T" in given.upper() else given
    try:
        return clock.timestamp(clock.moment(text))
    except (ValueError, OverflowError):
        raise InvalidRequestError.for_field(
            "updatedSince", "must be an ISO 8601 date or date-time, as 2026-11-27T10:00:00Z"
        ) from None
