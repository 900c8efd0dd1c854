"""A change that breaks a caller is named in the changelog, or not made."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.local.assembly import ROOT
from infra.reference.document import document
from tests.reference.breaking import breaking, contract_of

RELEASED = Path(__file__).parent / "released.json"
"""The document of the last release, without its prose; CONTRIBUTING says how a release replaces it."""

CUSTOMERS = "/services/customerservice/api/v2/customers"


def unreleased() -> str:
    """What the changelog says of the next release."""
    return (ROOT / ".github" / "CHANGELOG.md").read_text().partition("## Unreleased")[2].partition("\n## ")[0]


def test_every_breaking_change_since_the_last_release_is_named_in_the_changelog() -> None:
    found = breaking(json.loads(RELEASED.read_text()), document())
    assert [(where, what) for where, what in found if f"`{where}`" not in unreleased()] == []


def test_the_same_document_breaks_nothing_and_prose_does_not_count() -> None:
    assert list(breaking(contract_of(document()), document())) == []
    assert "description" not in contract_of(document())["paths"][CUSTOMERS]["post"]
    # A field may have the name of what is prose elsewhere.
    assert "description" in contract_of(document())["components"]["schemas"]["AttributeGroup"]["properties"]


def _new_mandatory_header(one: dict[str, Any]) -> None:
    parameter = {"name": "X-Reason", "in": "header", "required": True, "schema": {"type": "string"}}
    one["paths"][CUSTOMERS]["post"]["parameters"].append(parameter)


def _schemas(one: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = one["components"]["schemas"]
    return found


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        (lambda one: one["paths"].pop(CUSTOMERS), f"POST {CUSTOMERS}", "is no more"),
        (lambda one: one["paths"][CUSTOMERS].pop("put"), f"PUT {CUSTOMERS}", "is no more"),
        (_new_mandatory_header, f"POST {CUSTOMERS}", "demands X-Reason"),
        (
            lambda one: one["paths"][CUSTOMERS]["post"]["parameters"].clear(),
            f"POST {CUSTOMERS}",
            "no longer takes Idempotency-Key",
        ),
        (lambda one: _schemas(one)["Customer"]["properties"].pop("dob"), "Customer.dob", "is no more"),
        (lambda one: _schemas(one)["Customer"]["required"].remove("id"), "Customer.id", "may be missing"),
        (
            lambda one: _schemas(one)["NewCustomer"]["required"].append("dob"),
            "NewCustomer.dob",
            "is mandatory",
        ),
        (
            lambda one: _schemas(one)["Customer"]["properties"]["customer_state"]["enum"].remove("invited"),
            "Customer.customer_state",
            "no longer knows invited",
        ),
        (
            lambda one: _schemas(one)["NewCustomer"]["properties"]["dob"].update(type="string"),
            "NewCustomer.dob",
            "no longer takes null",
        ),
        (
            lambda one: _schemas(one)["NewCustomer"]["properties"]["firstName"].update(maxLength=10),
            "NewCustomer.firstName",
            "has a lower maxLength",
        ),
        (
            lambda one: _schemas(one)["Customer"]["properties"]["dob"].update(type=["string", "null"]),
            "Customer.dob",
            "may be null",
        ),
    ],
)
def test_a_change_that_breaks_a_caller_is_found(
    change: Callable[[dict[str, Any]], object], where: str, what: str
) -> None:
    changed = copy.deepcopy(document())
    change(changed)
    assert (where, what) in list(breaking(document(), changed))


def test_what_only_adds_breaks_nothing() -> None:
    changed = copy.deepcopy(document())
    _schemas(changed)["Customer"]["properties"]["middleName"] = {"type": "string"}
    _schemas(changed)["NewCustomer"]["properties"]["middleName"] = {"type": ["string", "null"]}
    changed["paths"]["/services/customerservice/api/v2/more"] = {"get": {"responses": {}}}
    assert list(breaking(document(), changed)) == []
