"""`uv run python -m tests.bench.load`: the highest mixed rate that the local stack holds.

Requests come at their times, whatever is still under way, and a wait counts from that time. A rate is held
where none of its last tenth waited longer for its turn than a second. The rate goes up while it is held for a
moment, and is then held for as long as was asked for. No request may fail, and at the end the tables are as
the invariants have them.
"""

import itertools
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from infra.commands import terminal
from infra.local.stack import LocalStack
from tests.api import CUSTOMERS, NOTE, NOTES, UPLOADS, Reply
from tests.builders import document_sample, new_email
from tests.deployed.conditions import eventually
from tests.deployed.http_api import request
from tests.deployed.stored import violations_of

TENANT = "load"
CALLERS = 8
"""How many call at once, one request each, while the functions start."""

PROBES = 12
FASTER = 1.5
"""What is tried next of a rate that was held for a moment."""

AT_ONCE = 64
"""Threads for requests that come at their times: more than can be under way at a rate that is held."""

PROBE_SECONDS = 5.0
ATTEMPTS = 5
SLOWER = 0.85
"""What is tried next of a rate that was not held."""

LATE_SECONDS = 1.0

app = terminal.command("load")
console = Console()


@app.default
def load(*, seconds: Annotated[float, Parameter(help="How long the rate has to be held")] = 60) -> None:
    """Find the highest mixed rate of the local stack, hold it, and check the tables.

    For example:

        python3 -m uv run python -m tests.bench.load --seconds 20
    """
    with tempfile.TemporaryDirectory() as directory, LocalStack(Path(directory), ephemeral=True) as stack:
        traffic = Traffic(stack)
        rate = _highest(traffic)
        for _ in range(ATTEMPTS):
            console.print(f"Trying {rate:.0f} requests a second for {seconds:.0f} s")
            held = _open(traffic, rate, seconds)
            if held.late <= LATE_SECONDS:
                break
            rate *= SLOWER
        else:
            raise RuntimeError(f"no rate was held in {ATTEMPTS} attempts; the last was {rate:.0f} a second")
        console.print(str(held))
        console.print(f"{sum(traffic.sent.values())} requests in all: {dict(traffic.sent.most_common())}")
        # Until the workers are done.
        eventually(lambda: violations_of(stack, TENANT) == [])
        console.print("No error, and the tables are as the invariants have them")


@dataclass(frozen=True)
class Held:
    """What a rate was like: waits from when a request was due, in seconds; the end's lateness."""

    rate: float
    waits: list[float]
    late: float

    def __str__(self) -> str:
        """One line of figures."""
        cuts = statistics.quantiles(self.waits, n=100)
        p50, p95, p99 = (cuts[n - 1] * 1000 for n in (50, 95, 99))
        return f"{self.rate:.1f} requests/s, p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms"


def _highest(traffic: "Traffic") -> float:
    """The highest rate that is held for a moment."""
    rate = _probe(traffic)
    for _ in range(PROBES):
        if _open(traffic, rate * FASTER, PROBE_SECONDS).late > LATE_SECONDS:
            break
        rate *= FASTER
    return rate


def _probe(traffic: "Traffic") -> float:
    """Requests a second of callers with one request at a time each."""
    until = time.perf_counter() + PROBE_SECONDS

    def call(_: int) -> int:
        count = 0
        while time.perf_counter() < until:
            traffic.send()
            count += 1
        return count

    started = time.perf_counter()
    with ThreadPoolExecutor(CALLERS) as pool:
        total = sum(pool.map(call, range(CALLERS)))
    rate = total / (time.perf_counter() - started)
    console.print(f"{CALLERS} callers: {rate:.0f} requests a second")
    return rate


def _open(traffic: "Traffic", rate: float, seconds: float) -> Held:
    """Requests at their times."""
    number = itertools.count()
    turn = threading.Lock()
    begun = time.perf_counter()

    def due() -> Iterator[float]:
        while True:
            with turn:
                at = next(number) / rate
            if at >= seconds:
                return
            time.sleep(max(0.0, begun + at - time.perf_counter()))
            yield begun + at

    def call(_: int) -> list[tuple[float, float, float]]:
        told = []
        for at in due():
            started = time.perf_counter()
            traffic.send()
            told.append((at, started - at, time.perf_counter() - at))
        return told

    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = sorted(one for some in pool.map(call, range(AT_ONCE)) for one in some)
    took = time.perf_counter() - begun
    last = told[-max(1, len(told) // 10) :]
    return Held(len(told) / took, [wait for _, _, wait in told], max(late for _, late, _ in last))


@dataclass
class Traffic:
    """One tenant's requests of every kind, each of which has to succeed; for many threads."""

    stack: LocalStack
    sent: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Make a tenant, and customers to begin with."""
        self.stack.tenants.register(TENANT)
        token = self.stack.tenants.issue_token(TENANT, seconds=24 * 3600)
        self._headers = {
            "Authorization": f"Bearer {token}",
            "X-TWC-Tenant": TENANT,
            "Content-Type": "application/json",
        }
        self._lock = threading.Lock()
        self._customers: list[dict[str, Any]] = []
        self._kinds: dict[Callable[[], None], int] = {
            self._get: 30,
            self._look_up: 20,
            self._search: 10,
            self._create: 20,
            self._update: 10,
            self._add_note: 5,
            self._list_notes: 5,
            self._delete: 3,
            self._upload: 1,
        }
        for _ in range(50):
            self._create()

    def send(self) -> None:
        """Send one request of any kind. Raises RuntimeError where it does not succeed."""
        (kind,) = random.choices(list(self._kinds), list(self._kinds.values()))
        kind()
        with self._lock:
            self.sent[kind.__name__.strip("_")] += 1

    def _call(self, method: str, url: str, body: Any = None) -> Reply:
        text = None if body is None else json.dumps(body)
        reply = request(method, self.stack.url + url, text, self._headers)
        if reply.status >= 300:
            raise RuntimeError(f"{method} {url} was answered {reply.status}: {reply.text}")
        return reply

    def _any(self) -> dict[str, Any]:
        with self._lock:
            # Who is deleted is of the newest half, and asked for by nobody else.
            return random.choice(self._customers[: len(self._customers) // 2 + 1])

    def _create(self) -> None:
        unique = {name: new_email() for name in ("email", "customerRef", "alternateCustomerRef")}
        made = self._call("POST", CUSTOMERS, document_sample(**unique)).json
        with self._lock:
            self._customers.append(made)

    def _get(self) -> None:
        self._call("GET", f"{CUSTOMERS}/{self._any()['id']}")

    def _look_up(self) -> None:
        one = self._any()
        self._call(
            "GET",
            random.choice([f"{CUSTOMERS}/{one['customerRef']}/ref", f"{CUSTOMERS}/{one['email']}/email"]),
        )

    def _search(self) -> None:
        self._call("GET", f"{CUSTOMERS}/search?email={self._any()['email']}")

    def _update(self) -> None:
        self._call("PUT", f"{CUSTOMERS}/{self._any()['id']}", {"firstName": new_email()})

    def _add_note(self) -> None:
        self._call("POST", NOTE, {"customerId": self._any()["id"], "note": "Likes blue"})

    def _list_notes(self) -> None:
        self._call("GET", f"{NOTES}?id={self._any()['id']}")

    def _delete(self) -> None:
        with self._lock:
            one = self._customers.pop()
        self._call("DELETE", f"{CUSTOMERS}/{one['id']}")

    def _upload(self) -> None:
        self._call("POST", UPLOADS, [{"email": new_email()} for _ in range(10)])


if __name__ == "__main__":
    sys.exit(terminal.run(app))
