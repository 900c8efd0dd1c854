"""`uv run tenants reindex`: the customers of before in the listing of their tenant."""

from infra.commands import place, terminal
from infra.commands.place import HERE, Where
from infra.commands.restore import tables_in_use
from infra.restore.listing import reindex
from infra.restore.rows import Tables


def reindex_customers(*, where: Where = HERE) -> None:
    """List the customers that were stored before there were listings and exports.

    It reads the whole table once, and can be stopped and run again. For example:

        python3 -m uv run tenants reindex --stage prod
    """
    with place.opened(where) as found:
        done = reindex(Tables(found.resource("dynamodb").meta.client, tables_in_use(found)))
    terminal.say(f"{done} customers were not listed, and are now")
