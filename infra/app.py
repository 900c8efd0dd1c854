"""The CDK app: both stacks of one stage, checked by cdk-nag. `cdk deploy --all -c stage=dev`."""

from aws_cdk import App, DefaultStackSynthesizer, Validations
from cdk_nag import AwsSolutionsChecks

from infra.data_stack import DataStack
from infra.service_stack import ServiceStack
from infra.settings import stage_named


def add_stacks(app: App) -> None:
    """The stateful and the stateless stack of the stage that the app's context names.

    Environment-agnostic. Synthesizing fails when cdk-nag finds something in them.
    """
    stage = stage_named(app.node.try_get_context("stage") or "dev")
    # An emulator is never bootstrapped, so nothing there could answer for the bootstrap's version.
    synthesizer = DefaultStackSynthesizer(generate_bootstrap_version_rule=not stage.emulated)
    data = DataStack(app, stage.stack_name("data"), stage=stage, synthesizer=synthesizer)
    ServiceStack(app, stage.stack_name("service"), stage=stage, data=data, synthesizer=synthesizer)
    if not stage.emulated:
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def main() -> None:
    """Synthesize the app."""
    app = App()
    add_stacks(app)
    app.synth()


if __name__ == "__main__":
    main()
