"""GET /api/v2/customers/{key}/email.

200 with the customer of this email address.
"""

from functions.customers import store
from functions.customers.answer import read_answer
from functions.customers.store import Lookup
from functions.shared.endpoint import Request, Response, endpoint


@endpoint()
def handler(request: Request) -> Response:
    return read_answer(request, store.find(request.tenant_id, Lookup("email", request.key)))
