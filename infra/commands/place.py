"""Where a command works: a stage on AWS, or the stack that `uv run local` runs."""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import boto3

from infra.local.access import Access
from infra.local.deployment import DeploymentError, Outputs, stack_outputs
from infra.local.run import ACCESS_FILE, API_FILE
from infra.region import region_of
from infra.settings import STAGES, Stage, stage_named


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
        cloudformation = self.client("cloudformation")
        return stack_outputs(cloudformation, self.stage.stack_name("data")) | stack_outputs(
            cloudformation, self.stage.stack_name("service")
        )


def add_place(parser: argparse.ArgumentParser) -> None:
    """The options that say where."""
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--stage",
        choices=[name for name, stage in STAGES.items() if not stage.emulated],
        default="dev",
        help="the deployed stage, in the account of your AWS credentials (default: %(default)s)",
    )
    place.add_argument("--local", action="store_true", help="the stack that `uv run local` runs")


def place_of(arguments: argparse.Namespace) -> Place:
    """The place that the options name.

    Raises DeploymentError where no local stack runs, SystemExit where nobody names a region.
    """
    if not arguments.local:
        stage = stage_named(arguments.stage)
        session = boto3.Session(region_name=region_of(stage))
        return Place(
            stage,
            partial(session.client),
            partial(session.resource),
        )
    access = Access.kept(ACCESS_FILE)
    if access is None or not API_FILE.exists():
        raise DeploymentError("No local stack runs here; start one with: uv run local")
    url = json.loads(API_FILE.read_text())["url"]
    return Place(stage_named("local"), access.client, access.resource, url)
