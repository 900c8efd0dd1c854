"""Two templates of one stack compared: before a change and after it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from infra.gate.indexes import deploys

Template = Mapping[str, Any]

TABLE = "AWS::DynamoDB::GlobalTable"

IDENTITY: Mapping[str, tuple[str, ...]] = {
    TABLE: ("TableName", "KeySchema", "LocalSecondaryIndexes"),
    "AWS::DynamoDB::Table": ("TableName", "KeySchema", "LocalSecondaryIndexes"),
    "AWS::Events::Archive": ("ArchiveName", "SourceArn"),
    "AWS::Events::EventBus": ("Name",),
    "AWS::KMS::Key": (),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::S3::Bucket": ("BucketName",),
    "AWS::SQS::Queue": ("QueueName", "FifoQueue"),
}
"""What holds data, and the properties of which another value makes another one (AWS: resource reference,
"Update requires: Replacement")."""


def stateful_losses(before: Template, after: Template) -> Iterator[str]:
    """What would be deleted, or replaced by an empty one."""
    for name, resource in before["Resources"].items():
        kind = resource["Type"]
        if kind not in IDENTITY:
            continue
        successor = after["Resources"].get(name)
        if successor is None or successor["Type"] != kind:
            yield f"{name} ({kind}) would go"
            continue
        for part in IDENTITY[kind]:
            if resource.get("Properties", {}).get(part) != successor.get("Properties", {}).get(part):
                yield f"{name} ({kind}) would be replaced: another {part}"


def index_changes(before: Template, after: Template) -> Iterator[str]:
    """Tables whose indexes no single deploy can change as wanted."""
    for name, resource in before["Resources"].items():
        successor = after["Resources"].get(name)
        if resource["Type"] != TABLE or successor is None:
            continue
        try:
            steps = deploys(_indexes(resource), _indexes(successor))
        except ValueError as refusal:
            yield f"{name}: {refusal}"
            continue
        if len(steps) > 1:
            yield f"{name}: one index a deploy; this takes {len(steps)}: {', '.join(steps)}"


class _Grant(NamedTuple):
    """What one statement allows; the condition is its JSON, empty for none."""

    action: str
    resource: str
    condition: str = ""


def wider_permissions(before: Template, after: Template) -> Iterator[str]:
    """What a role may do beyond what it might; of a new role, all."""
    old, new = _allowed(before), _allowed(after)
    for role in sorted(new):
        might = old.get(role, set())
        for grant in sorted(new[role] - might):
            # What was allowed without a condition is allowed under any.
            if grant._replace(condition="") not in might:
                where = f" where {grant.condition}" if grant.condition else ""
                yield f"{role}: {grant.action} on {grant.resource}{where}"


def _indexes(table: Mapping[str, Any]) -> dict[str, Any]:
    found = table["Properties"].get("GlobalSecondaryIndexes", [])
    return {one["IndexName"]: (one["KeySchema"], one["Projection"]) for one in found}


def _allowed(template: Template) -> dict[str, set[_Grant]]:
    """What the template's roles may do, by their logical ids."""
    allowed: dict[str, set[_Grant]] = {}
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Role":
            documents = [one["PolicyDocument"] for one in properties.get("Policies", [])]
            managed = {_Grant("*", str(one)) for one in properties.get("ManagedPolicyArns", [])}
            allowed.setdefault(name, set()).update(managed, *map(_grants, documents))
        elif resource["Type"] == "AWS::IAM::Policy":
            for role in properties.get("Roles", []):
                allowed.setdefault(role.get("Ref", str(role)), set()).update(
                    _grants(properties["PolicyDocument"])
                )
    return allowed


def _grants(document: Mapping[str, Any]) -> set[_Grant]:
    return {
        _Grant(action, str(resource), _condition(statement))
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    }


def _condition(statement: Mapping[str, Any]) -> str:
    condition = statement.get("Condition")
    return json.dumps(condition, sort_keys=True) if condition else ""


def _listed(one_or_more: Any) -> list[Any]:
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]
