"""GET /api/v2/customers/{key}.

200 with the customer of this id.
"""

from functions.customers import store
from functions.customers.answer import customer_answer
from functions.customers.store import Lookup
from functions.shared.endpoint import Request, Response, endpoint


@endpoint
def handler(request: Request) -> Response:
    return customer_answer(request, store.find(request.tenant_id, Lookup("id", request.key)))
