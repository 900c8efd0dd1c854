"""The templates of every stage, synthesized once for all tests of a process."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from aws_cdk import App

from infra.app import add_stacks
from infra.local.assembly import ROOT
from infra.local.stack import STAGE, local_assembly
from infra.queues import GIVEN_UP, QUEUES
from infra.routes import AUTHORIZER, ENDPOINTS, Endpoint
from infra.settings import Stage, stage_named
from infra.synthetic_tenant import CANARY
from infra.tables import TABLES
from infra.workers import WORKERS, Worker

NO_BUNDLING: dict[str, object] = {"aws:cdk:bundling-stacks": []}
"""CDK's way to say that no asset is built: libraries might come from the network."""

Properties = dict[str, Any]

_SYNTHESIZED = tempfile.TemporaryDirectory()

FUNCTIONS: tuple[Endpoint | Worker, ...] = (*ENDPOINTS, AUTHORIZER, *WORKERS, CANARY)
"""Every function there is."""


@cache
def template_file(stage: str, part: str) -> Path:
    """The template of a stage's `data` or `service` stack."""
    return _assembly(stage) / f"{stage_named(stage).stack_name(part)}.template.json"


@cache
def _assembly(stage: str) -> Path:
    if stage == STAGE.name:
        return local_assembly()
    return assembly(Path(_SYNTHESIZED.name) / stage, stage_named(stage))


def assembly(directory: Path, stage: Stage, **more: object) -> Path:
    """A stage with settings of its own, checked by cdk-nag and synthesized into `directory`.

    `more` is context beside that of cdk.json.
    """
    context = json.loads((ROOT / "cdk.json").read_text())["context"] | NO_BUNDLING | more
    app = App(context=context, outdir=str(directory))
    add_stacks(app, stage)
    app.synth()
    return directory


def linted(templates: Iterable[Path]) -> str:
    """The errors that cfn-lint finds in these templates; warnings, which take it long, are not asked for."""
    files = [str(template) for template in templates]
    assert files, "no template"
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", "W", "I", "--"]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    return said if done.returncode == 0 or said else f"cfn-lint ended with {done.returncode}"


def found_in(assembly: Path, stage: Stage, part: str, kind: str) -> dict[str, Properties]:
    """The properties of the resources of one type in a stack of `assembly`, by logical id."""
    content = json.loads((assembly / f"{stage.stack_name(part)}.template.json").read_text())
    return {
        name: one.get("Properties", {}) for name, one in content["Resources"].items() if one["Type"] == kind
    }


@cache
def template(stage: str, part: str) -> dict[str, Any]:
    """What it says."""
    content: dict[str, Any] = json.loads(template_file(stage, part).read_text())
    return content


@cache
def whole_resources(stage: str, part: str, kind: str) -> dict[str, dict[str, Any]]:
    """A stack's resources of one type by logical id, with their policies."""
    return {name: one for name, one in template(stage, part)["Resources"].items() if one["Type"] == kind}


@cache
def resources(stage: str, part: str, kind: str) -> dict[str, Properties]:
    """The properties of the same."""
    return {name: one.get("Properties", {}) for name, one in whole_resources(stage, part, kind).items()}


def policies(stage: str, part: str, kind: str) -> set[tuple[str, str]]:
    """What becomes of a stack's resources of one type: pairs of DeletionPolicy and UpdateReplacePolicy."""
    found = whole_resources(stage, part, kind).values()
    return {(one.get("DeletionPolicy", ""), one.get("UpdateReplacePolicy", "")) for one in found}


def deployed_on(stage: str) -> set[str]:
    """The handlers of a stage: all, but for the canary's where none flies."""
    canary = set() if stage_named(stage).canary_minutes else {CANARY.handler}
    return {one.handler for one in FUNCTIONS} - canary


def functions(stage: str) -> dict[str, Properties]:
    """The functions by handler, as in the route table."""
    found = resources(stage, "service", "AWS::Lambda::Function").values()
    return {one["Handler"].removeprefix("functions.").removesuffix(".handler"): one for one in found}


def permissions(stage: str, function: Properties) -> set[tuple[str, str]]:
    """All a function may do: pairs of action and resource (as the grants name it, or `own log`).

    Fails for a role with more policies than its own one, or with anything this cannot name.
    """
    role_id = function["Role"]["Fn::GetAtt"][0]
    role = resources(stage, "service", "AWS::IAM::Role")[role_id]
    assert "ManagedPolicyArns" not in role
    assert not _attached_policies(stage, role_id)
    own_log = {"Fn::GetAtt": [function["LoggingConfig"]["LogGroup"]["Ref"], "Arn"]}
    (policy,) = role["Policies"]
    found = set()
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement.keys() - {"Condition"} == {"Effect", "Action", "Resource"}
        assert statement["Effect"] == "Allow"
        for resource in _listed(statement["Resource"]):
            name = "own log" if resource == own_log else granted_resource(stage, resource)
            if "Condition" in statement:
                name = _among_tenants(name, statement["Condition"])
            found |= {(action, name) for action in _listed(statement["Action"])}
    return found


def service_of(resource: str) -> str:
    """What begins the IAM actions on a resource that grants name."""
    if resource.startswith("files."):
        return "s3"
    return "events" if resource == "bus" else "sqs" if resource.endswith("_queue") else "dynamodb"


def granted_resource(stage: str, reference: Properties) -> str:
    """What a service stack means, as grants name it, by a name or ARN imported from the data stack."""
    if "Fn::Join" in reference:
        (arn, suffix) = reference["Fn::Join"][1]
        return f"{granted_resource(stage, arn)}.{suffix.removeprefix('/index/').strip('/*')}"
    outputs = template(stage, "data")["Outputs"].values()
    values = {one["Export"]["Name"]: one["Value"] for one in outputs if "Export" in one}
    value = values[reference["Fn::ImportValue"]]
    logical_id, attribute = (value["Ref"], "") if "Ref" in value else value["Fn::GetAtt"]
    # CDK ends a logical id with eight digits of a hash.
    name = _named_in_data_stack()[logical_id[:-8]]
    return f"{name}.stream" if attribute == "StreamArn" else name


def _among_tenants(table: str, condition: Properties) -> str:
    assert (table, condition) == (
        "tenants",
        {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["tenant#canary", "client#canary"]}},
    )
    return "canary"


def target(stage: str, handler: str) -> Properties:
    """What others invoke to reach a handler's function: itself, or its alias where it has one."""
    found = resources(stage, "service", "AWS::Lambda::Function").items()
    (function,) = (name for name, one in found if one["Handler"] == f"functions.{handler}.handler")
    aliases = resources(stage, "service", "AWS::Lambda::Alias").items()
    return {
        "Ref": next((name for name, one in aliases if one["FunctionName"] == {"Ref": function}), function)
    }


@cache
def methods(stage: str) -> dict[tuple[str, str], Properties]:
    """The API's methods by HTTP method and path."""
    nodes = resources(stage, "service", "AWS::ApiGateway::Resource")

    def path(reference: Properties) -> str:
        if "Ref" not in reference:
            return ""
        node = nodes[reference["Ref"]]
        return f"{path(node['ParentId'])}/{node['PathPart']}"

    found = resources(stage, "service", "AWS::ApiGateway::Method").values()
    return {(one["HttpMethod"], path(one["ResourceId"])): one for one in found}


def _listed(one_or_more: Any) -> list[Any]:
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]


def _named_in_data_stack() -> dict[str, str]:
    queues = [f"{name}_queue" for name in (*(queue.name for queue in QUEUES), *GIVEN_UP)]
    names = [*(table.name for table in TABLES), *queues, "files", "bus"]
    return {"".join(word.capitalize() for word in name.split("_")): name for name in names}


def _attached_policies(stage: str, role: str) -> list[str]:
    return [
        name
        for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
        for name, policy in resources(stage, "service", kind).items()
        if {"Ref": role} in policy.get("Roles", [])
    ]
