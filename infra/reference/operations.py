"""What the reference says of each endpoint beside its routes, docstring and request type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NotRequired

from openapi_pydantic import Header, Parameter
from pydantic import Field
from typing_extensions import TypedDict

from functions.auth.errors import InvalidClientError, InvalidTokenRequestError, UnsupportedGrantTypeError
from functions.customers.errors import DuplicateValueError
from functions.customers.request import CustomerChanges, NewAddress, NewCustomer
from functions.exports.errors import TooManyExportsError
from functions.exports.request import NewExport
from functions.imports.request import NewImport
from functions.notes.request import NewNote, NoteChanges
from functions.shared.errors import (
    ApiError,
    ConflictError,
    IdempotencyKeyReusedError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    UnavailableError,
)
from functions.shared.validation import Identifier
from infra.reference import answers
from infra.reference.examples import CUSTOMER, NEW_CUSTOMER, NEW_IMPORT, NEW_NOTE, NOTE, UPDATE
from infra.reference.parameters import (
    CREATE_IF_MISSING,
    ETAG,
    ETAG_OF_ONE,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    LINK,
    LOCATION,
    NEXT_TOKEN,
    NO_STORE,
    PAGE,
    SEARCH,
    UPDATED_SINCE,
    UPLOAD,
    WHICH_CUSTOMER,
    WHICH_CUSTOMER_OF_NOTE,
)


class UploadRow(CustomerChanges, total=False):
    """A customer as for a create; with `mode` update or upsert, as for a change of the one it names.

    A new customer needs an `email`.
    """

    id: Annotated[
        Identifier,
        Field(description="With update and upsert, the customer's `id`: it names that one or nobody"),
    ]


UploadRows = Annotated[list[UploadRow], Field(min_length=1)]
"""The body of a bulk upload, whose rows the handler validates one by one."""


class TokenRequest(TypedDict):
    """A form that asks for a token. Client id and secret may come by HTTP Basic instead."""

    grant_type: Annotated[
        Literal["client_credentials"], Field(description="The one grant there is (RFC 6749, 4.4)")
    ]
    client_id: NotRequired[Annotated[str, Field(description="The client's id, as handed to you")]]
    client_secret: NotRequired[Annotated[str, Field(description="The client's secret, as handed to you")]]


@dataclass(frozen=True)
class Operation:
    """One endpoint to its reader.

    `id` names it in generated clients; `body` is the request's type, `answer` that of the answer with
    `status`, and of a 201 beside it where there are `created_headers`; `which` are the query names that
    stand in for a path value on the routes without one. `errors` are those beside what every route can
    answer.
    """

    id: str
    tag: str
    summary: str
    answer: Any = None
    status: int = 200
    body: Any = None
    form: bool = False
    query: tuple[Parameter, ...] = ()
    which: tuple[Parameter, ...] = ()
    headers: tuple[Parameter, ...] = ()
    answer_headers: Mapping[str, Header] = field(default_factory=dict)
    created_headers: Mapping[str, Header] | None = None
    errors: tuple[type[ApiError], ...] = ()
    body_example: Any = None
    answer_example: Any = None


CUSTOMERS, UPLOADS, NOTES, TOKENS = "Customers", "Bulk upload", "Notes", "Tokens"
EXPORTS = "Export"
IMPORTS = "Imports of files"

TAGS: Mapping[str, str] = {
    TOKENS: "Every request needs an access token; this is where it comes from.",
    CUSTOMERS: "Create, find, change and delete the customers of your tenant.",
    EXPORTS: "Get all customers out, as files.",
    UPLOADS: "Create or change many customers at once, and read what became of each row.",
    IMPORTS: "Bring customers in by files of any size, and read what became of each row.",
    NOTES: "Notes that your staff keep about a customer.",
}
"""The groups of operations, in the order in which a newcomer needs them."""


def _find_by(identifier: str, name: str) -> Operation:
    return Operation(
        f"getCustomerBy{name}",
        CUSTOMERS,
        f"Get a customer by {identifier}",
        answers.Customer,
        headers=(IF_NONE_MATCH,),
        errors=(NotFoundError,),
        answer_headers={"ETag": ETAG},
        answer_example=CUSTOMER,
    )


OPERATIONS: Mapping[str, Operation] = {
    "auth.issue_token": Operation(
        "issueToken",
        TOKENS,
        "Get an access token",
        answers.AccessToken,
        body=TokenRequest,
        form=True,
        answer_headers={"Cache-Control": NO_STORE},
        errors=(InvalidTokenRequestError, UnsupportedGrantTypeError, InvalidClientError, NotFoundError),
        answer_example={
            "access_token": "uWl3xvG5cQ0cO5mF1o9yqk5vJm3Wm8M2k0zR3cJ9s1E",
            "expires_in": 3600,
            "refresh_expires_in": 0,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": "email profile",
        },
    ),
    "customers.create_customer": Operation(
        "createCustomer",
        CUSTOMERS,
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
        CUSTOMERS,
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
        CUSTOMERS,
        "Delete a customer",
        status=204,
        which=WHICH_CUSTOMER,
        headers=(IF_MATCH,),
        errors=(NotFoundError, PreconditionFailedError),
    ),
    "customers.delete_customer_by_ref": Operation(
        "deleteCustomerByRef",
        CUSTOMERS,
        "Delete a customer by customerRef",
        status=204,
        headers=(IF_MATCH,),
        errors=(NotFoundError, PreconditionFailedError),
    ),
    "customers.validate_customer": Operation(
        "validateCustomer",
        CUSTOMERS,
        "Check a customer without creating it",
        answers.ValidCustomer,
        body=NewCustomer,
        errors=(DuplicateValueError,),
        body_example=NEW_CUSTOMER,
        answer_example={"valid": True},
    ),
    "customers.add_address": Operation(
        "addAddress",
        CUSTOMERS,
        "Add an address to a customer",
        answers.CustomerAddress,
        status=201,
        body=NewAddress,
        headers=(IF_MATCH,),
        answer_headers={"ETag": ETAG},
        errors=(NotFoundError, PreconditionFailedError),
        body_example=NEW_CUSTOMER["addresses"][0],
        answer_example=CUSTOMER["addresses"][0],
    ),
    "customers.delete_address": Operation(
        "deleteAddress",
        CUSTOMERS,
        "Take an address from a customer",
        status=204,
        headers=(IF_MATCH,),
        answer_headers={"ETag": ETAG},
        errors=(NotFoundError, PreconditionFailedError),
    ),
    "customers.list_customers": Operation(
        "listCustomers",
        CUSTOMERS,
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
        CUSTOMERS,
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
        CUSTOMERS,
        "Search customers",
        list[answers.Customer],
        query=(*SEARCH, *PAGE),
        answer_headers={"Link": LINK},
        answer_example=[CUSTOMER],
    ),
    "uploads.create_upload": Operation(
        "createUpload",
        UPLOADS,
        "Create or change many customers",
        answers.AcceptedUpload,
        status=202,
        body=UploadRows,
        query=UPLOAD,
        headers=(IDEMPOTENCY_KEY,),
        answer_headers={"Location": LOCATION},
        errors=(IdempotencyKeyReusedError,),
        body_example=[NEW_CUSTOMER],
    ),
    "uploads.get_upload": Operation(
        "getUpload",
        UPLOADS,
        "Get an upload's report",
        answers.UploadReport,
        query=(NEXT_TOKEN,),
        answer_headers={"Link": LINK},
        errors=(NotFoundError,),
    ),
    "exports.create_export": Operation(
        "createExport",
        EXPORTS,
        "Begin an export",
        answers.Export,
        status=202,
        body=NewExport,
        headers=(IDEMPOTENCY_KEY,),
        answer_headers={"Location": LOCATION},
        errors=(IdempotencyKeyReusedError, TooManyExportsError),
        body_example={"format": "jsonl"},
    ),
    "exports.list_exports": Operation("listExports", EXPORTS, "List exports", list[answers.ListedExport]),
    "exports.get_export": Operation(
        "getExport",
        EXPORTS,
        "Get an export and its files",
        answers.Export,
        query=(NEXT_TOKEN,),
        answer_headers={"Link": LINK},
        errors=(NotFoundError,),
    ),
    "exports.delete_export": Operation(
        "deleteExport", EXPORTS, "Delete an export and its files", status=204, errors=(NotFoundError,)
    ),
    "imports.create_import": Operation(
        "createImport",
        IMPORTS,
        "Announce a file of customers",
        answers.ImportWithUpload,
        status=201,
        body=NewImport,
        headers=(IDEMPOTENCY_KEY,),
        answer_headers={"Location": LOCATION},
        errors=(IdempotencyKeyReusedError,),
        body_example=NEW_IMPORT,
    ),
    "imports.list_imports": Operation(
        "listImports",
        IMPORTS,
        "List imports",
        list[answers.Import],
        query=PAGE,
        answer_headers={"Link": LINK},
    ),
    "imports.get_import": Operation(
        "getImport",
        IMPORTS,
        "Get an import's report",
        answers.ImportWithFiles,
        query=(NEXT_TOKEN,),
        answer_headers={"Link": LINK},
        errors=(NotFoundError,),
    ),
    "imports.cancel_import": Operation(
        "cancelImport",
        IMPORTS,
        "Cancel an import",
        answers.Import,
        errors=(NotFoundError,),
    ),
    "imports.continue_upload": Operation(
        "continueUpload",
        IMPORTS,
        "Complete or go on with a file's upload",
        answers.ImportWithUpload,
        errors=(NotFoundError,),
    ),
    "notes.create_note": Operation(
        "createNote",
        NOTES,
        "Create a note",
        answers.Note,
        body=NewNote,
        query=WHICH_CUSTOMER_OF_NOTE,
        headers=(IDEMPOTENCY_KEY,),
        answer_headers={"ETag": ETAG, "Location": LOCATION},
        errors=(NotFoundError, IdempotencyKeyReusedError),
        body_example=NEW_NOTE,
        answer_example=NOTE,
    ),
    "notes.update_note": Operation(
        "updateNote",
        NOTES,
        "Change a note",
        answers.Note,
        body=NoteChanges,
        headers=(IF_MATCH,),
        answer_headers={"ETag": ETAG},
        errors=(NotFoundError, PreconditionFailedError),
        body_example={"id": NOTE["id"], "note": "Prefers to be called before nine"},
        answer_example=NOTE,
    ),
    "notes.get_note": Operation(
        "getNote",
        NOTES,
        "Get a note",
        answers.Note,
        headers=(IF_NONE_MATCH,),
        answer_headers={"ETag": ETAG},
        errors=(NotFoundError,),
        answer_example=NOTE,
    ),
    "notes.delete_note": Operation(
        "deleteNote",
        NOTES,
        "Delete a note",
        answers.Note,
        headers=(IF_MATCH,),
        errors=(NotFoundError, PreconditionFailedError),
        answer_example=NOTE,
    ),
    "notes.list_notes": Operation(
        "listNotes",
        NOTES,
        "List a customer's notes",
        list[answers.Note],
        which=WHICH_CUSTOMER,
        query=PAGE,
        answer_headers={"Link": LINK},
        errors=(NotFoundError,),
        answer_example=[NOTE],
    ),
    "notes.delete_notes": Operation(
        "deleteNotes",
        NOTES,
        "Delete all of a customer's notes",
        answers.DeletedNotes,
        which=WHICH_CUSTOMER,
        errors=(NotFoundError,),
        answer_example={"deleted": 2},
    ),
}
"""By handler, as in the route table."""

ANYWHERE: tuple[type[ApiError], ...] = (InvalidRequestError, ConflictError, UnavailableError)
"""Errors that any handler may raise."""
