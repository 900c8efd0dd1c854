"""Items in the notation of DynamoDB."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.item import marshal, unmarshal

values = st.recursive(
    st.text() | st.booleans() | st.integers(-(10**37), 10**37),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(min_size=1), values))
def test_an_item_comes_back_as_it_went(item: dict[str, Any]) -> None:
    assert unmarshal(marshal(item)) == item


@pytest.mark.parametrize("value", [None, 1.5, b"x", {1, 2}])
def test_what_json_does_not_have_is_a_fault(value: Any) -> None:
    with pytest.raises(TypeError):
        marshal({"a": value})
