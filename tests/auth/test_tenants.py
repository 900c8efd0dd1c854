"""The rules of tokens."""

from functions.auth.tenants import token_is_good


def test_a_token_is_good_until_the_second_in_which_it_expires() -> None:
    token, tenant = {"issuedAt": 5, "expiresAt": 10}, {"tokensValidFrom": 5}

    assert token_is_good(token, tenant, now=9)
    assert not token_is_good(token, tenant, now=10)
    assert not token_is_good(token, {"tokensValidFrom": 6}, now=9)
