"""GET /api/v2/customers/search.

200 with the customers that match all criteria, maybe none, in pages.
"""

from functions.customers.customer import present
from functions.customers.keys import SEARCH_FIELDS, search_key
from functions.customers.lookup import email_in_query
from functions.customers.search import search
from functions.shared.endpoint import JsonText, Request, Response, endpoint, written
from functions.shared.errors import InvalidRequestError
from functions.shared.ids import ID
from functions.shared.paging import PAGE_QUERY, next_page, requested_page
from functions.shared.text import is_blank


@endpoint(*SEARCH_FIELDS, *PAGE_QUERY)
def handler(request: Request) -> Response:
    criteria = _criteria(request)
    page = requested_page(request, criteria, ID)
    today = request.now.date()
    customers, last = search(
        request.tenant_id, criteria, page, lambda customer: written(present(customer, today))
    )
    return Response(200, JsonText(f"[{','.join(customers)}]"), next_page(request, criteria, last))


def _criteria(request: Request) -> dict[str, str]:
    given = {name: value for name in SEARCH_FIELDS if not is_blank(value := request.query.get(name, ""))}
    if not given:
        raise InvalidRequestError(f"Search by one or more of {', '.join(SEARCH_FIELDS)}")
    if "email" in given:
        given["email"] = email_in_query(given["email"])
    return {name: search_key(name, value) for name, value in given.items()}
