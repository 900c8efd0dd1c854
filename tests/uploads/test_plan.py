"""What the rows of a chunk find, and leave for the rows behind them."""

from functions.uploads.plan import Customers, Decision

KEY = ("email", "ann@example.com")
ANN = Decision("created", after={"id": "ann", "email": "ann@example.com"}, handed={KEY: "ann"})


def test_what_was_written_is_known_without_another_read() -> None:
    customers = Customers(optimistic=False)
    customers.put(ANN)

    customers.keep()

    assert customers.find([KEY]) == {"id": "ann", "email": "ann@example.com"}
    assert customers.taken("bea", [KEY]) == ["email"]


def test_what_was_not_written_is_forgotten() -> None:
    customers = Customers(optimistic=True)
    customers.put(ANN)

    customers.drop()

    assert customers.taken("bea", [KEY]) == []


def test_only_a_row_that_leaves_a_customer_takes_writes() -> None:
    assert ANN.writes == 2
    assert Decision("failed").writes == Decision("unchanged").writes == 0
