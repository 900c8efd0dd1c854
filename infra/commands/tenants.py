"""`uv run tenants`: register, rotate, disable, recount and more, on AWS or on the local stack."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from infra.commands import place, terminal
from infra.commands.place import HERE, PlaceError, TenantKey, Where
from infra.commands.recount import recount
from infra.commands.reindex import reindex_customers
from infra.commands.terminal import AsJson
from infra.settings import TENANTS_TABLE_OUTPUT
from infra.tenant_registry import Credentials, TenantError, TenantRegistry
from infra.tenant_tiers import TenantTiers

EXPECTED = (TenantError, PlaceError)

Tier = Annotated[str, Parameter(help="How fast it may call: a tier's name in `infra/settings.py`.")]
FirstTier = Annotated[str | None, Parameter(help="How fast it may call, if not as the stage's first tier.")]
Hours = Annotated[
    float | None,
    Parameter(
        validator=Number(gt=0, lte=24 * 90),
        show_default=False,
        help="For so many hours the old secret works on, and tokens until they expire.",
    ),
]

app = terminal.command(
    "tenants",
    """Say who may call the API of a stage, and how fast.

For example:

    python3 -m uv run tenants register acme --stage prod
""",
)


@contextmanager
def opened(where: Where) -> Iterator[tuple[TenantRegistry, TenantTiers | None]]:
    """The tenants of the place that the options name, and their tiers where the stage has any."""
    with place.opened(where) as found:
        table = found.outputs_of("data")[TENANTS_TABLE_OUTPUT]
        registry = TenantRegistry(found.resource("dynamodb").Table(table))
        tiers = None
        if found.stage.tiers:
            tiers = TenantTiers(found.client("apigateway"), found.stage, found.outputs_of("service"))
        yield registry, tiers


@app.command
def register(
    tenant: TenantKey, /, *, tier: FirstTier = None, where: Where = HERE, as_json: AsJson = False
) -> None:
    """Make a new tenant; its client secret is shown once.

    For example:

        python3 -m uv run tenants register acme --stage prod --tier large
    """
    with opened(where) as (registry, tiers):
        if tiers:
            # First, for the gateway refuses a tenant without one.
            tiers.put(tenant, tier)
        _show_once(registry.register(tenant), as_json=as_json)


@app.command(name="tier")
def change_tier(tenant: TenantKey, tier: Tier, /, *, where: Where = HERE) -> None:
    """Let a tenant call faster or slower from now on.

    For example:

        python3 -m uv run tenants tier acme large --stage prod
    """
    with opened(where) as (registry, tiers):
        if tiers is None:
            raise TenantError("Only tenants of a stage have tiers")
        if registry.find(tenant) is None:
            raise TenantError(f"There is no tenant {tenant}")
        tiers.put(tenant, tier)
        terminal.say(f"{tenant} has the tier {tier}")


@app.command(name="list")
def show(*, where: Where = HERE, as_json: AsJson = False) -> None:
    """Show all tenants.

    For example:

        python3 -m uv run tenants list --stage prod --json
    """
    with opened(where) as (registry, _):
        rows = [
            {"tenant": one.tenant_id, "status": one.status, "createdDate": one.created_date}
            for one in sorted(registry.all(), key=lambda one: one.tenant_id)
        ]
    if as_json:
        terminal.show_json(rows)
    else:
        terminal.show_table(rows)


@app.command
def rotate(
    tenant: TenantKey, /, *, keep_old_for: Hours = None, where: Where = HERE, as_json: AsJson = False
) -> None:
    """Give a tenant a new client secret, shown once; the old one ends, and all tokens with it.

    For example, without downtime:

        python3 -m uv run tenants rotate acme --stage prod --keep-old-for 24
    """
    with opened(where) as (registry, _):
        _show_once(registry.rotate(tenant, keep_old_for_hours=keep_old_for or 0), as_json=as_json)


@app.command
def disable(tenant: TenantKey, /, *, where: Where = HERE) -> None:
    """Refuse all requests of a tenant with 403.

    For example:

        python3 -m uv run tenants disable acme --stage prod
    """
    with opened(where) as (registry, _):
        registry.set_status(tenant, "disabled")
        terminal.say(f"{tenant} is disabled; what the gateway has cached may work for another minute")


@app.command
def enable(tenant: TenantKey, /, *, where: Where = HERE) -> None:
    """Let a disabled tenant in again.

    For example:

        python3 -m uv run tenants enable acme --stage prod
    """
    with opened(where) as (registry, _):
        registry.set_status(tenant, "active")
        terminal.say(f"{tenant} is enabled")


app.command(recount)


def _show_once(credentials: Credentials, *, as_json: bool) -> None:
    if as_json:
        terminal.show_json(
            {
                "tenant": credentials.tenant_id,
                "clientId": credentials.client_id,
                "clientSecret": credentials.client_secret,
            }
        )
        return
    terminal.say(
        f"""tenant         {credentials.tenant_id}
client id      {credentials.client_id}
client secret  {credentials.client_secret}

The secret is shown this once and kept nowhere: hand it over safely."""
    )


app.command(reindex_customers, name="reindex")


def main() -> None:
    """Do what the command line asks for."""
    sys.exit(terminal.run(app, *EXPECTED))


if __name__ == "__main__":
    main()
