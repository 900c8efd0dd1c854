"""The README says what the code does."""

import importlib
from pathlib import Path

from infra.routes import ENDPOINTS, PREFIX

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def endpoint_table() -> str:
    """The README's table of endpoints, from the route table and the handlers' docstrings."""
    rows = ["| method and path | answer |", "|---|---|"]
    for endpoint in ENDPOINTS:
        docstring = importlib.import_module(f"functions.{endpoint.handler}").__doc__ or ""
        answer = " ".join(docstring.partition("\n\n")[2].split())
        routes = "<br>".join(f"`{route.replace(PREFIX, '')}`" for route in endpoint.routes)
        rows.append(f"| {routes} | {answer} |")
    return "\n".join(rows)


def test_its_table_of_endpoints_is_the_route_table() -> None:
    assert endpoint_table() in README, f"the README should hold:\n{endpoint_table()}"


def test_its_test_command_is_what_ci_runs() -> None:
    assert "python3 -m uv run pytest" in README
    assert "python3 -m uv run pytest" in (ROOT / ".ci" / "run").read_text().splitlines()
