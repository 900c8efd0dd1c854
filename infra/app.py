"""The CDK app: both stacks of one stage, checked by cdk-nag. `cdk deploy --all -c stage=dev`."""

from aws_cdk import App, DefaultStackSynthesizer, Validations
from cdk_nag import AwsSolutionsChecks

from infra.data_stack import DataStack
from infra.service_stack import ServiceStack
from infra.settings import Stage, stage_named


def add_stacks(app: App, stage: Stage) -> None:
    """The stateful and the stateless stack of `stage`, environment-agnostic."""
    # An emulator is never bootstrapped, so nothing there could answer for the bootstrap's version.
    synthesizer = DefaultStackSynthesizer(generate_bootstrap_version_rule=not stage.emulated)
    data = DataStack(app, stage.stack_name("data"), stage=stage, synthesizer=synthesizer)
    ServiceStack(app, stage.stack_name("service"), stage=stage, tables=data.tables, synthesizer=synthesizer)


def main() -> None:
    """Synthesize the stage that the context names; fails when cdk-nag finds something."""
    app = App()
    stage = stage_named(app.node.try_get_context("stage") or "dev")
    add_stacks(app, stage)
    if not stage.emulated:
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


if __name__ == "__main__":
    main()
