"""PUT /api/v2/customers, PUT /api/v2/customers/{key}.

200 with the customer after the change; the customer is named in path or query, else in the body, where the
first of `id`, `customerRef` and `email` that finds one decides. With `createIfMissing=true`, 201 with the new
customer and its `Location` where the reference or email in path or query finds none.
"""

import uuid

from functions.customers import store
from functions.customers.answer import customer_answer, location
from functions.customers.customer import Customer, changed_customer, new_customer
from functions.customers.keys import IDENTIFIERS
from functions.customers.lookup import named_for_creation, possible_lookups
from functions.customers.request import CustomerChanges, NewCustomer
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.validation import validator

validate_changes = validator(CustomerChanges)
validate_new = validator(NewCustomer)


@endpoint(*IDENTIFIERS, "createIfMissing")
def handler(request: Request) -> Response:
    body = request.json_object()
    changes = validate_changes(body, request.now)
    now = clock.timestamp(request.now)

    def change(current: Customer) -> Customer:
        return changed_customer(current, changes, now=now, new_id=_new_id)

    named = named_for_creation(request, changes)
    if named is None:
        lookups = possible_lookups(request, body)
        if_match = request.headers.get("if-match")
        return customer_answer(request, store.update(request.tenant_id, lookups, change, if_match=if_match))

    def new() -> Customer:
        fields = validate_new({**body, named.field: named.value}, request.now)
        return new_customer(_new_id(), fields, now=now, new_id=_new_id)

    customer, is_new = store.upsert(request.tenant_id, named, change, new)
    if is_new:
        return customer_answer(request, customer, status=201, headers=location(request, customer))
    return customer_answer(request, customer)


def _new_id() -> str:
    return str(uuid.uuid4())
