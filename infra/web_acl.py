"""AWS WAF before the API: known attacks, and who asks for tokens too often."""

from aws_cdk import aws_wafv2 as waf
from constructs import Construct

TOKEN_REQUESTS_PER_IP = 600
"""In five minutes; a tenant needs one token in five hours, and may have some systems behind one address."""

COUNT_ONLY = ("SizeRestrictions_BODY", "SizeRestrictions_QUERYSTRING", "SizeRestrictions_URIPATH")
"""They stop what is valid here: bodies over 8 KB, as uploads are; query strings over 2,048 bytes, as a search
by long names may be; paths over 1,024, as 128 Chinese characters of a `customerRef` take 1,152 when they are
percent-encoded. The gateway and the functions have limits of their own."""


class WebAcl(Construct):
    """A web ACL for one API's stage (`stage_arn`).

    Its sampled requests would hold URLs, and with them e-mail addresses: there are none. A blocked request is
    answered 403 by the gateway, in our shape (`WAF_FILTERED`).
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, stage_arn: str) -> None:
        super().__init__(scope, construct_id)
        acl = waf.CfnWebACL(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visible(name),
            rules=[
                waf.CfnWebACL.RuleProperty(
                    name="tokens-by-address",
                    priority=0,
                    action=waf.CfnWebACL.RuleActionProperty(block={}),
                    statement=waf.CfnWebACL.StatementProperty(
                        rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                            aggregate_key_type="IP",
                            limit=TOKEN_REQUESTS_PER_IP,
                            evaluation_window_sec=300,
                            scope_down_statement=_on_token_route(),
                        )
                    ),
                    visibility_config=_visible(f"{name}-tokens"),
                ),
                waf.CfnWebACL.RuleProperty(
                    name="common",
                    priority=1,
                    override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
                    statement=waf.CfnWebACL.StatementProperty(
                        managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                            vendor_name="AWS",
                            name="AWSManagedRulesCommonRuleSet",
                            rule_action_overrides=[
                                waf.CfnWebACL.RuleActionOverrideProperty(
                                    name=rule, action_to_use=waf.CfnWebACL.RuleActionProperty(count={})
                                )
                                for rule in COUNT_ONLY
                            ],
                        )
                    ),
                    visibility_config=_visible(f"{name}-common"),
                ),
            ],
        )
        waf.CfnWebACLAssociation(self, "Association", resource_arn=stage_arn, web_acl_arn=acl.attr_arn)


def _on_token_route() -> waf.CfnWebACL.StatementProperty:
    return waf.CfnWebACL.StatementProperty(
        byte_match_statement=waf.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=waf.CfnWebACL.FieldToMatchProperty(uri_path={}),
            positional_constraint="CONTAINS",
            search_string="/protocol/openid-connect/token",
            text_transformations=[waf.CfnWebACL.TextTransformationProperty(priority=0, type="URL_DECODE")],
        )
    )


def _visible(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
