"""What the rows of a chunk do to the customers they name. Pure: what has to be read first is asked for.

A row is judged by what was read of the tables and by what earlier rows of its chunk do. What it does is
collected as the customers and the owners of values after it; writing that is another's job.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from functions.customers.consent import dated
from functions.customers.customer import Customer, changed_customer, new_customer
from functions.customers.errors import NOBODY, DuplicateValueError
from functions.customers.keys import search_key, unique_values
from functions.customers.size import require_fitting
from functions.shared.errors import ApiError, FieldError, InvalidRequestError, NotFoundError
from functions.shared.ids import ID
from functions.shared.item import item_bytes
from functions.uploads.chunk import Chunk, Fields, Name, Row, names
from functions.uploads.errors import RowError, row_error
from functions.uploads.progress import Verdict

NO_EMAIL = "is required for a new customer"

Key = tuple[str, str]
"""`("id", a customer's id)`, or a unique field and a value of it as it is compared: what can be read."""


@dataclass(frozen=True)
class Decision:
    """A row's verdict, and why it failed, or the customer and the owners of values that it leaves."""

    verdict: Verdict
    error: RowError | None = None
    after: Customer | None = None
    handed: Mapping[Key, str | None] = field(default_factory=dict)

    @property
    def writes(self) -> int:
        """At most how many writes it takes."""
        return 1 + len(self.handed) if self.after else 0

    @property
    def bytes(self) -> int:
        """About how much it writes; what creates a customer is bounded by its chunk."""
        return item_bytes(self.after) if self.after and self.verdict == "updated" else 0


class UnreadError(Exception):
    """A verdict depends on what has not been read yet."""

    def __init__(self, *keys: Key) -> None:
        super().__init__("unread")
        self.keys = keys


class OutdatedError(UnreadError):
    """What was read of these does not fit together: somebody wrote between two reads."""


@dataclass
class Customers:
    """Customers by id and the owners' ids of unique values: as they were read, and as rows leave them.

    With `optimistic`, a value of which no owner was read is taken for free where a row claims it: the write
    finds out.
    """

    optimistic: bool
    stored: dict[str, Customer | None] = field(default_factory=dict)
    owners: dict[Key, str | None] = field(default_factory=dict)
    changed: dict[str, Customer] = field(default_factory=dict)
    handed: dict[Key, str | None] = field(default_factory=dict)

    def find(self, by: Iterable[Name]) -> Customer | None:
        """The customer of the first name that finds one. Raises UnreadError."""
        found = (
            self.customer(value.lower()) if name == "id" else self._owner(name, search_key(name, value))
            for name, value in by
        )
        return next((one for one in found if one is not None), None)

    def customer(self, customer_id: str) -> Customer | None:
        """The customer of an id. Raises UnreadError."""
        if customer_id in self.changed:
            return self.changed[customer_id]
        if customer_id in self.stored:
            return self.stored[customer_id]
        # Digits of a UUID are all that a table's key is made of.
        if not ID.fullmatch(customer_id):
            return None
        raise UnreadError(("id", customer_id))

    def taken(self, customer_id: str, keys: Iterable[Key]) -> list[str]:
        """The fields of these values that belong to somebody else. Raises UnreadError."""
        return [key[0] for key in keys if self._owner_to_ask(key) not in {None, customer_id}]

    def read(self, customer_id: str, customer: Customer | None) -> None:
        """Take note of a customer as it was read, and of what it owns."""
        self.stored[customer_id] = customer
        self.owners |= dict.fromkeys(unique_values(customer or {}).items(), customer_id)

    def put(self, decision: Decision) -> None:
        """Let a customer and the owners of values be what a row makes of them."""
        if decision.after is not None:
            self.changed[decision.after["id"]] = decision.after
            self.handed |= decision.handed

    def keep(self) -> None:
        """What the rows left has been written: it is what stands now."""
        self.stored |= self.changed
        self.owners |= self.handed
        self.drop()

    def drop(self) -> None:
        """What the rows left has not been written."""
        self.changed, self.handed = {}, {}

    def _owner(self, name: str, value: str) -> Customer | None:
        key = (name, value)
        owner = self.handed[key] if key in self.handed else self._owner_read(key)
        if owner is None:
            return None
        customer = self.customer(owner)
        if customer is None or search_key(name, customer.get(name, "")) != value:
            raise OutdatedError(key, ("id", owner))
        return customer

    def _owner_read(self, key: Key) -> str | None:
        if key not in self.owners:
            raise UnreadError(key)
        return self.owners[key]

    def _owner_to_ask(self, key: Key) -> str | None:
        if key in self.handed:
            return self.handed[key]
        return self.owners.get(key) if self.optimistic else self._owner_read(key)


def decide(chunk: Chunk, row: Row, customers: Customers, *, now: str) -> Decision:
    """Judge a row by what is known. Raises UnreadError."""
    by = [] if chunk.mode == "create" else names(row, chunk.match_by)
    before = customers.find(by)
    try:
        after = _new(chunk, row, by) if before is None else _changed(chunk, row, before, now)
        if after is before:
            return Decision("unchanged")
        handed = _handed(before, after)
        if taken := customers.taken(after["id"], [key for key, owner in handed.items() if owner]):
            raise DuplicateValueError(taken)
    except ApiError as error:
        blamed = error.errors[0].field if error.errors else ""
        return Decision("failed", row_error(row.number, error.code, error.message, blamed))
    return Decision("created" if before is None else "updated", after=after, handed=handed)


def unread(chunk: Chunk, rows: Iterable[Row], customers: Customers, *, now: str) -> Iterator[Key]:
    """What has to be read next for each of these rows by itself; nothing where all is known."""
    for row in rows:
        try:
            if chunk.mode != "create" and customers.optimistic:
                customers.find(names(row, chunk.match_by))
            elif chunk.mode != "create":
                decide(chunk, row, customers, now=now)
            elif not customers.optimistic:
                yield from (key for key in unique_values(row.fields).items() if key not in customers.owners)
        except OutdatedError:
            pass
        except UnreadError as error:
            yield from error.keys


def _new(chunk: Chunk, row: Row, by: Sequence[Name]) -> Customer:
    if chunk.mode == "update" or any(name == "id" for name, _ in by):
        raise NotFoundError(NOBODY, [FieldError(by[0][0], NOBODY)])
    if "email" not in row.fields:
        raise InvalidRequestError(NO_EMAIL, [FieldError("email", NO_EMAIL)])
    made = new_customer(chunk.customer_id(row), row.fields, now=chunk.created_date, new_id=_new_id)
    return {**made, **(row.dates or {})}


def _changed(chunk: Chunk, row: Row, customer: Customer, now: str) -> Customer:
    fields = _dated(row.fields, customer, chunk.created_date)
    changed = changed_customer(customer, fields, now=now, new_id=_new_id)
    if changed is not customer:
        require_fitting(changed, before=customer)
    return changed


def _dated(fields: Fields, customer: Customer, as_of: str) -> Fields:
    changes = fields.get("optin_preferences")
    known = customer.get("optin_preferences")
    if not changes or not known:
        return fields
    return {**fields, "optin_preferences": dated(changes, known, as_of=as_of)}


def _handed(before: Customer | None, after: Customer) -> dict[Key, str | None]:
    """Who owns which values from now on, of those that a change gives up or takes."""
    old, new = unique_values(before or {}), unique_values(after)
    given = {(name, value): None for name, value in old.items() if new.get(name) != value}
    return given | {(name, value): after["id"] for name, value in new.items() if old.get(name) != value}


def _new_id() -> str:
    return str(uuid.uuid4())
