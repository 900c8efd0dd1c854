"""Every route of the API: the one table the gateway, the permissions, the tests and the reference follow."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from functions.customers.keys import UNIQUE_FIELDS
from infra.resources import Grants

PREFIX = "/services/customerservice"

REFERENCE = "reference.get_reference"
"""The handler whose asset holds the reference, and nothing of the others."""


@dataclass(frozen=True)
class Endpoint:
    """One Lambda behind one or more routes.

    `handler` is the module under `functions`; `routes` are `METHOD /path` as API Gateway has them,
    which knows one variable name a level: `{key}` is an id, or `id=…`, `customerRef=…` and so on.
    `authorized` routes ask the authorizer first; `documented` ones are told of in the OpenAPI document.
    """

    handler: str
    routes: tuple[str, ...]
    grants: Grants = field(default_factory=dict)
    authorized: bool = True
    documented: bool = True

    @property
    def methods_and_paths(self) -> Iterator[tuple[str, str]]:
        """`("GET", "/services/customerservice/api/v2/…")`, a pair a route, and a HEAD for every GET."""
        for route in self.routes:
            method, path = route.split(" ")
            yield method, path
            if method == "GET":
                yield "HEAD", path


def finds_by(*identifiers: str, **more: tuple[str, ...]) -> Grants:
    """Grants to find a customer by unique values: the index finds, the claim and the table decide."""
    grants: dict[str, tuple[str, ...]] = {"customers": ("GetItem",), "claims": ("GetItem",)}
    grants |= {f"customers.{identifier}": ("Query",) for identifier in identifiers}
    for table, actions in more.items():
        grants[table] = (*grants.get(table, ()), *actions)
    return grants


def deletes_by(*identifiers: str) -> Grants:
    """Grants to delete a customer that unique values find, and to note its erasure."""
    return finds_by(*identifiers, customers=("PutItem",), claims=("DeleteItem",), erasures=("PutItem",))


CUSTOMERS = f"{PREFIX}/api/v2/customers"
UPLOADS = f"{PREFIX}/api/v2/upload-customers"
EXPORTS = f"{PREFIX}/api/v2/exports"
IMPORTS = f"{PREFIX}/api/v2/imports"
NOTE = f"{PREFIX}/api/v2/customer/note"
NOTES = f"{PREFIX}/api/v2/customer/notes"
TOKEN = "/auth/realms/{tenant}/protocol/openid-connect/token"  # noqa: S105  a path
TOKEN_HANDLER = "auth.issue_token"  # noqa: S105  a module

ENDPOINTS = (
    Endpoint(
        "customers.create_customer",
        (f"POST {CUSTOMERS}",),
        {"customers": ("PutItem",), "claims": ("PutItem",)},
    ),
    Endpoint(
        "customers.update_customer",
        (f"PUT {CUSTOMERS}", f"PUT {CUSTOMERS}/{{key}}"),
        finds_by(*UNIQUE_FIELDS, customers=("PutItem", "UpdateItem"), claims=("PutItem", "DeleteItem")),
    ),
    Endpoint(
        "customers.delete_customer",
        (f"DELETE {CUSTOMERS}", f"DELETE {CUSTOMERS}/{{key}}"),
        deletes_by(*UNIQUE_FIELDS),
    ),
    Endpoint(
        "customers.delete_customer_by_ref",
        (f"DELETE {CUSTOMERS}/{{key}}/ref",),
        deletes_by("customerRef"),
    ),
    Endpoint(
        "customers.get_customer",
        (f"GET {CUSTOMERS}/{{key}}",),
        finds_by(*UNIQUE_FIELDS),
    ),
    Endpoint(
        "customers.list_customers",
        (f"GET {CUSTOMERS}",),
        finds_by(*UNIQUE_FIELDS, "bucket", customers=("BatchGetItem",)),
    ),
    Endpoint("customers.get_customer_by_ref", (f"GET {CUSTOMERS}/{{key}}/ref",), finds_by("customerRef")),
    Endpoint("customers.get_customer_by_email", (f"GET {CUSTOMERS}/{{key}}/email",), finds_by("email")),
    Endpoint(
        "customers.get_customer_by_alternate_ref",
        (f"GET {CUSTOMERS}/{{key}}/alternateCustomerRef",),
        finds_by("alternateCustomerRef"),
    ),
    Endpoint(
        "customers.search_customers",
        (f"GET {CUSTOMERS}/search",),
        {
            "customers": ("BatchGetItem",),
            "customers.email": ("Query",),
            "customers.mobile": ("Query",),
            "customers.phone": ("Query",),
            "customers.lastName": ("Query",),
            "customers.firstName": ("Query",),
            "customers.fullName": ("Query",),
        },
    ),
    Endpoint("customers.validate_customer", (f"POST {CUSTOMERS}/validate",), {"claims": ("BatchGetItem",)}),
    Endpoint(
        "customers.add_address",
        (f"POST {CUSTOMERS}/{{key}}/address",),
        finds_by(*UNIQUE_FIELDS, customers=("UpdateItem",)),
    ),
    Endpoint(
        "customers.delete_address",
        (f"DELETE {CUSTOMERS}/{{key}}/address/{{addressID}}",),
        finds_by(*UNIQUE_FIELDS, customers=("UpdateItem",)),
    ),
    Endpoint(
        "uploads.create_upload",
        (f"POST {UPLOADS}",),
        {"uploads": ("PutItem", "UpdateItem", "Query"), "imports_queue": ("SendMessage",)},
    ),
    Endpoint("uploads.get_upload", (f"GET {UPLOADS}/{{key}}",), {"uploads": ("Query",)}),
    Endpoint(
        "exports.create_export",
        (f"POST {EXPORTS}",),
        {
            "exports": ("PutItem", "Query", "UpdateItem", "DeleteItem"),
            "files.exports": ("DeleteObject",),
            "exports_queue": ("SendMessage",),
        },
    ),
    Endpoint("exports.list_exports", (f"GET {EXPORTS}",), {"exports": ("Query",)}),
    Endpoint(
        "exports.get_export",
        (f"GET {EXPORTS}/{{key}}",),
        {"exports": ("GetItem", "Query"), "files.exports": ("GetObject",)},
    ),
    Endpoint(
        "exports.delete_export",
        (f"DELETE {EXPORTS}/{{key}}",),
        {"exports": ("Query", "UpdateItem", "DeleteItem"), "files.exports": ("DeleteObject",)},
    ),
    Endpoint(
        "imports.create_import",
        (f"POST {IMPORTS}",),
        {"imports": ("PutItem", "UpdateItem"), "files.imports": ("PutObject",)},
    ),
    Endpoint("imports.list_imports", (f"GET {IMPORTS}",), {"imports": ("Query", "BatchGetItem")}),
    Endpoint(
        "imports.get_import",
        (f"GET {IMPORTS}/{{key}}",),
        {"imports": ("GetItem", "Query"), "files.imports": ("GetObject",)},
    ),
    Endpoint("imports.cancel_import", (f"DELETE {IMPORTS}/{{key}}",), {"imports": ("GetItem", "UpdateItem")}),
    Endpoint(
        "imports.continue_upload",
        (f"POST {IMPORTS}/{{key}}/upload",),
        {
            "imports": ("GetItem", "UpdateItem"),
            "files.imports": ("GetObject", "PutObject", "ListMultipartUploadParts"),
        },
    ),
    Endpoint(
        "notes.create_note",
        (f"POST {NOTE}",),
        finds_by(
            "customerRef",
            customers=("BatchGetItem", "UpdateItem"),
            notes=("GetItem", "BatchGetItem", "PutItem", "Query"),
        ),
    ),
    Endpoint(
        "notes.update_note",
        (f"PUT {NOTE}",),
        {"customers": ("BatchGetItem", "ConditionCheckItem"), "notes": ("BatchGetItem", "PutItem")},
    ),
    Endpoint(
        "notes.get_note",
        (f"GET {NOTE}/{{key}}",),
        {"customers": ("BatchGetItem",), "notes": ("BatchGetItem",)},
    ),
    Endpoint(
        "notes.delete_note",
        (f"DELETE {NOTE}/{{key}}",),
        {"customers": ("BatchGetItem", "UpdateItem"), "notes": ("BatchGetItem", "DeleteItem", "Query")},
    ),
    Endpoint(
        "notes.list_notes",
        (f"GET {NOTES}", f"GET {NOTES}/{{key}}"),
        finds_by(*UNIQUE_FIELDS, notes=("Query",)),
    ),
    Endpoint(
        "notes.delete_notes",
        (f"DELETE {NOTES}", f"DELETE {NOTES}/{{key}}"),
        finds_by(*UNIQUE_FIELDS, customers=("UpdateItem",), notes=("Query",)),
    ),
    Endpoint(
        TOKEN_HANDLER,
        (f"POST {TOKEN}",),
        {"tenants": ("BatchGetItem", "PutItem")},
        authorized=False,
    ),
    Endpoint(
        REFERENCE,
        (f"GET {PREFIX}/openapi.json", f"GET {PREFIX}/docs", f"GET {PREFIX}/docs/{{key}}"),
        authorized=False,
        documented=False,
    ),
)

AUTHORIZER = Endpoint("auth.authorize", (), {"tenants": ("BatchGetItem",)})
