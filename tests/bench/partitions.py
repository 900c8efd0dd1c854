"""Where load lands in DynamoDB: a model of its partitions, and what it says of a large tenant and of many.

`uv run python -m tests.bench.partitions` prints how hot the hottest partition of every table and index stays
under each load, and fails where that is too much. A partition gives 1,000 write and 3,000 read units a
second; one that stays above that is split between its keys, and between the sort keys of one partition key
(AWS: "Burst and adaptive capacity"). What cannot be split is a single item, or sort keys that only ever rise:
then the load moves on with the upper half. Keys are made by the functions' own code.
"""

import hashlib
import random
import statistics
import sys
import uuid
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from functions.auth import tenants
from functions.customers.customer import new_customer
from functions.customers.item import claim_key, customer_item
from functions.customers.keys import unique_values
from functions.notes.note import note_key
from functions.orders.keys import counted_key, order_key, owner_key
from functions.shared import clock
from infra.tables import CUSTOMERS, TABLES

WRITE_UNITS, READ_UNITS = 1000, 3000
"""What one partition gives in a second."""

FIRST_PARTITIONS = 4
"""Of a new on-demand table: 4,000 write units a second."""

HOT_SECONDS = 3
"""A partition hot for so long is split; AWS takes minutes, in which the rest is throttled."""

SAMPLE = 20
"""One of so many requests is looked at, and counts for all of them."""

SECONDS, LAST = 150, 20
"""How long a load goes on, and of that the seconds at its end that are looked at."""

TOO_HOT = 1.25
"""Above what a partition gives, by more than chance and the next split explain."""

NAMES = 2000
"""Last names, the n-th 1/n as frequent: the first has one in eight customers, far more than any real one."""

Point = tuple[float, str]


@dataclass(frozen=True)
class Access:
    """What one request asks of a table or index, in units; `key` and `sort` say where."""

    place: str
    key: str
    sort: str = ""
    writes: float = 0
    reads: float = 0

    @property
    def point(self) -> Point:
        """Where in the table's key space it is: partitions are ranges of it."""
        digest = hashlib.md5(self.key.encode(), usedforsecurity=False).digest()
        return int.from_bytes(digest[:8], "big") / 2**64, self.sort


@dataclass
class Partition:
    """What came to one range of keys in this second, and for how long it has been too much."""

    writes: float = 0
    reads: float = 0
    points: list[Point] = field(default_factory=list)
    hot_for: int = 0

    @property
    def heat(self) -> float:
        """The share of what it can give; above 1 it throttles."""
        return max(self.writes / WRITE_UNITS, self.reads / READ_UNITS)


class Place:
    """The partitions of one table or index."""

    def __init__(self) -> None:
        self._starts: list[Point] = [(number / FIRST_PARTITIONS, "") for number in range(FIRST_PARTITIONS)]
        self._partitions = {start: Partition() for start in self._starts}

    def __len__(self) -> int:
        return len(self._starts)

    def take(self, access: Access) -> None:
        """Count an access, and all those it stands for."""
        point = access.point
        partition = self._partitions[self._starts[bisect_right(self._starts, point) - 1]]
        partition.writes += access.writes * SAMPLE
        partition.reads += access.reads * SAMPLE
        partition.points.append(point)

    def end_second(self) -> float:
        """The heat of the hottest partition; those that have been hot for long are split."""
        hottest = max(partition.heat for partition in self._partitions.values())
        for start, partition in list(self._partitions.items()):
            hot_for = partition.hot_for + 1 if partition.heat > 1 else 0
            self._partitions[start] = Partition(hot_for=hot_for)
            if hot_for >= HOT_SECONDS:
                self._split(start, sorted(partition.points))
        return hottest

    def _split(self, start: Point, points: list[Point]) -> None:
        middle = points[len(points) // 2]
        later = [point for point in points if point > points[0]]
        boundary = middle if middle > points[0] else later[0] if later else None
        if boundary is not None and boundary not in self._partitions:
            insort(self._starts, boundary)
            self._partitions[boundary] = Partition()
            self._partitions[start] = Partition()


def _last_name() -> str:
    return f"Name{int(NAMES ** random.random())}"


def _create(tenant: str) -> Iterator[Access]:
    """A customer with every field that has a key."""
    fields = {
        "email": f"{uuid.uuid4()}@example.com",
        "customerRef": str(uuid.uuid4()),
        "alternateCustomerRef": str(uuid.uuid4()),
        "firstName": _last_name(),
        "lastName": _last_name(),
        "mobile": str(random.randrange(10**9)),
        "phone": str(random.randrange(10**9)),
    }
    identifier = str(uuid.uuid4())
    customer = new_customer(identifier, fields, now=NOW, new_id=lambda: str(uuid.uuid4()))
    item = customer_item(tenant, customer)
    yield Access("customers", item["customerKey"], writes=4)
    for name, value in unique_values(customer).items():
        yield Access("claims", claim_key(tenant, name, value)["claimKey"], writes=2)
    for index in CUSTOMERS.indexes:
        key = "#".join(item[part] for part in index.partition)
        yield Access(f"customers.{index.name}", key, "#".join(item[part] for part in index.sort), writes=1)


def _import(tenant: str, upload: str) -> Iterator[Access]:
    """One row of an upload: its customer, and its share of what its chunk of 48 keeps."""
    yield from _create(tenant)
    chunk = f"{tenant}#{upload}#{random.randrange(10**6)}"
    yield Access("uploads", chunk, "progress", writes=8 / 48)
    yield Access("uploads", f"{tenant}#{upload}", f"upload#{random.randrange(16):02d}", writes=2 / 48)


def _order(tenant: str, customers: int) -> Iterator[Access]:
    """An order of one of the tenant's customers."""
    customer_id = str(uuid.UUID(int=random.randrange(customers)))
    ref = str(uuid.uuid4())
    order = {"orderRef": ref, "createdAt": NOW, "currencyCode": "AUD"}
    yield Access("customers", f"{tenant}#{customer_id}", writes=8, reads=2)
    for key in (
        owner_key(tenant, ref),
        order_key(tenant, customer_id, ref),
        counted_key(tenant, customer_id, order),
    ):
        yield Access("orders", key["customerKey"], key["orderRef"], writes=2)


def _search(tenant: str) -> Iterator[Access]:
    """A search by last name, 20 of those who have it."""
    name = _last_name().lower()
    yield Access("customers.lastName", f"{tenant}#{name}", str(uuid.uuid4()), reads=0.5)
    for _ in range(20):
        yield Access("customers", f"{tenant}#{uuid.uuid4()}", reads=1)


def _token(tenant: str) -> Iterator[Access]:
    """A token asked for: who asks is read, the token kept."""
    yield Access("tenants", tenants.tenant_item(tenant, created_date=NOW)["tenantKey"], reads=1)
    yield Access("tenants", f"client#{tenant}", reads=1)
    yield Access("tenants", f"token#{uuid.uuid4()}", writes=1)


def _call(tenant: str) -> Iterator[Access]:
    """An authorizer asked by a gateway that has not cached this token."""
    yield Access("tenants", f"token#{tenant}", reads=1)
    yield Access("tenants", tenants.tenant_item(tenant, created_date=NOW)["tenantKey"], reads=1)


def _poll(tenant: str, upload: str) -> Iterator[Access]:
    """A poll of an upload's report: itself and its counters."""
    yield Access("uploads", f"{tenant}#{upload}", "upload", reads=1)


def _notes(tenant: str) -> Iterator[Access]:
    """A note of one customer that everybody writes notes of, who is counted in the customer's item."""
    place = f"{tenant}#busiest"
    yield Access("notes", place, note_key(clock.now(), f"{random.randrange(10**10):010x}"), writes=2)
    yield Access("customers", place, writes=4)


NOW = clock.timestamp(clock.now())

LOADS: dict[str, tuple[int, Callable[[], Iterator[Access]]]] = {
    "first import of one tenant": (5000, lambda: _import("large", "first")),
    "creates of 10,000 tenants": (5000, lambda: _create(f"tenant-{random.randrange(10_000)}")),
    "orders of a tenant with a million customers": (2000, lambda: _order("large", 1_000_000)),
    "searches by last name, one tenant": (1000, lambda: _search("large")),
    "tokens, one tenant": (1000, lambda: _token("large")),
    "calls of one tenant that no gateway has cached": (1000, lambda: _call("large")),
    "polls of one upload": (1000, lambda: _poll("large", "first")),
    "notes of one customer": (200, lambda: _notes("large")),
}
"""By name, requests a second and what one of them asks."""


def hottest(rate: int, request: Callable[[], Iterator[Access]]) -> dict[str, tuple[float, int]]:
    """The heat of each place's hottest partition at the end of a load, and how many partitions it has."""
    places: dict[str, Place] = defaultdict(Place)
    heats: dict[str, list[float]] = defaultdict(list)
    for _ in range(SECONDS):
        for _ in range(rate // SAMPLE):
            for access in request():
                places[access.place].take(access)
        for name, place in places.items():
            heats[name].append(place.end_second())
    return {name: (statistics.median(heats[name][-LAST:]), len(place)) for name, place in places.items()}


def main() -> None:
    """Print what stays of each load's heat; exit 1 where a partition throttles after all splits."""
    random.seed(1)
    known = {table.name for table in TABLES} | {f"customers.{index.name}" for index in CUSTOMERS.indexes}
    failed = False
    for name, (rate, request) in LOADS.items():
        print(f"{name}, {rate:,} a second")
        for place, (heat, partitions) in sorted(hottest(rate, request).items()):
            assert place in known, place
            failed |= heat > TOO_HOT
            print(f"  {place:32} {heat:6.0%} of a partition, {partitions} partitions")
    sys.exit(failed)


if __name__ == "__main__":
    main()
