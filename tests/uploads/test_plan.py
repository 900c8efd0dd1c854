"""What the rows of a chunk find, and leave for the rows behind them."""

from functions.uploads.plan import Customers

KEY = ("email", "ann@example.com")


def test_what_was_written_is_known_without_another_read() -> None:
    customers = Customers(optimistic=False)
    customers.put({"id": "ann", "email": "ann@example.com"}, {KEY: "ann"})

    customers.keep()

    assert customers.find([KEY]) == {"id": "ann", "email": "ann@example.com"}
    assert customers.taken("bea", [KEY]) == ["email"]


def test_what_was_not_written_is_forgotten() -> None:
    customers = Customers(optimistic=True)
    customers.put({"id": "ann", "email": "ann@example.com"}, {KEY: "ann"})

    customers.drop()

    assert customers.taken("bea", [KEY]) == []
