"""`uv run tenants recount`: figures of customers made anew of all their orders."""

from collections import Counter
from contextlib import nullcontext
from typing import Annotated

from cyclopts import Parameter

from functions.shared import clock
from infra.commands import place, terminal
from infra.commands.place import HERE, TenantKey, Where
from infra.commands.restore import tables_in_use
from infra.commands.terminal import AsJson
from infra.restore import recount as counting
from infra.restore.rows import Tables

CustomerId = Annotated[str | None, Parameter(help="Of this customer alone, by its id.")]

OUTCOMES = ("recounted", "right", "gone", "busy")


def recount(
    tenant: TenantKey,
    /,
    *,
    customer: CustomerId = None,
    where: Where = HERE,
    as_json: AsJson = False,
) -> int:
    """Make the figures of a tenant's customers anew of all their orders, while orders go on being counted.

    It says how many were recounted, were right, or are gone. Broken off, it may be repeated, and where some
    were busy, with the exit code 1, it should be.

    For example, of all customers, after a restore:

        python3 -m uv run tenants recount acme --stage prod
    """
    with place.opened(where) as found:
        client = found.client("dynamodb")
        tables = Tables(found.resource("dynamodb").meta.client, tables_in_use(found))
        today = clock.now().date()
        # A program reads nothing but the JSON.
        with nullcontext() if as_json else terminal.working("Counting"):
            outcomes = Counter(counting.recount(client, tables, tenant, customer, today=today))
    counts = {outcome: outcomes[outcome] for outcome in OUTCOMES}
    if as_json:
        terminal.show_json(counts)
    else:
        terminal.say(", ".join(f"{outcome} {count}" for outcome, count in counts.items()))
    return terminal.FAILED if counts["busy"] else 0
