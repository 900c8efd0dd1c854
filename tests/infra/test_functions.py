"""Every function is deployed with our defaults."""

from pathlib import Path

import pytest

from infra.routes import AUTHORIZER, ENDPOINTS, REFERENCE
from infra.settings import AT_ONCE, STAGES
from infra.synthetic_tenant import CANARY
from tests.infra.templates import assembly, found_in, functions, resources, whole_resources


def test_functions_run_python_3_14_on_arm(stage: str) -> None:
    for handler, function in functions(stage).items():
        assert (function["Runtime"], function["Architectures"]) == ("python3.14", ["arm64"]), handler


def test_functions_stop_before_the_gateway_gives_up_on_them(stage: str) -> None:
    deployed = functions(stage)
    for endpoint in (*ENDPOINTS, AUTHORIZER):
        assert deployed[endpoint.handler]["Timeout"] < 29, endpoint.handler


def test_all_functions_share_one_asset_but_the_reference(stage: str) -> None:
    code = {handler: str(function["Code"]) for handler, function in functions(stage).items()}
    reference = code.pop(REFERENCE)
    assert len(set(code.values())) == 1
    assert reference not in code.values()


def test_functions_log_in_json_to_a_group_with_retention(stage: str) -> None:
    groups = resources(stage, "service", "AWS::Logs::LogGroup")
    for handler, function in functions(stage).items():
        logging = function["LoggingConfig"]
        assert logging["LogFormat"] == "JSON", handler
        assert groups[logging["LogGroup"]["Ref"]]["RetentionInDays"] == STAGES[stage].log_days, handler


def test_no_log_group_keeps_its_lines_forever(stage: str) -> None:
    groups = resources(stage, "service", "AWS::Logs::LogGroup")
    assert all("RetentionInDays" in group for group in groups.values())


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_nothing_tells_a_deployed_function_that_it_is_emulated(stage: str) -> None:
    for handler, function in functions(stage).items():
        settings = {
            name for name, value in function["Environment"]["Variables"].items() if isinstance(value, str)
        }
        told = {"API_URL"} if handler == CANARY.handler and STAGES[stage].domain else set()
        always = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_LOG_LEVEL", "ACCESS_TOKEN_SECONDS"}
        if handler == AUTHORIZER.handler and STAGES[stage].tiers:
            told = {"USAGE_KEY_PREFIX"}
        assert settings == always | told, handler


def test_functions_do_not_send_traces(stage: str) -> None:
    assert not [handler for handler, function in functions(stage).items() if "TracingConfig" in function]


def test_versions_take_over_step_by_step_on_durable_stages_and_at_once_on_others(stage: str) -> None:
    aliases = whole_resources(stage, "service", "AWS::Lambda::Alias").values()
    groups = resources(stage, "service", "AWS::CodeDeploy::DeploymentGroup").values()
    if not STAGES[stage].durable:
        assert not aliases
        assert not groups
        return
    assert len(aliases) == len(groups) == len(functions(stage))
    for alias in aliases:
        assert "CodeDeployLambdaAliasUpdate" in alias["UpdatePolicy"]
    for group in groups:
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
        assert group["AutoRollbackConfiguration"]["Events"] == [
            "DEPLOYMENT_FAILURE",
            "DEPLOYMENT_STOP_ON_REQUEST",
            "DEPLOYMENT_STOP_ON_ALARM",
        ]


def test_a_deploy_onto_restored_tables_goes_over_at_once_and_no_alarm_takes_it_back(tmp_path: Path) -> None:
    prod = STAGES["prod"]

    found = found_in(
        assembly(tmp_path, prod, **{AT_ONCE: "true"}), prod, "service", "AWS::CodeDeploy::DeploymentGroup"
    )

    assert found
    for group in found.values():
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaAllAtOnce"
        assert "AlarmConfiguration" not in group


def test_a_version_is_taken_back_when_its_own_errors_or_the_apis_faults_ring() -> None:
    alarms = resources("prod", "service", "AWS::CloudWatch::Alarm")
    rings = {
        frozenset(
            str(alarms[one["Name"]["Ref"]].get("MetricName", "rate"))
            for one in group["AlarmConfiguration"]["Alarms"]
        )
        for group in resources("prod", "service", "AWS::CodeDeploy::DeploymentGroup").values()
    }
    # The authorizer's errors are its way to say 401.
    assert rings == {frozenset({"Errors", "rate"}), frozenset({"rate"})}
