"""What a stage's settings promise is in its templates, and each setting passes the checks."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from functions.auth.tenants import usage_key
from infra.region import region_of
from infra.settings import STAGES, Domain, Stage
from tests.effort import EFFORT
from tests.infra.templates import Properties, assembly, found_in, linted

CERTIFICATE = "arn:aws:acm:ap-southeast-2:111122223333:certificate/0f7b"
KEY = "arn:aws:kms:ap-southeast-2:111122223333:key/9b2c"
DOMAIN = Domain("api.example.com", CERTIFICATE, "Z0123456789", "example.com")

BARE_PROD = replace(STAGES["prod"], web_acl=False, alarms=False, canary_minutes=0, archive_days=0)
FULL_PROD = replace(
    STAGES["prod"],
    account="111122223333",
    region="ap-southeast-2",
    domain=DOMAIN,
    table_key_arn=KEY,
    warm_reads=13_000,
    warm_writes=8_000,
    authorizer_concurrency=20,
    token_concurrency=10,
)
FULL_DEV = replace(STAGES["dev"], domain=DOMAIN, web_acl=True, alarms=True, snap_start=True)

Found = Callable[[str, str], list[Properties]]


def resources_of(directory: Path, stage: Stage) -> Found:
    def found(part: str, kind: str) -> list[Properties]:
        return list(found_in(directory, stage, part, kind).values())

    return found


@pytest.fixture(scope="module")
def full_assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`prod` with every setting given."""
    return assembly(tmp_path_factory.mktemp("full"), FULL_PROD)


@pytest.fixture(scope="module")
def full(full_assembly: Path) -> Found:
    """The resources of `prod` with every setting given."""
    return resources_of(full_assembly, FULL_PROD)


def test_the_checks_pass_with_every_setting_given(full_assembly: Path) -> None:
    assert linted(full_assembly.glob("*.template.json")) == ""


@pytest.mark.skipif(EFFORT == 1, reason="nightly")
@pytest.mark.parametrize("settings", [BARE_PROD, FULL_DEV], ids=["bare prod", "dev"])
def test_the_checks_pass_with_other_settings_too(settings: Stage, tmp_path: Path) -> None:
    assert linted(assembly(tmp_path, settings).glob("*.template.json")) == ""


def test_a_domain_leads_to_the_api_with_the_whole_path_over_modern_tls(full: Found) -> None:
    (name,) = full("service", "AWS::ApiGateway::DomainName")
    (mapping,) = full("service", "AWS::ApiGateway::BasePathMapping")
    assert (name["DomainName"], name["RegionalCertificateArn"]) == (DOMAIN.name, CERTIFICATE)
    assert name["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert name["SecurityPolicy"] == "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
    assert name["RoutingMode"] == "ROUTING_RULE_THEN_BASE_PATH_MAPPING"
    assert "BasePath" not in mapping
    records = full("service", "AWS::Route53::RecordSet")
    assert {(one["Type"], one["Name"], one["HostedZoneId"]) for one in records} == {
        (kind, "api.example.com.", DOMAIN.hosted_zone_id) for kind in ("A", "AAAA")
    }


def test_the_gateways_own_address_is_closed_once_a_domain_stands(full: Found) -> None:
    (api,) = full("service", "AWS::ApiGateway::RestApi")
    assert api["DisableExecuteApiEndpoint"] is True


def test_prod_has_a_web_acl_that_limits_tokens_by_address_and_keeps_no_requests(full: Found) -> None:
    (acl,) = full("service", "AWS::WAFv2::WebACL")
    (association,) = full("service", "AWS::WAFv2::WebACLAssociation")
    assert "/stages/" in str(association["ResourceArn"])
    by_address, common = sorted(acl["Rules"], key=lambda rule: int(rule["Priority"]))
    rate = by_address["Statement"]["RateBasedStatement"]
    assert (rate["AggregateKeyType"], by_address["Action"]) == ("IP", {"Block": {}})
    assert (
        rate["ScopeDownStatement"]["ByteMatchStatement"]["SearchString"] in "/protocol/openid-connect/token"
    )
    group = common["Statement"]["ManagedRuleGroupStatement"]
    assert (group["Name"], common["OverrideAction"]) == ("AWSManagedRulesCommonRuleSet", {"None": {}})
    for visible in (acl, by_address, common):
        assert visible["VisibilityConfig"]["SampledRequestsEnabled"] is False


def test_a_long_body_search_or_reference_that_is_valid_here_gets_past_the_web_acl(full: Found) -> None:
    (acl,) = full("service", "AWS::WAFv2::WebACL")
    (group,) = (
        rule["Statement"]["ManagedRuleGroupStatement"]
        for rule in acl["Rules"]
        if "ManagedRuleGroupStatement" in rule["Statement"]
    )
    counted = [rule["Name"] for rule in group["RuleActionOverrides"] if rule["ActionToUse"] == {"Count": {}}]
    assert sorted(counted) == [
        "SizeRestrictions_BODY",
        "SizeRestrictions_QUERYSTRING",
        "SizeRestrictions_URIPATH",
    ]


def test_each_tenant_has_a_rate_of_its_own_by_a_key_that_only_the_authorizer_gives(full: Found) -> None:
    (api,) = full("service", "AWS::ApiGateway::RestApi")
    assert api["ApiKeySourceType"] == "AUTHORIZER"
    plans = full("service", "AWS::ApiGateway::UsagePlan")
    assert {(one["UsagePlanName"], one["Throttle"]["RateLimit"]) for one in plans} == {
        (f"customerservice-prod-{tier.name}", tier.requests_per_second) for tier in FULL_PROD.tiers
    }
    for method in full("service", "AWS::ApiGateway::Method"):
        assert method.get("ApiKeyRequired", False) == (method["AuthorizationType"] == "CUSTOM")
    (key,) = full("service", "AWS::ApiGateway::ApiKey")
    assert key["Value"] == usage_key("customerservice-prod-", "canary")
    told = {
        one["Handler"]: one["Environment"]["Variables"].get("USAGE_KEY_PREFIX")
        for one in full("service", "AWS::Lambda::Function")
    }
    assert {handler for handler, prefix in told.items() if prefix} == {"functions.auth.authorize.handler"}


def test_the_door_keeps_functions_of_its_own(full: Found) -> None:
    reserved = {
        one["Handler"].removeprefix("functions."): one["ReservedConcurrentExecutions"]
        for one in full("service", "AWS::Lambda::Function")
        if "ReservedConcurrentExecutions" in one
    }
    assert reserved == {"auth.authorize.handler": 20, "auth.issue_token.handler": 10}


def test_the_operators_own_key_encrypts_every_table(full: Found) -> None:
    for table in full("data", "AWS::DynamoDB::GlobalTable"):
        assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
        (replica,) = table["Replicas"]
        assert replica["SSESpecification"] == {"KMSMasterKeyId": KEY}


def test_every_table_is_warm_as_far_as_the_stage_says(full: Found) -> None:
    for table in full("data", "AWS::DynamoDB::GlobalTable"):
        assert table["WarmThroughput"] == {"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 8_000}


def test_prod_keeps_what_its_bus_carried_for_thirty_days(full: Found) -> None:
    (archive,) = full("data", "AWS::Events::Archive")
    assert archive["RetentionDays"] == 30
    assert archive["EventPattern"] == {"account": ["111122223333"]}


def test_everything_says_whose_it_is_and_who_pays(full: Found) -> None:
    tags = {"service": "customerservice", "stage": "prod", "cost-centre": "customer-service"}
    tagged: list[Properties] = [
        *full("service", "AWS::Lambda::Function"),
        *full("service", "AWS::ApiGateway::RestApi"),
        *full("data", "AWS::SQS::Queue"),
        *(replica for table in full("data", "AWS::DynamoDB::GlobalTable") for replica in table["Replicas"]),
    ]
    for one in tagged:
        assert {tag["Key"]: tag["Value"] for tag in one["Tags"]} == tags


def test_the_accounts_own_setting_is_in_no_stage(full: Found) -> None:
    assert full("service", "AWS::ApiGateway::Account") == []


def test_a_region_is_never_guessed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(SystemExit, match="No region is named for the stage prod"):
        region_of(STAGES["prod"])
    assert region_of(replace(STAGES["prod"], region="eu-west-1")) == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "ap-southeast-2")
    assert region_of(STAGES["prod"]) == "ap-southeast-2"
    with pytest.raises(SystemExit, match="lives in eu-west-1; the environment says ap-southeast-2"):
        region_of(replace(STAGES["prod"], region="eu-west-1"))
