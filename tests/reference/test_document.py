"""The OpenAPI document: valid, whole, and true to the code it is made from."""

import ast
import importlib
import pkgutil
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import validate

import functions
from functions.shared.errors import ApiError
from infra.gateway_errors import ERRORS as GATEWAY_ERRORS
from infra.reference import catalogue
from infra.reference.document import FUNCTIONS, document
from infra.reference.operations.every_operation import OPERATIONS
from infra.routes import ENDPOINTS, Endpoint

DOCUMENTED = [endpoint for endpoint in ENDPOINTS if endpoint.documented]


def operations() -> list[tuple[str, dict[str, Any]]]:
    """Every operation of the document by its name."""
    paths = document()["paths"]
    return [
        (f"{method.upper()} {path}", told) for path, item in paths.items() for method, told in item.items()
    ]


def source_of(endpoint: Endpoint) -> ast.Module:
    """The handler's code."""
    return ast.parse((FUNCTIONS / f"{endpoint.handler.replace('.', '/')}.py").read_text())


def test_it_is_valid_openapi() -> None:
    validate(document())


def test_it_tells_of_every_route_and_no_other() -> None:
    assert len(operations()) == sum(len(endpoint.routes) for endpoint in DOCUMENTED)
    assert OPERATIONS.keys() == {endpoint.handler for endpoint in DOCUMENTED}


def test_each_operation_has_a_name_of_its_own_and_says_what_it_does() -> None:
    told = [one for _, one in operations()]
    assert len({one["operationId"] for one in told}) == len(told)
    assert all(one["summary"] and one["description"] for one in told)


@pytest.mark.parametrize("endpoint", DOCUMENTED, ids=lambda endpoint: endpoint.handler)
def test_a_request_is_of_the_type_that_the_handler_validates_with(endpoint: Endpoint) -> None:
    operation = OPERATIONS[endpoint.handler]
    module = importlib.import_module(f"functions.{endpoint.handler}")
    validated = [
        vars(module)[call.args[0].id]
        for call in ast.walk(source_of(endpoint))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "validator"
        and isinstance(call.args[0], ast.Name)
    ]
    if operation.form or endpoint.handler == "uploads.create_upload":
        assert not validated
    else:
        assert operation.body in validated if operation.body else not validated


@pytest.mark.parametrize("endpoint", DOCUMENTED, ids=lambda endpoint: endpoint.handler)
def test_the_query_parameters_are_those_that_the_handler_knows(endpoint: Endpoint) -> None:
    if not endpoint.authorized:
        return
    module = importlib.import_module(f"functions.{endpoint.handler}")
    (decorator,) = (
        decorator
        for one in source_of(endpoint).body
        if isinstance(one, ast.FunctionDef) and one.name == "handler"
        for decorator in one.decorator_list
    )
    known = eval(ast.unparse(decorator), {**vars(module), "endpoint": lambda *names: names})  # noqa: S307
    operation = OPERATIONS[endpoint.handler]
    assert [one.name for one in (*operation.which, *operation.query)] == list(known)


def test_every_example_is_what_its_schema_takes() -> None:
    components = {"components": document()["components"]}
    for name, operation in operations():
        contents = [operation.get("requestBody"), *operation["responses"].values()]
        for media_type in (
            one for content in contents if content for one in content.get("content", {}).values()
        ):
            if "example" in media_type:
                validator = Draft202012Validator(media_type["schema"] | components)
                assert list(validator.iter_errors(media_type["example"])) == [], name


def test_every_error_a_function_or_the_gateway_answers_is_in_the_catalogue() -> None:
    for module in pkgutil.walk_packages(functions.__path__, "functions."):
        importlib.import_module(module.name)
    # The local run has errors of its own, which no stage gives.
    raised = {error.code for error in subclasses(ApiError) if error.__module__.startswith("functions.")}
    gateway = {error.code for error in GATEWAY_ERRORS}
    assert catalogue.ADVICE.keys() == raised | gateway


def subclasses(kind: type[ApiError]) -> set[type[ApiError]]:
    """All that derive from an error."""
    return {one for direct in kind.__subclasses__() for one in (direct, *subclasses(direct))}


def test_every_error_says_all_that_may_be_retried_when() -> None:
    for name, operation in operations():
        for status, response in operation["responses"].items():
            if status in {"409", "429", "503"}:
                assert "Retry-After" in response["headers"], name


def test_every_field_of_a_request_and_of_an_answer_is_described() -> None:
    schemas = document()["components"]["schemas"]
    undescribed = {
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, told in schema.get("properties", {}).items()
        if "description" not in told and "$ref" not in told
    }
    assert undescribed == set()


def test_every_error_code_has_a_heading_that_documentation_can_lead_to() -> None:
    headings = [line for line in document()["info"]["description"].splitlines() if line.startswith("## ")]
    assert {f"## {catalogue.heading(code)}" for code in catalogue.ADVICE} <= set(headings)
    assert len(set(headings)) == len(headings)
