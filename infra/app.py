"""The CDK app: the stacks of one stage, checked by cdk-nag. `cdk deploy --all -c stage=dev`."""

from typing import Any

from aws_cdk import App, DefaultStackSynthesizer, Environment, Stack, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from infra.account_stack import AccountStack
from infra.alarms_stack import AlarmsStack
from infra.data_stack import DataStack
from infra.region import region_of
from infra.restored_tables import CONTEXT, restored_tables
from infra.service_stack import ServiceStack
from infra.settings import SERVICE, Stage, stage_named

LATER_INDEXES = "laterIndexes"
"""The context that names indexes for a later deploy, `customers.bucket,…` (`infra/gate/indexes.py`)."""


def add_stacks(app: App, stage: Stage) -> None:
    """The stateful and the stateless stack of `stage`, alarms, and what their account needs once.

    They belong to an account and a region only where the stage's settings name them.
    Raises SystemExit where nobody names a region. Synthesizing fails when cdk-nag finds something.
    """
    # An emulator is never bootstrapped, so nothing there could answer for the bootstrap's version.
    synthesizer = DefaultStackSynthesizer(generate_bootstrap_version_rule=not stage.emulated)
    if not stage.emulated:
        region_of(stage)
    common: dict[str, Any] = {
        "synthesizer": synthesizer,
        "env": Environment(account=stage.account, region=stage.region),
    }
    restored = restored_tables(app.node.try_get_context(CONTEXT), stage.name)
    later = str(app.node.try_get_context(LATER_INDEXES) or "").split(",")
    data = DataStack(app, stage.stack_name("data"), stage=stage, restored=restored, later=later, **common)
    service = ServiceStack(app, stage.stack_name("service"), stage=stage, data=data, **common)
    if not stage.emulated:
        # Without the role, no stage of an API may have an access log.
        service.add_stack_dependency(AccountStack(app, f"{SERVICE}-account", **common))
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    stacks: list[Stack] = [data, service]
    if service.alarms:
        stacks.append(
            AlarmsStack(
                app,
                stage.stack_name("alarms"),
                data=data,
                pages=service.alarms.pages,
                tickets=service.alarms.tickets,
                **common,
            )
        )
    for stack in stacks:
        for key, value in _tags(stage).items():
            Tags.of(stack).add(key, value)


def main() -> None:
    """Synthesize the app."""
    app = App()
    add_stacks(app, stage_named(app.node.try_get_context("stage") or "dev"))
    app.synth()


def _tags(stage: Stage) -> dict[str, str]:
    return {"service": SERVICE, "stage": stage.name, "cost-centre": stage.cost_centre}


if __name__ == "__main__":
    main()
