"""GET /api/v2/customers/{key}.

200 with the customer that the path names; 304 where `If-None-Match` has its version.
"""

from functions.customers import directory
from functions.customers.answer import customer_answer
from functions.customers.keys import IDENTIFIERS
from functions.customers.lookup import required_lookup
from functions.shared.endpoint import Request, Response, endpoint


@endpoint(*IDENTIFIERS)
def handler(request: Request) -> Response:
    return customer_answer(request, directory.find(request.tenant_id, required_lookup(request)))
