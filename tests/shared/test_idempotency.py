"""What is remembered of a request that has an `Idempotency-Key`."""

import hashlib
from typing import Any

import pytest

from functions.shared.errors import InvalidRequestError
from functions.shared.idempotency import id_for, request_hash


def test_the_hash_is_of_what_is_asked_whatever_the_order_of_its_fields() -> None:
    asked = request_hash("key", {"a": 1, "b": [1, 2]})

    # Kept in the tables: another one would refuse the repeats of requests from before a deploy.
    assert asked == hashlib.sha256(b'["key",{"a":1,"b":[1,2]}]').hexdigest()
    assert asked == request_hash("key", {"b": [1, 2], "a": 1})
    assert asked != request_hash("key", {"a": 1, "b": [2, 1]})
    assert asked != request_hash("other", {"a": 1, "b": [1, 2]})
    assert request_hash(None, {"a": 1}) is None


def test_what_is_nested_beyond_reading_is_refused() -> None:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]

    with pytest.raises(InvalidRequestError, match="nested too deeply"):
        request_hash("key", nested)


def test_a_key_makes_one_id_for_one_kind_of_one_tenant() -> None:
    made = id_for("demo", "customer", "key")

    assert made == id_for("demo", "customer", "key") == "b3fee827-cee9-5f28-8963-1c5d14bab45b"
    assert len({made, id_for("other", "customer", "key"), id_for("demo", "note", "key")}) == 3
