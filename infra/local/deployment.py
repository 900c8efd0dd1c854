"""Deploy a synthesized assembly with boto3: upload what changed, create or update its stacks."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError, WaiterError

ASSEMBLY_TAG = "assembly"
"""The stack tag that holds the name of the assembly a stack was last deployed from."""

Outputs = dict[str, str]

_WAIT = {"Delay": 0.1, "MaxAttempts": 1200}


class DeploymentError(Exception):
    """A stack could not be deployed; says which resource failed and why."""


def deploy(assembly: Path, client: Callable[[str], Any]) -> Outputs:
    """Deploy the stacks of `assembly` in order and return all their outputs.

    A stack that was deployed from this very assembly is left as it is. `client` makes boto3 clients.
    Raises DeploymentError.
    """
    cloudformation, s3 = client("cloudformation"), client("s3")
    account, region = client("sts").get_caller_identity()["Account"], cloudformation.meta.region_name
    manifest = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    outputs: Outputs = {}
    for name in _stacks_in_order(manifest):
        if _deployed_from(cloudformation, name) != assembly.name:
            template_url = _upload(assembly, name, s3, account, region)
            _apply(cloudformation, name, template_url, assembly.name)
        outputs |= stack_outputs(cloudformation, name)
    return outputs


def stack_outputs(cloudformation: Any, name: str) -> Outputs:
    """The outputs of a stack. Raises DeploymentError when there is no such stack."""
    stack = _described(cloudformation, name)
    if stack is None:
        raise DeploymentError(f"There is no stack {name}; deploy it first")
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _stacks_in_order(manifest: dict[str, Any]) -> list[str]:
    """The stacks' names, each after those it depends on."""
    stacks = {name: one for name, one in manifest.items() if one["type"] == "aws:cloudformation:stack"}
    ordered: list[str] = []

    def visit(name: str) -> None:
        for dependency in stacks[name].get("dependencies", []):
            if dependency in stacks:
                visit(dependency)
        if name not in ordered:
            ordered.append(name)

    for name in stacks:
        visit(name)
    return ordered


def _upload(assembly: Path, stack: str, s3: Any, account: str, region: str) -> str:
    """Upload the stack's assets and return the URL of its template."""
    template_url = ""
    for asset in json.loads((assembly / f"{stack}.assets.json").read_text())["files"].values():
        (destination,) = asset["destinations"].values()
        bucket = (
            destination["bucketName"].replace("${AWS::AccountId}", account).replace("${AWS::Region}", region)
        )
        _ensure_bucket(s3, bucket, region)
        source = assembly / asset["source"]["path"]
        body = _zipped(source) if asset["source"]["packaging"] == "zip" else source.read_bytes()
        s3.put_object(Bucket=bucket, Key=destination["objectKey"], Body=body)
        if source.name == f"{stack}.template.json":
            template_url = f"https://s3.{region}.amazonaws.com/{bucket}/{destination['objectKey']}"
    return template_url


def _ensure_bucket(s3: Any, bucket: str, region: str) -> None:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})


def _zipped(directory: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(directory))
    return buffer.getvalue()


def _described(cloudformation: Any, name: str) -> dict[str, Any] | None:
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise
    found: dict[str, Any] = stack
    return None if found["StackStatus"] == "DELETE_COMPLETE" else found


def _deployed_from(cloudformation: Any, name: str) -> str | None:
    stack = _described(cloudformation, name)
    if stack is None or stack["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        return None
    return {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}.get(ASSEMBLY_TAG)


def _apply(cloudformation: Any, name: str, template_url: str, assembly: str) -> None:
    stack = _described(cloudformation, name)
    if stack is not None and stack["StackStatus"] == "ROLLBACK_COMPLETE":
        cloudformation.delete_stack(StackName=name)
        stack = None
    change, done = (
        (cloudformation.update_stack, "stack_update_complete")
        if stack
        else (cloudformation.create_stack, "stack_create_complete")
    )
    try:
        change(
            StackName=name,
            TemplateURL=template_url,
            Capabilities=["CAPABILITY_IAM"],
            Tags=[{"Key": ASSEMBLY_TAG, "Value": assembly}],
        )
        cloudformation.get_waiter(done).wait(StackName=name, WaiterConfig=_WAIT)
    except (ClientError, WaiterError) as error:
        raise DeploymentError(
            f"{name} could not be deployed: {error}\n{_failures(cloudformation, name)}"
        ) from error


def _failures(cloudformation: Any, name: str) -> str:
    try:
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    except ClientError:
        return ""
    return "\n".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in events
        if event["ResourceStatus"].endswith("FAILED")
    )
