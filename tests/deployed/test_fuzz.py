"""What nobody would send, made from the OpenAPI document: no 5xx, and every answer as the document has it.

Schemathesis makes requests that fit the document and requests that do not; most of them name what is there.
"""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from infra.local.stack import LocalStack
from infra.reference.document import document
from infra.reference.parameters import path_values
from infra.routes import ENDPOINTS, IMPORTS
from tests.api import EXPORTS, NOTE, UPLOADS, Reply
from tests.builders import PERSONAL, new_email
from tests.deployed.http_api import HttpApi
from tests.document import assert_told
from tests.effort import EFFORT

EXAMPLES = 2 * EFFORT
"""Requests of each operation."""

OPERATIONS = [(method, path) for path, item in document()["paths"].items() for method in item]
RESOURCES = {
    (method.lower(), path_values(resource)[0]): resource
    for endpoint in ENDPOINTS
    for method, resource in endpoint.methods_and_paths
}
"""The route table's name of what the document calls by the names of values."""

Existing = dict[str, list[str]]
"""Values that lead to something, by the name of a parameter or field."""


@pytest.fixture(scope="module")
def fuzzed(stack: LocalStack) -> HttpApi:
    """The API as a tenant whose customers anything may happen to."""
    stack.tenants.register("fuzzed")
    return HttpApi("fuzzed", stack.url, stack.tenants.issue_token("fuzzed", seconds=3600))


@pytest.fixture(scope="module")
def described(stack: LocalStack) -> Any:
    """The document as Schemathesis reads it."""
    how = "needs Schemathesis: python3 -m uv sync --group clients"
    made = pytest.importorskip("schemathesis", reason=how).openapi.from_dict(document())
    made.config.base_url = stack.url
    return made


@pytest.fixture(scope="module")
def lasting(fuzzed: HttpApi) -> Existing:
    """What no request takes away, or one alone."""
    export = fuzzed.post(EXPORTS, json_body={"format": "csv"})
    announced = fuzzed.post(IMPORTS, json_body={"format": "csv", "size": 10})
    upload = fuzzed.post(UPLOADS, json_body=[{"email": new_email()}])
    return {
        "uploadId": [upload.json["uploadId"]],
        "exportId": [export.json["exportId"]],
        "importId": [announced.json["importId"]],
        "tenant": ["fuzzed"],
        "If-Match": ['"1"', '"2"', "*"],
        "If-None-Match": ['"1"', "*"],
    }


@pytest.fixture
def existing(fuzzed: HttpApi, lasting: Existing) -> Existing:
    """One of everything."""
    email, ref, alternate = new_email(), new_email(), new_email()
    mine = {"email": email, "customerRef": ref, "alternateCustomerRef": alternate}
    customer = fuzzed.create(**PERSONAL | mine)
    note = fuzzed.post(NOTE, json_body={"customerId": customer["id"], "note": "x"}).json["id"]
    return {
        **lasting,
        **{name: [one] for name, one in mine.items()},
        "customer": [customer["id"], *(f"{name}={one}" for name, one in mine.items())],
        "id": [customer["id"], note],
        "customerId": [customer["id"]],
        "noteId": [note],
        "addressID": [customer["addresses"][0]["addressID"]],
        "lastName": [PERSONAL["lastName"]],
    }


def name_existing(given_values: Any, existing: Existing, chance: random.Random) -> None:
    """Put what leads to something in the place of most values that could."""
    if isinstance(given_values, dict):
        for name in given_values.keys() & existing.keys():
            if chance.random() < 0.7:
                given_values[name] = chance.choice(existing[name])


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_whatever_comes_every_answer_is_as_the_document_has_it(
    described: Any,
    fuzzed: HttpApi,
    existing: Existing,
    method: str,
    path: str,
    request: pytest.FixtureRequest,
) -> None:
    import schemathesis  # noqa: PLC0415  it may not be there
    from schemathesis.specs.openapi import checks  # noqa: PLC0415

    operation, modes = described[path][method], schemathesis.GenerationMode
    cases = operation.as_strategy(modes.POSITIVE) | operation.as_strategy(modes.NEGATIVE)
    wanted = [
        schemathesis.checks.not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
    ]

    fresh = [*existing["email"], *(new_email() for _ in range(EXAMPLES))]

    @settings(
        max_examples=EXAMPLES,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if EFFORT > 1 else [])],
        suppress_health_check=list(HealthCheck),
    )
    @seed(request.config.getoption("randomly_seed", 0))
    @given(cases, st.randoms(use_true_random=False))
    def try_one(case: Any, chance: Any) -> None:
        for given_values in (case.path_parameters, case.query, case.headers):
            name_existing(given_values, existing, chance)
        rows = case.body if isinstance(case.body, list) else [case.body]
        for row in rows:
            name_existing(row, existing | dict.fromkeys(("email", "customerRef"), fresh), chance)
            if isinstance(row, dict) and chance.random() < 0.5:
                # What hypothesis puts into a text is seldom what a field takes.
                for name in row.keys() - existing.keys() - {"note", "address1", "format", "size"}:
                    del row[name]
        answer = case.call(headers={"Authorization": f"Bearer {fuzzed.token}", "X-TWC-Tenant": fuzzed.tenant})
        case.validate_response(answer, checks=wanted)
        told = {name.lower(): values[-1] for name, values in answer.headers.items()}
        assert_told(method.upper(), RESOURCES[method, path], Reply(answer.status_code, told, answer.text))

    try_one()
