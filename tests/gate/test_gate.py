"""The gate lets through what loses nothing, and names what would."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.commands.gate import gate
from tests.infra.templates import template_file

Change = Callable[[dict[str, Any]], None]
Gate = Callable[..., list[str]]

CANARY_ROLE = "TryApiRole"

SCANS = ["dynamodb:Query", "dynamodb:Scan"]


@pytest.fixture(scope="module")
def templates() -> dict[str, dict[str, Any]]:
    """Both stacks of `prod`."""
    return {part: json.loads(template_file("prod", part).read_text()) for part in ("data", "service")}


@pytest.fixture
def refused(templates: dict[str, dict[str, Any]], tmp_path: Path) -> Gate:
    """What the gate says to a change of one stack."""

    def refusals(part: str, change: Change, *, agreed: bool = False) -> list[str]:
        changed = copy.deepcopy(templates)
        change(changed[part])
        for folder, found in (("before", templates), ("after", changed)):
            (tmp_path / folder).mkdir()
            for name, content in found.items():
                (tmp_path / folder / f"{name}.template.json").write_text(json.dumps(content))
        return list(gate(tmp_path / "before", tmp_path / "after", wider_permissions_agreed=agreed))

    return refusals


def named(template: dict[str, Any], prefix: str, kind: str) -> str:
    found: list[str] = [
        name
        for name, one in template["Resources"].items()
        if name.startswith(prefix) and one["Type"].endswith(kind)
    ]
    return found[0]


def statements(template: dict[str, Any], role: str) -> list[dict[str, Any]]:
    properties = template["Resources"][named(template, role, "Role")]["Properties"]
    found: list[dict[str, Any]] = properties["Policies"][0]["PolicyDocument"]["Statement"]
    return found


def under_condition(template: dict[str, Any], role: str) -> dict[str, Any]:
    (found,) = (one for one in statements(template, role) if "Condition" in one)
    return found


def customers(template: dict[str, Any]) -> dict[str, Any]:
    table: dict[str, Any] = template["Resources"][named(template, "Customers", "GlobalTable")]["Properties"]
    return table


def test_no_change_passes(refused: Gate) -> None:
    assert refused("data", lambda _template: None) == []


def test_a_table_that_would_go_is_named(refused: Gate) -> None:
    (refusal,) = refused("data", lambda one: one["Resources"].pop(named(one, "Notes", "GlobalTable")))
    assert refusal.startswith("data: Notes")
    assert refusal.endswith("(AWS::DynamoDB::GlobalTable) would go")


def test_a_table_with_another_key_and_a_queue_with_a_name_would_be_replaced(refused: Gate) -> None:
    def change(template: dict[str, Any]) -> None:
        customers(template)["KeySchema"][0]["AttributeName"] = "other"
        queue = template["Resources"][named(template, "OrdersQueue", "Queue")]
        queue["Properties"]["QueueName"] = "orders"

    assert [one.rpartition(": ")[2] for one in refused("data", change)] == [
        "another KeySchema",
        "another QueueName",
    ]


def test_one_new_index_passes(refused: Gate) -> None:
    def change(template: dict[str, Any]) -> None:
        indexes = customers(template)["GlobalSecondaryIndexes"]
        indexes += [indexes[0] | {"IndexName": "byOne"}]

    assert refused("data", change) == []


def test_two_index_changes_of_one_table_are_refused_with_the_deploys_they_take(refused: Gate) -> None:
    def change(template: dict[str, Any]) -> None:
        indexes = customers(template)["GlobalSecondaryIndexes"]
        indexes[:] = [*indexes[1:], indexes[0] | {"IndexName": "byOne"}]

    (refusal,) = refused("data", change)
    assert refusal.endswith("one index a deploy; this takes 2: create byOne, delete email")


def test_an_index_with_another_key_needs_another_name(refused: Gate) -> None:
    def change(template: dict[str, Any]) -> None:
        customers(template)["GlobalSecondaryIndexes"][0]["Projection"] = {"ProjectionType": "ALL"}

    (refusal,) = refused("data", change)
    assert refusal.endswith("email: another key or projection needs a new name")


def test_a_function_that_may_do_more_needs_somebodys_word(refused: Gate) -> None:
    def change(template: dict[str, Any]) -> None:
        statements(template, "GetCustomerRole").append(
            {"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": "*"}
        )

    (refusal,) = refused("service", change)
    assert "more is allowed (label wider-permissions): GetCustomerRole" in refusal
    assert refusal.endswith("dynamodb:Scan on *")


def test_agreed_permissions_pass(refused: Gate) -> None:
    def change(template: dict[str, Any]) -> None:
        statements(template, "GetCustomerRole").append(
            {"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": "*"}
        )

    assert refused("service", change, agreed=True) == []


def test_a_condition_that_goes_allows_more(refused: Gate) -> None:
    refusals = refused("service", lambda one: under_condition(one, CANARY_ROLE).pop("Condition"))
    assert refusals
    assert all("more is allowed" in one and f": {CANARY_ROLE}" in one for one in refusals)


def test_another_condition_may_allow_more_and_is_shown(refused: Gate) -> None:
    def change(template: dict[str, Any]) -> None:
        condition = under_condition(template, CANARY_ROLE)["Condition"]
        condition["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"].append("tenant#acme")

    refusals = refused("service", change)
    assert refusals
    assert all("more is allowed" in one and '"tenant#acme"' in one for one in refusals)


def test_a_condition_on_what_had_none_passes(refused: Gate) -> None:
    def change(template: dict[str, Any]) -> None:
        for statement in statements(template, "GetCustomerRole"):
            statement["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}

    assert refused("service", change) == []


def test_all_that_a_new_role_may_do_needs_somebodys_word(refused: Gate) -> None:
    def change(template: dict[str, Any]) -> None:
        role = template["Resources"][named(template, "GetCustomerRole", "Role")]
        policy = {"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": SCANS, "Resource": "*"}]}}
        template["Resources"]["New"] = role | {"Properties": {"Policies": [policy]}}

    assert refused("service", change) == [
        f"service: more is allowed (label wider-permissions): New: {action} on *" for action in SCANS
    ]


def test_what_the_roles_of_a_new_stack_may_do_needs_somebodys_word_too(
    templates: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    for folder, parts in (("before", ("data",)), ("after", ("data", "service"))):
        (tmp_path / folder).mkdir()
        for part in parts:
            (tmp_path / folder / f"{part}.template.json").write_text(json.dumps(templates[part]))

    refusals = list(gate(tmp_path / "before", tmp_path / "after", wider_permissions_agreed=False))

    assert any("more is allowed" in one and ": GetCustomerRole" in one for one in refusals)
