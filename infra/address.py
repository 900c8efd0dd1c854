"""The address callers use: the stage's own domain name before its API."""

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from infra.settings import Domain

TLS = apigateway.SecurityPolicy.TLS13_1_2_PFS_PQ_2025_09
"""TLS 1.3 and 1.2 with forward secrecy (AWS: API Gateway, supported security policies)."""


class Address(Construct):
    """A regional domain name that leads to the API with the whole path, prefix and all.

    An API mapping strips its base path, so the API is mapped at the root, where there is nothing to strip:
    `/services/customerservice` and `/auth` arrive as they are, and an unknown path gets our own 404.
    Another service takes a prefix of the same domain by a routing rule, which goes before the mapping
    (AWS: routing mode `ROUTING_RULE_THEN_BASE_PATH_MAPPING`).
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, domain: Domain, rest_api: apigateway.RestApi
    ) -> None:
        super().__init__(scope, construct_id)
        name = apigateway.DomainName(
            self,
            "Domain",
            domain_name=domain.name,
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", domain.certificate_arn),
            endpoint_type=apigateway.EndpointType.REGIONAL,
            security_policy=TLS,
            endpoint_access_mode=apigateway.EndpointAccessMode.STRICT,
            mapping=rest_api,
        )
        resource = name.node.default_child
        assert isinstance(resource, apigateway.CfnDomainName)  # noqa: S101  what the construct is made of
        resource.routing_mode = "ROUTING_RULE_THEN_BASE_PATH_MAPPING"
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=domain.hosted_zone_id, zone_name=domain.hosted_zone_name
        )
        alias = route53.RecordTarget.from_alias(targets.ApiGatewayDomain(name))
        for record in (route53.ARecord, route53.AaaaRecord):
            record(self, record.__name__, zone=zone, record_name=domain.name, target=alias)
        self.url = f"https://{domain.name}"
