"""What the reference says of customers."""

from collections.abc import Mapping

from functions.customers.errors import DuplicateValueError
from functions.customers.request import Address, CustomerChanges, NewCustomer
from functions.shared.errors import (
    IdempotencyKeyReusedError,
    NotFoundError,
    PreconditionFailedError,
)
from infra.reference.answers import customers as answers
from infra.reference.examples import CUSTOMER, NEW_CUSTOMER, UPDATE
from infra.reference.operations import tags
from infra.reference.operations.operation import Operation
from infra.reference.parameters import (
    CREATE_IF_MISSING,
    ETAG,
    ETAG_OF_ONE,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    LINK,
    LOCATION,
    PAGE,
    SEARCH,
    UPDATED_SINCE,
    WHICH_CUSTOMER,
)


def _find_by(identifier: str, name: str) -> Operation:
    return Operation(
        f"getCustomerBy{name}",
        tags.CUSTOMERS,
        f"Get a customer by {identifier}",
        answers.Customer,
        headers=(IF_NONE_MATCH,),
        errors=(NotFoundError,),
        answer_headers={"ETag": ETAG},
        answer_example=CUSTOMER,
    )


OPERATIONS: Mapping[str, Operation] = {
    "customers.create_customer": Operation(
        "createCustomer",
        tags.CUSTOMERS,
        "Create a customer",
        answers.Customer,
        status=201,
        body=NewCustomer,
        headers=(IDEMPOTENCY_KEY,),
        answer_headers={"ETag": ETAG, "Location": LOCATION},
        errors=(DuplicateValueError, IdempotencyKeyReusedError),
        body_example=NEW_CUSTOMER,
        answer_example=CUSTOMER,
    ),
    "customers.update_customer": Operation(
        "updateCustomer",
        tags.CUSTOMERS,
        "Change a customer",
        answers.Customer,
        body=CustomerChanges,
        which=WHICH_CUSTOMER,
        query=(CREATE_IF_MISSING,),
        created_headers={"ETag": ETAG, "Location": LOCATION},
        headers=(IF_MATCH,),
        answer_headers={"ETag": ETAG},
        errors=(DuplicateValueError, NotFoundError, PreconditionFailedError),
        body_example=UPDATE,
        answer_example=CUSTOMER,
    ),
    "customers.delete_customer": Operation(
        "deleteCustomer",
        tags.CUSTOMERS,
        "Delete a customer",
        status=204,
        which=WHICH_CUSTOMER,
        headers=(IF_MATCH,),
        errors=(NotFoundError, PreconditionFailedError),
    ),
    "customers.delete_customer_by_ref": Operation(
        "deleteCustomerByRef",
        tags.CUSTOMERS,
        "Delete a customer by customerRef",
        status=204,
        headers=(IF_MATCH,),
        errors=(NotFoundError, PreconditionFailedError),
    ),
    "customers.validate_customer": Operation(
        "validateCustomer",
        tags.CUSTOMERS,
        "Check a customer without creating it",
        answers.ValidCustomer,
        body=NewCustomer,
        errors=(DuplicateValueError,),
        body_example=NEW_CUSTOMER,
        answer_example={"valid": True},
    ),
    "customers.add_address": Operation(
        "addAddress",
        tags.CUSTOMERS,
        "Add an address to a customer",
        answers.CustomerAddress,
        status=201,
        body=Address,
        headers=(IF_MATCH,),
        answer_headers={"ETag": ETAG},
        errors=(NotFoundError, PreconditionFailedError),
        body_example=NEW_CUSTOMER["addresses"][0],
        answer_example=CUSTOMER["addresses"][0],
    ),
    "customers.delete_address": Operation(
        "deleteAddress",
        tags.CUSTOMERS,
        "Take an address from a customer",
        status=204,
        headers=(IF_MATCH,),
        answer_headers={"ETag": ETAG},
        errors=(NotFoundError, PreconditionFailedError),
    ),
    "customers.list_customers": Operation(
        "listCustomers",
        tags.CUSTOMERS,
        "List all customers, or get one by the query",
        list[answers.Customer] | answers.Customer,
        which=WHICH_CUSTOMER,
        query=(*PAGE, UPDATED_SINCE),
        headers=(IF_NONE_MATCH,),
        errors=(NotFoundError,),
        answer_headers={"Link": LINK, "ETag": ETAG_OF_ONE},
        answer_example=[CUSTOMER],
    ),
    "customers.get_customer": Operation(
        "getCustomerByKey",
        tags.CUSTOMERS,
        "Get a customer",
        answers.Customer,
        which=WHICH_CUSTOMER,
        headers=(IF_NONE_MATCH,),
        errors=(NotFoundError,),
        answer_headers={"ETag": ETAG},
        answer_example=CUSTOMER,
    ),
    "customers.get_customer_by_ref": _find_by("customerRef", "Ref"),
    "customers.get_customer_by_email": _find_by("email", "Email"),
    "customers.get_customer_by_alternate_ref": _find_by("alternateCustomerRef", "AlternateRef"),
    "customers.search_customers": Operation(
        "searchCustomers",
        tags.CUSTOMERS,
        "Search customers",
        list[answers.Customer],
        query=(*SEARCH, *PAGE),
        answer_headers={"Link": LINK},
        answer_example=[CUSTOMER],
    ),
}
