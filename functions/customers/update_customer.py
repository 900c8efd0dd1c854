"""PUT /api/v2/customers, PUT /api/v2/customers/{key}.

200 with the customer after the change; the customer is named in path or query, else in the body, where the
first of `id`, `customerRef` and `email` that finds one decides.
"""

import uuid

from functions.customers import store
from functions.customers.answer import customer_answer
from functions.customers.customer import changed_customer
from functions.customers.lookup import IDENTIFIERS, possible_lookups
from functions.customers.request import CustomerChanges
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.validation import validator

validate = validator(CustomerChanges)


@endpoint(*IDENTIFIERS)
def handler(request: Request) -> Response:
    body = request.json_object()
    changes = validate(body, request.now)
    lookups = possible_lookups(request, body)
    customer = store.update(
        request.tenant_id,
        lookups,
        lambda current: changed_customer(
            current, changes, now=clock.timestamp(request.now), new_id=lambda: str(uuid.uuid4())
        ),
        if_match=request.headers.get("if-match"),
    )
    return customer_answer(request, customer)
