"""GET /api/v2/customers/{key}/alternateCustomerRef.

200 with the customer of this alternateCustomerRef.
"""

from functions.customers import directory
from functions.customers.answer import customer_answer
from functions.customers.directory import Lookup
from functions.shared.endpoint import Request, Response, endpoint


@endpoint()
def handler(request: Request) -> Response:
    return customer_answer(
        request, directory.find(request.tenant_id, Lookup("alternateCustomerRef", request.key))
    )
