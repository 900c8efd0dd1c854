"""Where a command works: a stage on AWS, or the stack that `uv run local` runs."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from cyclopts import Parameter

from infra.commands.terminal import FLAG
from infra.local.access import Access
from infra.local.deployment import DeploymentError, Outputs, stack_outputs
from infra.local.run import ACCESS_FILE, API_FILE
from infra.region import region_of
from infra.settings import STAGES, Stage, stage_named

DEPLOYED = tuple(name for name, stage in STAGES.items() if not stage.emulated)
DEFAULT = "dev"

NOT_RUNNING = "No local stack runs here; start one with: uv run local"

TenantKey = Annotated[str, Parameter(help="The tenant's key: 1 to 64 of `a-z 0-9 - _`.")]


class PlaceError(Exception):
    """The place cannot be worked on; the message is for a person."""


@dataclass(frozen=True)
class Place:
    """A deployed stage and its account's clients; `api_url` where the outputs cannot know it."""

    stage: Stage
    client: Callable[[str], Any]
    resource: Callable[[str], Any]
    api_url: str | None = None

    @property
    def outputs(self) -> Outputs:
        """The outputs of both stacks. Raises DeploymentError where they are not there."""
        return self.outputs_of("data") | self.outputs_of("service")

    def outputs_of(self, stack: str) -> Outputs:
        """The outputs of one stack. Raises DeploymentError where it is not there."""
        return stack_outputs(self.client("cloudformation"), self.stage.stack_name(stack))


def _deployed(_type: object, name: str | None) -> None:
    if name is not None and name not in DEPLOYED:
        raise ValueError(f"Choose {' or '.join(DEPLOYED)}.")


def _one_place(_type: object, where: "Where | None") -> None:
    if where and where.local and where.stage:
        raise ValueError("Say --stage or --local, not both.")


@Parameter(name="*", group="Where", validator=_one_place)
@dataclass(frozen=True)
class Where:
    """The options that say where."""

    stage: Annotated[str | None, Parameter(validator=_deployed)] = None
    """The deployed stage, dev (unless you say so) or prod, in the account of your AWS credentials."""

    local: Annotated[bool, FLAG] = False
    """The stack that `uv run local` runs."""


HERE = Where()


def running_api() -> dict[str, str]:
    """What `uv run local` tells scripts of its API and tenant. Raises PlaceError where it does not run."""
    if not API_FILE.exists():
        raise PlaceError(NOT_RUNNING)
    api: dict[str, str] = json.loads(API_FILE.read_text())
    return api


@contextmanager
def opened(where: Where) -> Iterator[Place]:
    """The place that the options name, whose AWS errors become one line.

    Raises PlaceError where no local stack runs or AWS refuses, SystemExit where nobody names a region.
    """
    hint = "Does uv run local run?" if where.local else "For the stack on this machine say --local."
    try:
        yield _local() if where.local else _deployed_at(stage_named(where.stage or DEFAULT))
    except DeploymentError as error:
        raise PlaceError(str(error)) from error
    except (BotoCoreError, ClientError) as error:
        raise PlaceError(f"AWS says: {error} ({hint})") from error


def _deployed_at(stage: Stage) -> Place:
    session = boto3.Session(region_name=region_of(stage))
    return Place(stage, session.client, session.resource)  # type: ignore[arg-type]


def _local() -> Place:
    api, access = running_api(), Access.kept(ACCESS_FILE)
    if access is None:
        raise PlaceError(NOT_RUNNING)
    return Place(stage_named("local"), access.client, access.resource, api["url"])
