"""The app synthesizes for its stages, passes the checks, and says what is wrong where it does not."""

from typing import cast

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_sqs as sqs

from infra.app import add_stacks
from infra.settings import stage_named
from tests.effort import EFFORT
from tests.infra.templates import NO_BUNDLING, linted, resources, template, template_file


def test_an_unknown_stage_is_told_which_there_are() -> None:
    with pytest.raises(SystemExit, match="'nope'; choose one of local, dev, prod"):
        stage_named("nope")


def test_a_stage_is_two_stacks_and_what_its_account_needs_once() -> None:
    synthesized = {path.name for path in template_file("dev", "data").parent.glob("*.template.json")}
    named = {f"customerservice-{name}.template.json" for name in ("account", "dev-data", "dev-service")}
    assert synthesized == named


def test_synthesis_fails_when_cdk_nag_finds_something() -> None:
    app = App(context={**NO_BUNDLING, "stage": "dev"})
    add_stacks(app, stage_named("dev"))
    sqs.Queue(cast("Stack", app.node.find_child("customerservice-dev-service")), "WithoutDeadLetters")
    with pytest.raises(RuntimeError, match="AwsSolutions-SQS3"):
        app.synth()


@pytest.mark.skipif(EFFORT == 1, reason="nightly: what every stage has is there in `test_settings.py`")
def test_the_local_templates_pass_cfn_lint() -> None:
    assert linted(template_file("local", part) for part in ("data", "service")) == ""


def test_the_stacks_belong_to_no_account_and_no_region(stage: str) -> None:
    text = template_file(stage, "service").read_text() + template_file(stage, "data").read_text()
    assert "ap-southeast-2" not in text
    assert "000000000000" not in text


def test_a_stack_has_room_for_more_below_the_five_hundred_resources_that_end_it(stage: str) -> None:
    for part in ("data", "service", *(["alarms"] if stage_named(stage).alarms else [])):
        assert len(template(stage, part)["Resources"]) <= 490, part


def test_the_stateless_stack_holds_no_data(stage: str) -> None:
    for kind in ("AWS::DynamoDB::GlobalTable", "AWS::SQS::Queue", "AWS::Events::EventBus"):
        assert not resources(stage, "service", kind)
