"""The customers of a tenant get figures made anew of all their orders, by the worker's own code."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from functions.customers.item import LIVE, customer_id_in, customer_key
from functions.shared.errors import ConflictError, UnavailableError
from functions.shared.settings import table_name
from infra.restore.rows import Tables, each

COUNTED_ON = ("customers", "orders")
"""The tables that counting works on."""


def recount(
    client: Any, tables: Tables, tenant_id: str, customer_id: str | None = None, *, today: date
) -> Iterator[str]:
    """What comes of each live customer of the tenant, or of the one named.

    `recounted`, `right` or `gone`, and `busy` where orders or DynamoDB left no way in: there, repeat it.

    `client` is boto3's for DynamoDB, `tables` are the same account's. Safe while orders come in. It may be
    broken off and repeated: who is right is read, and not written.
    """
    of_one = _worker(client, tables.names)

    def outcome(one: str) -> str:
        try:
            return of_one(tenant_id, one, today=today)
        except (ConflictError, UnavailableError):
            return "busy"

    customers = iter([customer_id.lower()]) if customer_id else _live(tables, tenant_id)
    return each(customers, outcome)


def _worker(client: Any, names: Mapping[str, str]) -> Callable[..., str]:
    """The function that the worker of orders uses too, on these tables: it finds them as Lambda would say."""
    os.environ.setdefault("AWS_DEFAULT_REGION", client.meta.region_name)
    os.environ.update({f"{table.upper()}_TABLE": names[table] for table in COUNTED_ON})
    table_name.cache_clear()
    from functions.orders.recount import recount  # noqa: PLC0415  with it comes a client, which needs a region
    from functions.shared import dynamo  # noqa: PLC0415

    dynamo.client = client
    return recount


def _live(tables: Tables, tenant_id: str) -> Iterator[str]:
    live = tables.all(
        "customers",
        FilterExpression=f"begins_with(customerKey, :tenant) AND {LIVE}",
        ExpressionAttributeValues={":tenant": customer_key(tenant_id, "")["customerKey"]},
        ProjectionExpression="customerKey",
    )
    return map(customer_id_in, live)
