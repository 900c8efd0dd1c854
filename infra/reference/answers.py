"""The bodies of the API's answers, as its reference shows them.

They exist for the reader and for the tests, which hold every answer against them; no handler builds one.
What a field means that a request has too stands with the request, and is taken from there.
"""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

Id = Annotated[str, Field(json_schema_extra={"format": "uuid"})]
Moment = Annotated[
    str,
    Field(json_schema_extra={"format": "date-time"}, examples=["2023-05-19T03:14:32.181Z"]),
]
Money = Annotated[
    str, Field(pattern=r"^-?[0-9]+\.[0-9]{2}$", examples=["120.50"], description="Decimal, two places")
]


class CustomerAddress(TypedDict):
    """One address of a customer; fields without a value are left out."""

    addressID: Annotated[str, Field(description="Identifier of the address, unique in its customer")]
    address1: NotRequired[str]
    address2: NotRequired[str]
    addressRef: NotRequired[str]
    city: NotRequired[str]
    company: NotRequired[str]
    email: NotRequired[str]
    firstName: NotRequired[str]
    lastName: NotRequired[str]
    name: NotRequired[str]
    postcode: NotRequired[str]
    phone: NotRequired[str]
    province: NotRequired[str]
    provinceCode: NotRequired[str]
    country: NotRequired[str]
    countryCode: NotRequired[str]


class CustomerOptinPreference(TypedDict):
    """A customer's consent on one channel; never mentioned, it is `{"opt_in_active": false}` alone."""

    opt_in_active: bool
    opt_in_updated_at: NotRequired[Moment]
    opted_in_at: NotRequired[Moment]


class CustomerOptinPreferences(TypedDict):
    """A customer's consent by channel; both channels are always there."""

    email: CustomerOptinPreference
    sms: CustomerOptinPreference


class CustomerAttributeGroup(TypedDict):
    """A named group of the retailer's own attributes."""

    attributes: NotRequired[dict[str, str]]
    description: NotRequired[str]


class Customer(TypedDict):
    """A customer. Fields without a value are left out, never `null`."""

    id: Annotated[Id, Field(description="The service's own identifier of the customer; it never changes")]
    email: str
    customerRef: NotRequired[str]
    alternateCustomerRef: NotRequired[str]
    firstName: NotRequired[str]
    lastName: NotRequired[str]
    mobile: NotRequired[str]
    phone: NotRequired[str]
    dob: NotRequired[str]
    vipStatus: NotRequired[bool]
    loyaltyTier: NotRequired[str]
    spendToNextTier: NotRequired[str]
    joinedStoreId: NotRequired[str]
    memberSince: NotRequired[str]
    addresses: NotRequired[list[CustomerAddress]]
    attributeGroups: NotRequired[dict[str, CustomerAttributeGroup]]
    active: bool
    accepts_marketing: bool
    marketing_preferences_updated_at: NotRequired[
        Annotated[
            Moment, Field(description="When `accepts_marketing` or `optin_preferences` last changed (UTC)")
        ]
    ]
    customer_state: Literal["disabled", "invited", "enabled", "declined"]
    taxExempt: bool
    taxExemptions: list[str]
    verified_email: bool
    createdDate: Annotated[Moment, Field(description="When the customer was created (UTC)")]
    lastModifiedDate: Annotated[
        Moment, Field(description="When the customer last changed (UTC); figures from orders do not move it")
    ]
    lastModified: Annotated[Moment, Field(description="The same as `lastModifiedDate`")]
    optin_preferences: CustomerOptinPreferences
    lifetimeOrderValue: Annotated[
        Money, Field(description="Sum of the totals of all orders that count; `0.00` before the first")
    ]
    averageSpendPerAnnum: Annotated[
        Money,
        Field(description="`totalSpend` a year since the first order; the first year counts as a whole one"),
    ]
    running12monthSpend: Annotated[
        Money, Field(description="Spend of the last twelve months (UTC), right on the day it is read")
    ]
    totalOrders: Annotated[
        str, Field(pattern="^[0-9]+$", examples=["3"], description="How many orders count")
    ]
    totalSpend: Annotated[Money, Field(description="Totals less refunds of all orders that count")]
    lastOrderDate: NotRequired[Annotated[Moment, Field(description="When the last order was placed (UTC)")]]
    lastOrderRef: NotRequired[Annotated[str, Field(description="`orderRef` of the last order")]]
    orderFiguresCurrency: NotRequired[
        Annotated[
            str,
            Field(
                description="The currency of the figures (ISO 4217), that of most orders; absent where those "
                "name none",
                examples=["AUD"],
            ),
        ]
    ]


class ValidCustomer(TypedDict):
    """A create of this customer would succeed now."""

    valid: Annotated[Literal[True], Field(description="Always true: what is not valid is a 400")]


class Note(TypedDict):
    """A note about a customer."""

    id: Annotated[str, Field(description="The note's identifier", pattern="^[0-9a-f-]{61}$")]
    customerId: Annotated[Id, Field(description="`id` of the customer")]
    customerRef: NotRequired[Annotated[str, Field(description="The customer's `customerRef` of today")]]
    note: str
    author: NotRequired[str]
    createdDate: Annotated[Moment, Field(description="When the note was made (UTC)")]
    lastModifiedDate: Annotated[Moment, Field(description="When the note last changed (UTC)")]


class DeletedNotes(TypedDict):
    """How many notes were deleted."""

    deleted: Annotated[int, Field(ge=0, description="How many there were")]


class RowError(TypedDict):
    """Why one row failed; a row that is not valid has one for each wrong field."""

    row: Annotated[int, Field(ge=0, description="The row's place in the array, counted from 0")]
    code: Annotated[
        Literal["duplicate_value", "not_found", "invalid_request", "too_many_rows"],
        Field(
            description="What went wrong, for a machine: a unique value is taken; the row names no customer "
            "there is; it is not valid; too many rows before it name the same customer"
        ),
    ]
    field: NotRequired[Annotated[str, Field(description="The field to blame", examples=["email"])]]
    message: Annotated[str, Field(description="What went wrong, for a person")]


class _Upload(TypedDict):
    uploadId: Annotated[Id, Field(description="Leads to the upload's report")]
    status: Annotated[
        Literal["accepted", "processing", "completed"],
        Field(description="`completed` once every row has its verdict"),
    ]
    mode: NotRequired[
        Annotated[
            Literal["update", "upsert"],
            Field(description="What the rows are to do, as it was asked; absent where they only create"),
        ]
    ]
    dryRun: NotRequired[
        Annotated[Literal[True], Field(description="The report says what would be; nothing is changed")]
    ]
    received: Annotated[int, Field(ge=1, description="How many rows the upload has")]
    createdDate: Annotated[Moment, Field(description="When the upload was accepted (UTC)")]


class AcceptedUpload(_Upload):
    """A bulk upload all of whose good rows are queued."""

    errors: NotRequired[
        Annotated[
            list[RowError],
            Field(description="With `partial`, what is wrong with the rows that are not valid"),
        ]
    ]


class UploadReport(_Upload):
    """What became of a bulk upload so far."""

    created: Annotated[int, Field(ge=0, description="How many rows made a customer")]
    updated: Annotated[int, Field(ge=0, description="How many rows changed a customer")]
    unchanged: Annotated[int, Field(ge=0, description="How many rows said what their customer was already")]
    failed: Annotated[int, Field(ge=0, description="How many rows did nothing, for they could not")]
    completedDate: NotRequired[Annotated[Moment, Field(description="When the last row was done (UTC)")]]
    errors: Annotated[list[RowError], Field(description="Why rows failed, at most 10,000 errors a page")]


class FilePart(TypedDict):
    """One part of a file, and where it is to be put."""

    part: Annotated[int, Field(ge=1, description="Number of the part")]
    start: Annotated[int, Field(ge=0, description="The part's first byte in the file, counted from 0")]
    size: Annotated[int, Field(ge=1, description="How many bytes the part has")]
    url: Annotated[str, Field(description="PUT the bytes here", json_schema_extra={"format": "uri"})]


class FileUpload(TypedDict):
    """Where to send a file, for an hour; `POST …/upload` gives fresh addresses.

    Up to 100 MB as a form: POST its `fields` and then the file as `file`. Beyond, PUT each of the `parts`, in
    any order and several at once, and then POST to `complete`.
    """

    method: Literal["POST", "PUT"]
    url: NotRequired[Annotated[str, Field(json_schema_extra={"format": "uri"})]]
    fields: NotRequired[dict[str, str]]
    parts: NotRequired[list[FilePart]]
    complete: NotRequired[Annotated[str, Field(json_schema_extra={"format": "uri"})]]


class FilesOfImport(TypedDict):
    """Addresses, good for a quarter of an hour, of files that are kept for seven days."""

    failed: Annotated[
        list[str],
        Field(
            description="The rows that failed, as they came and in the same format, with `error.row`, "
            "`error.field`, `error.code` and `error.message`: corrected, they can be sent again"
        ),
    ]
    results: Annotated[
        list[str], Field(description="What became of each row: JSON Lines of `row`, `status` and its error")
    ]


class Import(TypedDict):
    """A file and what became of it so far."""

    importId: Annotated[Id, Field(description="The import's identifier")]
    state: Annotated[
        Literal["awaiting_upload", "splitting", "checking", "processing", "completed", "cancelled", "failed"],
        Field(
            description="`splitting`: the file is read through; `checking`: with `partial` false, all rows "
            "are checked; `failed`: `reason` says why the file was refused whole"
        ),
    ]
    format: Literal["csv", "jsonl"]
    size: Annotated[int, Field(ge=1, description="The file's size in bytes")]
    mode: Literal["create", "update", "upsert"]
    matchBy: NotRequired[Literal["customerRef", "alternateCustomerRef", "email", "id"]]
    partial: bool
    dryRun: bool
    reason: NotRequired[Annotated[str, Field(description="Why the file was refused whole, for a person")]]
    received: NotRequired[
        Annotated[int, Field(ge=1, description="How many rows the file has, once it was read through")]
    ]
    created: Annotated[int, Field(ge=0, description="How many rows made a customer")]
    updated: Annotated[int, Field(ge=0, description="How many rows changed a customer")]
    unchanged: Annotated[int, Field(ge=0, description="How many rows found a customer as they would have it")]
    failed: Annotated[int, Field(ge=0, description="How many rows failed")]
    rowsPerSecond: NotRequired[
        Annotated[int, Field(ge=0, description="Rows done a second, since the file had come")]
    ]
    createdDate: Annotated[Moment, Field(description="When the file was announced (UTC)")]
    startedDate: NotRequired[Annotated[Moment, Field(description="When the file had come (UTC)")]]
    completedDate: NotRequired[Annotated[Moment, Field(description="When the import ended (UTC)")]]


class ImportWithUpload(Import):
    """An import, and while its file is awaited where to send it."""

    upload: NotRequired[FileUpload]


class ImportWithFiles(Import):
    """An import, and once it has ended the files that tell of its rows."""

    files: NotRequired[FilesOfImport]


class ListedExport(TypedDict):
    """An export of all customers, without its files."""

    exportId: Annotated[Id, Field(description="Leads to the export")]
    status: Annotated[
        Literal["running", "completed"], Field(description="`completed` once every file is written")
    ]
    format: Annotated[Literal["jsonl", "csv"], Field(description="As it was asked for")]
    fields: NotRequired[Annotated[list[str], Field(description="As they were asked for")]]
    createdDate: Annotated[Moment, Field(description="When the export began (UTC)")]
    completedDate: NotRequired[Annotated[Moment, Field(description="When its last file was written (UTC)")]]
    expiresDate: Annotated[Moment, Field(description="When it and its files are gone (UTC)")]


class ExportFile(TypedDict):
    """One file of an export, compressed with gzip."""

    name: Annotated[str, Field(description="What to save it as", examples=["customers-a-00000.jsonl.gz"])]
    customers: Annotated[int, Field(ge=1, description="How many customers it has")]
    bytes: Annotated[int, Field(ge=1, description="How large it is, compressed as it comes")]
    sha256: Annotated[
        str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of it, compressed as it comes")
    ]
    url: NotRequired[
        Annotated[
            str,
            Field(
                description="Where to `GET` it within fifteen minutes, without a token",
                json_schema_extra={"format": "uri"},
            ),
        ]
    ]
    deletedDate: NotRequired[
        Annotated[Moment, Field(description="When one of its customers was deleted, and the file with it")]
    ]


class Export(ListedExport):
    """An export of all customers: how far it is and, once it is completed, its files."""

    customers: Annotated[int, Field(ge=0, description="How many customers were written so far")]
    files: NotRequired[
        Annotated[list[ExportFile], Field(description="Once it is completed, all files; 500 a page")]
    ]


AccessToken = TypedDict(
    "AccessToken",
    {
        "access_token": Annotated[str, Field(description="Goes into `Authorization: Bearer …`")],
        "expires_in": Annotated[int, Field(ge=1, description="Seconds until the token ends")],
        "refresh_expires_in": Annotated[
            Literal[0], Field(description="There are no refresh tokens: ask for a new token")
        ],
        "token_type": Annotated[Literal["Bearer"], Field(description="How the token is sent (RFC 6750)")],
        "not-before-policy": Annotated[Literal[0], Field(description="Of no use here; always 0")],
        "scope": Annotated[str, Field(description="Of no use here", examples=["email profile"])],
    },
)
"""The answer of an OpenID Connect token endpoint (RFC 6749, 5.1)."""
AccessToken.__doc__ = "An access token (RFC 6749, 5.1)."


class WrongField(TypedDict):
    """One wrong field of a request."""

    field: Annotated[
        str,
        Field(
            description="Dotted path of the field, list places from 0", examples=["addresses.0.countryCode"]
        ),
    ]
    message: Annotated[str, Field(description="What is wrong with it, for a person")]


class _Error(TypedDict):
    """What every error has."""

    message: Annotated[str, Field(description="What went wrong, for a person")]
    code: Annotated[str, Field(description="What went wrong, for a machine")]
    requestId: Annotated[str, Field(description="Finds this request in the service's logs")]
    documentation: Annotated[
        str,
        Field(
            description="Where this reference says what the code means and what to do: an address, or a path "
            "on the host that was asked",
            json_schema_extra={"format": "uri-reference"},
        ),
    ]


class Error(_Error):
    """The one shape of every error, the gateway's own included."""

    errors: NotRequired[
        Annotated[list[WrongField], Field(description="All wrong fields at once, where fields are to blame")]
    ]


class TokenError(_Error):
    """An error of the token endpoint: RFC 6749's members beside the API's own."""

    error: NotRequired[
        Annotated[str, Field(description="The same as `code`, where RFC 6749 (5.2) knows the error")]
    ]
    error_description: NotRequired[Annotated[str, Field(description="The same as `message`, beside `error`")]]
