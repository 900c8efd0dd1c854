"""The quicker moto has, as moto has, all as it was when a transaction is cancelled."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.shared import dynamo
from functions.shared.dynamo import TransactionFailedError, Write
from functions.shared.item import Item
from tests.streams import records


def in_table(table: str) -> list[Any]:
    items: list[Any] = dynamo.call("scan", TableName=table, ConsistentRead=True)["Items"]
    return sorted(items, key=str)


def key(table: str, name: str) -> Item:
    """A key of `customers`, or of `notes`, whose items have a sort key too."""
    return {"customerKey": name} if table == "customers" else {"customerKey": "k", "noteKey": name}


@pytest.mark.parametrize("table", ["customers", "notes"])
def test_a_cancelled_transaction_leaves_items_and_stream_as_they_were(aws: None, table: str) -> None:
    replaced, updated, deleted, absent, new = (key(table, name) for name in "rudan")
    for one in (replaced, updated, deleted):
        dynamo.write(Write("Put", table, one | {"deep": {"is": "old"}}))
    items, told = in_table(table), records()

    with pytest.raises(TransactionFailedError):
        dynamo.transact(
            [
                Write("Put", table, replaced | {"deep": {"is": "new"}}),
                Write("Put", table, new),
                Write(
                    "Update",
                    table,
                    updated,
                    update="SET #deep.#is = :new",
                    names={"#deep": "deep", "#is": "is"},
                    values={":new": "new"},
                ),
                Write("Delete", table, deleted),
                Write("ConditionCheck", table, absent, f"attribute_exists({list(absent)[-1]})"),
            ]
        )

    assert in_table(table) == items
    assert records() == told
    dynamo.write(Write("Put", table, new))
    assert len(in_table(table)) == 4
    assert len(records()) == len(told) + (table == "customers")


def test_an_item_that_an_update_makes_too_large_is_refused(aws: None) -> None:
    grown = Write(
        "Update",
        "customers",
        {"customerKey": "k"},
        update="SET #a = :a",
        names={"#a": "a"},
        values={":a": ""},
    )
    dynamo.write(Write("Put", "customers", {"customerKey": "k", "b": "x" * 380_000}))
    for _ in range(3):
        dynamo.write(replace(grown, values={":a": "x" * 9_000}))
    with pytest.raises(ClientError, match="ValidationException"):
        dynamo.write(replace(grown, values={":a": "x" * 30_000}))


def test_what_is_asked_of_an_item_is_all_that_comes(aws: None) -> None:
    dynamo.write(Write("Put", "customers", {"customerKey": "k", "a": {"b": ["c"]}, "d": "e"}))
    (found,) = dynamo.call("scan", TableName="customers", ProjectionExpression="a, f")["Items"]
    assert found == {"a": {"M": {"b": {"L": [{"S": "c"}]}}}}
