"""`uv run smoke`: try what only a deployed stage can tell. A table, and an exit code of 1 where it fails."""

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from infra.commands.place import Place, add_place, place_of
from infra.local.deployment import DeploymentError
from infra.settings import API_URL_OUTPUT, BUS_OUTPUT, TENANTS_TABLE_OUTPUT
from infra.smoke.checks import CHECKS, Check, SkippedError
from infra.smoke.target import TENANTS, CheckError, Target, opened
from infra.tenant_registry import TenantError, TenantRegistry
from infra.tenant_tiers import TenantTiers


def main() -> None:
    """Try the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="smoke", description=__doc__)
    add_place(parser)
    try:
        sys.exit(0 if smoke(place_of(parser.parse_args())) else 1)
    except (TenantError, DeploymentError) as error:
        sys.exit(str(error))
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"AWS says: {error}\n(For the stack on this machine say --local.)")


def smoke(place: Place) -> bool:
    """Try every check, print a line for each, and clean up. Whether none failed."""
    outputs = place.outputs
    registry = TenantRegistry(place.resource("dynamodb").Table(outputs[TENANTS_TABLE_OUTPUT]))
    tiers = TenantTiers(place.client("apigateway"), place.stage, outputs)
    for tenant in TENANTS:
        tiers.put(tenant)
    with opened(registry) as (credentials, other):
        target = Target(
            stage=place.stage,
            url=place.api_url or outputs[API_URL_OUTPUT],
            bus=outputs[BUS_OUTPUT],
            client=place.client,
            credentials=credentials,
            other=other,
        )
        try:
            passed = [_passed(check, target) for check in CHECKS]
            return all(passed)
        finally:
            target.clean_up()


def _passed(check: Check, target: Target) -> bool:
    name = check.__name__.replace("_", " ")
    try:
        note, verdict = check(target), "ok"
    except SkippedError as reason:
        note, verdict = str(reason), "skipped"
    except (CheckError, OSError, KeyError, TypeError, ClientError) as error:
        note, verdict = str(error) or type(error).__name__, "FAILED"
    print(f"{verdict:<8} {name:<42} {note}", flush=True)
    return verdict != "FAILED"


if __name__ == "__main__":
    main()
