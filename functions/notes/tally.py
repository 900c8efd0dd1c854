"""How many notes a customer has and which are gone, kept in the customer's item as `noteTally`.

That is `{"made": n, "deleted": n, "deletedThrough": key}`: how many there ever were, how many of them are
gone, and, after a delete of all, the `noteKey` of the newest that it took: that note and all before it are
gone, whether they are erased yet or not. Every call about a note reads its customer, so none costs a read
more for it; and none of these writes raises the customer's version.

Customers older than tallies have none until their next note comes or goes: their notes are counted then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from functions.customers.customer import Customer
from functions.customers.item import LIVE, customer_key
from functions.shared import dynamo
from functions.shared.dynamo import Write
from functions.shared.item import Item

_NOT_GONE = "(attribute_not_exists(noteTally.deletedThrough) OR noteTally.deletedThrough < :noteKey)"


@dataclass(frozen=True)
class Tally:
    """A customer's tally as it was read, or counted where `stored` is not there."""

    customer_key: Item
    made: int
    deleted: int
    stored: Mapping[str, Any] | None

    @property
    def count(self) -> int:
        """How many notes the customer has."""
        return self.made - self.deleted

    def moved(self, what: Literal["made", "deleted"], note_key: str) -> Write:
        """The write that counts one more note made or deleted; it fails for a note that is gone.

        Who counts on what others counted never stands in their way, but for the first to count.
        """
        if self.stored is None:
            first = {"made": self.made, "deleted": self.deleted}
            first[what] += 1
            return self._write("SET noteTally = :tally", self._as_read, {":tally": first})
        condition = f"attribute_exists(noteTally) AND {_NOT_GONE}"
        update = f"SET noteTally.{what} = noteTally.{what} + :one"
        return self._write(update, condition, {":one": 1, ":noteKey": note_key})

    def all_deleted(self, newest: str) -> Write:
        """The write that makes all notes through `newest`, the last one there is, be gone.

        It fails where a note came or went since the tally was read.
        """
        tally = {"made": self.made, "deleted": self.made, "deletedThrough": newest}
        read = {} if self.stored is None else {":read": self.stored}
        return self._write("SET noteTally = :tally", self._as_read, {":tally": tally, **read})

    @property
    def _as_read(self) -> str:
        return "attribute_not_exists(noteTally)" if self.stored is None else "noteTally = :read"

    def _write(self, update: str, condition: str, values: Mapping[str, Any]) -> Write:
        return Write(
            "Update", "customers", self.customer_key, f"{LIVE} AND {condition}", values, update=update
        )


def still_there(tenant_id: str, customer: Customer, note_key: str) -> Write:
    """The check that a note's customer is live and no delete of all has taken the note."""
    key = customer_key(tenant_id, customer["id"])
    return Write("ConditionCheck", "customers", key, f"{LIVE} AND {_NOT_GONE}", {":noteKey": note_key})


def tally_of(tenant_id: str, customer: Customer) -> Tally:
    """The tally of a customer as it was read; one without is counted, strongly consistent."""
    key = customer_key(tenant_id, customer["id"])
    stored = customer.get("noteTally")
    if stored is not None:
        return Tally(key, stored["made"], stored["deleted"], stored)
    pages = dynamo.partition("notes", key, ProjectionExpression="noteKey")
    return Tally(key, sum(map(len, pages)), 0, None)
