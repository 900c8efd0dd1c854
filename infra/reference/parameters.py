"""The parameters, headers and path values of the API's operations."""

from collections.abc import Mapping

from openapi_pydantic import Header, Parameter
from openapi_pydantic.v3.v3_1.parameter import ParameterLocation

from functions.customers.keys import IDENTIFIERS, SEARCH_FIELDS
from functions.shared.paging import MAX_LIMIT
from functions.uploads.chunk import MATCHES
from functions.uploads.options import MODES

_SAMPLE = {
    "id": "7c14445d-c9fb-457d-90ec-114a04e57bc3",
    "customerRef": "CUST11959",
    "alternateCustomerRef": "A-204",
    "email": "test@customer.com",
}

_ADDRESS_ID = "0c8a1f7e-5f0f-4f43-8a53-6a3f3b1f2f10"

_SEARCH = {
    "email": "Email address, without regard to case",
    "mobile": "Mobile telephone number, compared by its digits alone",
    "phone": "Telephone number, compared by its digits alone",
    "lastName": "Last name, without regard to case",
    "firstName": "First name, without regard to case",
}


def _parameter(
    where: ParameterLocation,
    name: str,
    description: str,
    schema: Mapping[str, object],
    *,
    required: bool = False,
) -> Parameter:
    return Parameter.model_validate(
        {"name": name, "in": where, "description": description, "required": required, "schema": schema}
    )


# No optional one has an example: a console would send it.
def query(name: str, description: str, **schema: object) -> Parameter:
    """A query parameter; what it takes is text where `schema` says nothing else."""
    return _parameter(ParameterLocation.QUERY, name, description, {"type": "string"} | schema)


def header(name: str, description: str, **schema: object) -> Parameter:
    """A header of a request."""
    return _parameter(ParameterLocation.HEADER, name, description, {"type": "string"} | schema)


def answer_header(description: str, *, always: bool = False, **schema: object) -> Header:
    """A header of an answer; `always` says that no such answer is without it."""
    return Header.model_validate(
        {"description": description, "required": always, "schema": {"type": "string"} | schema}
    )


WHICH_CUSTOMER = tuple(query(name, f"The customer's `{name}`") for name in IDENTIFIERS)
WHICH_CUSTOMER_OF_NOTE = WHICH_CUSTOMER[:2]

SEARCH = tuple(query(name, _SEARCH[name]) for name in SEARCH_FIELDS)

NEXT_TOKEN = query("nextToken", "Where to go on: taken from the `Link` of the page before, never made up")
PAGE = (
    query(
        "limit",
        "How many entries a page has at most",
        type="integer",
        minimum=1,
        maximum=MAX_LIMIT,
        default=MAX_LIMIT,
    ),
    query(
        "pageSize",
        "Another name for `limit`",
        type="integer",
        minimum=1,
        maximum=MAX_LIMIT,
        default=MAX_LIMIT,
    ),
    NEXT_TOKEN,
)

UPDATED_SINCE = query(
    "updatedSince",
    "Only customers whose `lastModifiedDate` is this moment or later (ISO 8601, UTC where it names no zone). "
    "A filter, not a feed of changes: it does not tell of deleted customers, and of one that changes while "
    "you list you see what stood when its page was made",
    format="date-time",
)

CREATE_IF_MISSING = query(
    "createIfMissing",
    "`true`: where the `customerRef`, `alternateCustomerRef` or `email` in path or query finds nobody, a "
    "customer is made of it and the body, with 201",
    enum=["true", "false"],
    default="false",
)
UPLOAD = (
    query(
        "mode",
        "`create` makes a customer of each row; `update` changes the customer that a row names, by the rules "
        "of `PUT`; `upsert` does that, and creates where it finds none",
        enum=list(MODES),
        default="create",
    ),
    query(
        "matchBy",
        "With `update` and `upsert`, the field that names the customer, which every row gives then. Without "
        "it the first of `id`, `customerRef` and `email` that a row gives and that finds one",
        enum=list(MATCHES),
    ),
    query(
        "partial",
        "`true`: good rows are queued though others are not valid; those are in the answer and in the report",
        enum=["true", "false"],
        default="false",
    ),
    query(
        "dryRun",
        "`true`: the report tells what would become of each row, and no customer is made or changed",
        enum=["true", "false"],
        default="false",
    ),
)
IF_MATCH = header(
    "If-Match",
    "Change only this version: the `ETag` of the answer your change starts from (or `*`). Another version is "
    "412 and nothing changes. Without it the change is applied to what stands.",
)
IF_NONE_MATCH = header(
    "If-None-Match", "The `ETag` of what you have: where that is still so, the answer is 304 without a body"
)
IDEMPOTENCY_KEY = header(
    "Idempotency-Key",
    "Makes a repeat safe: the same key and body again create nothing and answer as the first time. Choose "
    "a new one, such as a UUID, for each thing to create.",
    minLength=1,
    maxLength=255,
)

ETAG = answer_header("The version of what is shown, for `If-Match`", always=True, examples=['"3"'])
ETAG_OF_ONE = answer_header("The version of the one customer that the query names, for `If-Match`")
LOCATION = answer_header("The address of what was created", always=True, format="uri")
LINK = answer_header('`<…>; rel="next"`: the address of the next page (RFC 8288); absent on the last one')
NO_STORE = answer_header("`no-store`: a token is not for caches", always=True)


def path_values(path: str) -> tuple[str, list[Parameter]]:
    """A path of the route table, its variables named for the reader, and these.

    The gateway knows one name a level; what it stands for follows from what is around it.
    """
    values = [_key(path)] if "{key}" in path else []
    shown = path.replace("{key}", f"{{{values[0].name}}}") if values else path
    if "{addressID}" in path:
        values.append(_in_path("addressID", "The address's `addressID`", _ADDRESS_ID))
    if "{tenant}" in path:
        values.append(_in_path("tenant", "The tenant's key", "demo"))
    return shown, values


def _key(path: str) -> Parameter:
    head, _, tail = path.partition("{key}")
    noun, field = head.rstrip("/").rpartition("/")[2], tail.strip("/").partition("/")[0]
    if field in {"ref", "email", "alternateCustomerRef"}:
        name = "customerRef" if field == "ref" else field
        return _in_path(name, f"The customer's `{name}`", _SAMPLE[name])
    if noun == "upload-customers":
        return _in_path("uploadId", "The upload's `uploadId`", "b3c3a2a4-5f0e-4b7e-9a0c-2f4c8f4d9b11")
    if noun == "exports":
        return _in_path("exportId", "The export's `exportId`", "5f0c9a52-8f0e-4a37-b6a5-3f4f7c1f9d20")
    if noun == "imports":
        return _in_path("importId", "The import's `importId`", "5b0c1c1e-0f6e-4f2e-8f0e-7c0d1a2b3c4d")
    if noun == "note":
        return _in_path("noteId", "The note's `id`", f"{_SAMPLE['id']}-0644e0b0a1c2d4f01a2b3c4d")
    return _in_path(
        "customer",
        f"The customer: an `id`, or {', '.join(f'`{form}=…`' for form in IDENTIFIERS)}",
        _SAMPLE["id"],
        *(f"{form}={_SAMPLE[form]}" for form in IDENTIFIERS),
    )


def _in_path(name: str, description: str, *examples: str) -> Parameter:
    schema = {"type": "string", "minLength": 1, "examples": list(examples)}
    return _parameter(ParameterLocation.PATH, name, description, schema, required=True)
