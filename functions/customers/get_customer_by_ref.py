"""GET /api/v2/customers/{key}/ref.

200 with the customer of this customerRef.
"""

from functions.shared import customer_store
from functions.shared.customer_answer import customer_answer
from functions.shared.customer_store import Lookup
from functions.shared.endpoint import Request, Response, endpoint


@endpoint
def handler(request: Request) -> Response:
    return customer_answer(
        request, customer_store.find(request.tenant_id, Lookup("customerRef", request.key))
    )
