"""`uv run tenants`: register, list, rotate, disable and enable tenants, on AWS or on the local stack."""

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from infra.commands.place import Place, add_place, place_of
from infra.local.deployment import DeploymentError, stack_outputs
from infra.settings import TENANTS_TABLE_OUTPUT
from infra.tenant_registry import Credentials, TenantError, TenantRegistry
from infra.tenant_tiers import TenantTiers


def main() -> None:
    """Do what the command line asks for."""
    arguments = _arguments()
    try:
        place = place_of(arguments)
        run(arguments, _registry(place), _tiers(place))
    except (TenantError, DeploymentError) as error:
        sys.exit(str(error))
    except (BotoCoreError, ClientError) as error:
        hint = "Does uv run local run?" if arguments.local else "For the stack on this machine say --local."
        sys.exit(f"AWS says: {error}\n({hint})")


def run(arguments: argparse.Namespace, registry: TenantRegistry, tiers: TenantTiers | None = None) -> None:
    """Do it in this registry and print what the operator needs to know."""
    match arguments.command:
        case "register":
            if tiers:
                # First, for the gateway refuses a tenant without one.
                tiers.put(arguments.tenant, arguments.tier)
            _print_once(registry.register(arguments.tenant))
        case "rotate":
            _print_once(registry.rotate(arguments.tenant, keep_old_for_hours=arguments.keep_old_for))
        case "tier":
            if tiers is None or registry.find(arguments.tenant) is None:
                raise TenantError(f"There is no tenant {arguments.tenant}")
            tiers.put(arguments.tenant, arguments.tier)
            print(f"{arguments.tenant} has the tier {arguments.tier}")
        case "disable":
            registry.set_status(arguments.tenant, "disabled")
            print(f"{arguments.tenant} is disabled; what the gateway has cached may work for another minute")
        case "enable":
            registry.set_status(arguments.tenant, "active")
            print(f"{arguments.tenant} is enabled")
        case "list":
            for tenant in sorted(registry.all(), key=lambda one: one.tenant_id):
                print(f"{tenant.tenant_id:<64}  {tenant.status:<8}  {tenant.created_date}")


def _arguments() -> argparse.Namespace:
    where = argparse.ArgumentParser(add_help=False)
    add_place(where)
    tenant = argparse.ArgumentParser(add_help=False, parents=[where])
    tenant.add_argument("tenant", help="the tenant's key: 1 to 64 of a-z 0-9 - _")

    parser = argparse.ArgumentParser(prog="tenants", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    register = commands.add_parser(
        "register", parents=[tenant], help="a new tenant; shows its client secret, once"
    )
    register.add_argument("--tier", help="how fast it may call (default: the stage's first tier)")
    tier = commands.add_parser("tier", parents=[tenant], help="how fast the tenant may call from now on")
    tier.add_argument("tier", help="a tier of the stage, by its name in infra/settings.py")
    commands.add_parser("list", parents=[where], help="all tenants")
    rotate = commands.add_parser(
        "rotate",
        parents=[tenant],
        help="a new client secret, shown once; ends the old one and all tokens, unless it is kept",
    )
    rotate.add_argument(
        "--keep-old-for",
        type=_hours,
        default=0,
        metavar="HOURS",
        help="the old secret works on for so long, and tokens until they expire: a rotation without downtime",
    )
    commands.add_parser("disable", parents=[tenant], help="refuse all the tenant's requests with 403")
    commands.add_parser("enable", parents=[tenant], help="undo disable")
    return parser.parse_args()


def _hours(text: str) -> float:
    hours = float(text)
    if not 0 < hours <= 24 * 90:
        raise argparse.ArgumentTypeError("more than 0 and at most 2160 hours")
    return hours


def _registry(place: Place) -> TenantRegistry:
    outputs = stack_outputs(place.client("cloudformation"), place.stage.stack_name("data"))
    return TenantRegistry(place.resource("dynamodb").Table(outputs[TENANTS_TABLE_OUTPUT]))


def _tiers(place: Place) -> TenantTiers | None:
    if not place.stage.tiers:
        return None
    outputs = stack_outputs(place.client("cloudformation"), place.stage.stack_name("service"))
    return TenantTiers(place.client("apigateway"), place.stage, outputs)


def _print_once(credentials: Credentials) -> None:
    print(
        f"""tenant         {credentials.tenant_id}
client id      {credentials.client_id}
client secret  {credentials.client_secret}

The secret is shown this once and kept nowhere: hand it over safely."""
    )


if __name__ == "__main__":
    main()
