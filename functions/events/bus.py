"""EventBridge as this service uses it: every call passes here."""

import json
from collections.abc import Sequence
from typing import Any

from functions.events.changes import CustomerChange
from functions.shared import aws
from functions.shared.errors import UnavailableError
from functions.shared.retry import pauses
from functions.shared.settings import bus_name

SOURCE = "customerservice"

MAX_ENTRIES = 10
"""Entries in one PutEvents (AWS: PutEvents); ten of ours are far from its 1 MB."""

client = aws.client("events")


def call(operation: str, **arguments: Any) -> dict[str, Any]:
    """One call of the client."""
    return aws.call(client, operation, **arguments)


def publish(changes: Sequence[CustomerChange]) -> list[CustomerChange]:
    """Put every change on the bus, each customer's in the order given; what was refused is tried again alone.

    Returns the changes that the bus kept refusing, and those that wait behind one of them.
    """
    waiting = list(changes)
    for pause in pauses():
        waiting = _publish_once(waiting)
        if not waiting:
            break
        pause()
    return waiting


def _publish_once(changes: Sequence[CustomerChange]) -> list[CustomerChange]:
    """Try each change once, but none behind a refused one of its customer; returns what is left, in order."""
    refused: set[tuple[str, str]] = set()
    published: set[str] = set()
    waiting = list(changes)
    while batch := _next_batch(waiting, refused):
        failed = _put(batch)
        refused |= {_customer(change) for change in failed}
        published |= {change.event_id for change in batch if change not in failed}
        waiting = [change for change in waiting if change not in batch]
    return [change for change in changes if change.event_id not in published]


def _next_batch(waiting: Sequence[CustomerChange], refused: set[tuple[str, str]]) -> list[CustomerChange]:
    """The first changes, one of a customer: the entries of a call succeed and fail one by one."""
    batch: dict[tuple[str, str], CustomerChange] = {}
    for change in waiting:
        customer = _customer(change)
        if customer not in refused:
            batch.setdefault(customer, change)
        if len(batch) == MAX_ENTRIES:
            break
    return list(batch.values())


def _put(batch: Sequence[CustomerChange]) -> list[CustomerChange]:
    entries = [
        {
            "EventBusName": bus_name(),
            "Source": SOURCE,
            "DetailType": change.type,
            "Detail": json.dumps(change.detail),
        }
        for change in batch
    ]
    try:
        results = call("put_events", Entries=entries)["Entries"]
    except UnavailableError:
        return list(batch)
    return [change for change, result in zip(batch, results, strict=True) if "ErrorCode" in result]


def _customer(change: CustomerChange) -> tuple[str, str]:
    return change.tenant_id, change.customer_id
