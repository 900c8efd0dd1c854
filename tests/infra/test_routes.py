"""The route table, the deployed methods and the handlers' docstrings say the same."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from infra.local.assembly import ROOT
from infra.routes import ENDPOINTS, PREFIX, Endpoint
from tests.infra.templates import FUNCTIONS, deployed_on, functions, methods, target

REFERENCE_PATHS = ("openapi.json", "docs", "docs/{key}")

ROUTES = {route: endpoint for endpoint in ENDPOINTS for route in endpoint.methods_and_paths}


def handler_file(endpoint: Endpoint) -> Path:
    """The file of an endpoint's handler."""
    return ROOT / "functions" / f"{endpoint.handler.replace('.', '/')}.py"


def test_no_route_is_given_twice() -> None:
    counted = Counter(route for endpoint in ENDPOINTS for route in endpoint.routes)
    assert [route for route, times in counted.items() if times > 1] == []


def test_a_level_of_the_paths_has_one_variable_name_as_api_gateway_demands() -> None:
    names: dict[str, set[str]] = {}
    for _, path in ROUTES:
        parts = path.split("/")
        for depth, part in enumerate(parts):
            if part.startswith("{"):
                names.setdefault("/".join(parts[:depth]), set()).add(part)
    assert {level: found for level, found in names.items() if len(found) > 1} == {}


def test_the_api_has_the_routes_of_the_table_and_no_others(stage: str) -> None:
    own = {
        route: method
        for route, method in methods(stage).items()
        if method["Integration"]["Type"] == "AWS_PROXY"
    }
    assert own.keys() == ROUTES.keys()


def test_each_route_leads_to_its_own_function(stage: str) -> None:
    for route, endpoint in ROUTES.items():
        uri = str(methods(stage)[route]["Integration"]["Uri"])
        assert target(stage, endpoint.handler)["Ref"] in uri, route


def test_every_route_but_the_token_endpoint_and_the_reference_asks_the_authorizer(stage: str) -> None:
    open_routes = {route for route in ROUTES if methods(stage)[route]["AuthorizationType"] != "CUSTOM"}
    reference = {(method, f"{PREFIX}/{path}") for method in ("GET", "HEAD") for path in REFERENCE_PATHS}
    assert open_routes == {("POST", "/auth/realms/{tenant}/protocol/openid-connect/token"), *reference}


def test_every_route_answers_preflights(stage: str) -> None:
    for _, path in ROUTES:
        preflight = methods(stage)["OPTIONS", path]
        assert preflight["AuthorizationType"] == "NONE"
        (answer,) = preflight["Integration"]["IntegrationResponses"]
        headers = answer["ResponseParameters"]
        assert headers["method.response.header.Access-Control-Allow-Origin"] == "'*'"
        assert "X-TWC-Tenant" in headers["method.response.header.Access-Control-Allow-Headers"]
        allowed = headers["method.response.header.Access-Control-Allow-Methods"].strip("'").split(",")
        assert {method for method, other in ROUTES if other == path} <= set(allowed)


def test_every_function_has_a_route_or_is_the_authorizer_a_worker_or_the_canary(stage: str) -> None:
    assert functions(stage).keys() == deployed_on(stage)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.handler)
def test_a_handlers_docstring_begins_with_its_routes(endpoint: Endpoint) -> None:
    docstring = ast.get_docstring(ast.parse(handler_file(endpoint).read_text())) or ""
    routes = ", ".join(route.replace(f" {PREFIX}", " ") for route in endpoint.routes)
    assert docstring.splitlines()[0].startswith(routes)


def test_every_handler_file_is_in_a_table() -> None:
    files = {
        f"{path.parent.name}.{path.stem}"
        for path in (ROOT / "functions").glob("*/*.py")
        if any(
            isinstance(one, ast.FunctionDef) and one.name == "handler"
            for one in ast.parse(path.read_text()).body
        )
    }
    assert files == {one.handler for one in FUNCTIONS}
