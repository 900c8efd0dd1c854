"""`uv run tenants reindex`: the customers of before in the listing of their tenant."""

from infra.commands import place, terminal
from infra.commands.place import HERE, Where
from infra.listing_index import reindex
from infra.local.deployment import stack_outputs
from infra.settings import CUSTOMERS_TABLE_OUTPUT


def reindex_customers(*, where: Where = HERE) -> None:
    """List the customers that were stored before there were listings and exports.

    It reads the whole table once, and can be stopped and run again. For example:

        python3 -m uv run tenants reindex --stage prod
    """
    with place.opened(where) as found:
        outputs = stack_outputs(found.client("cloudformation"), found.stage.stack_name("data"))
        done = reindex(found.resource("dynamodb").Table(outputs[CUSTOMERS_TABLE_OUTPUT]))
    terminal.say(f"{done} customers were not listed, and are now")
