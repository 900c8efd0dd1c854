"""Pages and their tokens."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from functions.shared.endpoint import Request
from functions.shared.errors import InvalidRequestError
from functions.shared.paging import next_page, requested_page
from tests.api import decoded_query

positions = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
ANY = re.compile(".*", re.DOTALL)
scopes = st.dictionaries(st.sampled_from(["a", "b"]), st.text(max_size=5))


def request(tenant: str = "demo", **query: str) -> Request:
    return Request(tenant, datetime(2026, 1, 1, tzinfo=UTC), "r", "https://x.example/v1/list", query=query)


def token_of(position: str, scope: dict[str, str]) -> str:
    link = next_page(request(), scope, position)["Link"]
    return decoded_query(link.partition("<")[2].partition(">")[0])["nextToken"]


@given(positions, scopes)
def test_a_token_leads_back_to_its_position(position: str, scope: dict[str, str]) -> None:
    token = token_of(position, scope)

    assert requested_page(request(nextToken=token), scope, ANY).after == position


@given(positions, scopes, scopes)
def test_a_token_is_good_for_one_list_of_one_tenant(
    position: str, scope: dict[str, str], other: dict[str, str]
) -> None:
    assume(scope != other)
    token = token_of(position, scope)

    for stranger, given_scope in (
        (request(nextToken=token), other),
        (request("other", nextToken=token), scope),
    ):
        with pytest.raises(InvalidRequestError):
            requested_page(stranger, given_scope, ANY)


@given(positions, st.data())
def test_a_changed_token_is_refused(position: str, data: st.DataObject) -> None:
    token = token_of(position, {})
    place = data.draw(st.integers(0, len(token) - 1))
    changed = token[:place] + data.draw(st.characters(codec="utf-8")) + token[place + 1 :]
    assume(changed != token)

    with pytest.raises(InvalidRequestError):
        requested_page(request(nextToken=changed), {}, ANY)


@pytest.mark.parametrize("position", ["", "7", "12x"])
def test_a_made_up_position_that_the_list_cannot_have_is_refused(position: str) -> None:
    with pytest.raises(InvalidRequestError):
        requested_page(request(nextToken=token_of(position, {})), {}, re.compile("[0-9]{2}"))


def test_the_last_page_links_nowhere() -> None:
    assert next_page(request(), {}, None) == {}


def test_a_link_keeps_the_rest_of_the_query() -> None:
    link = next_page(request(limit="5", email="a+b@x"), {}, "p")["Link"]

    assert link.startswith("<https://x.example/v1/list?limit=5&email=a%2Bb%40x&nextToken=")
    assert link.endswith('>; rel="next"')
