"""How large an answer is, as Lambda hands it on: JSON in JSON."""

import json

from hypothesis import given
from hypothesis import strategies as st

from functions.shared.endpoint import answer_bytes, written

bodies = st.recursive(
    st.text() | st.booleans() | st.integers() | st.none(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(bodies)
def test_it_is_measured_without_being_written_again(body: object) -> None:
    text = written(body)

    assert json.loads(text) == body
    handed_on = json.dumps(str(text), ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert answer_bytes(text) == len(handed_on) - 2


@given(bodies)
def test_what_is_written_goes_out_as_it_is(body: object) -> None:
    text = written(body)

    assert written(text) is text
