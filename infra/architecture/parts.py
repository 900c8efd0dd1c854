"""What the picture shows: the gateway, functions by room, what keeps and carries data, workers; and arrows.

Nothing is placed here, and nothing is said twice: all comes from the tables that the stacks are built from.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from infra.queues import QUEUES
from infra.resources import Grants
from infra.routes import AUTHORIZER, ENDPOINTS, Endpoint
from infra.tables import TABLES
from infra.workers import WORKERS, StreamSource, Worker

GATEWAY = "gateway"
BUS = "bus"

READS = ("Get", "BatchGet", "Query", "Scan", "ConditionCheck", "List", "Head")
"""How the names of actions begin that change nothing."""


class Kind(Enum):
    """What a box stands for."""

    GATEWAY = auto()
    ROOM = auto()
    STORE = auto()
    CARRIER = auto()
    WORKER = auto()


class Flow(Enum):
    """What an arrow says: a request or a write goes, a read comes back, work is handed over."""

    CALLS = auto()
    READS = auto()
    FEEDS = auto()


@dataclass(frozen=True)
class Box:
    """A box: a title, and lines of two parts, the first of which (a method, say) may be blank."""

    key: str
    kind: Kind
    title: str
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Arrow:
    """From a box to a box, by their keys."""

    start: str
    end: str
    flow: Flow


@dataclass(frozen=True)
class Picture:
    """Boxes in columns, from the caller to the workers, and the arrows between them."""

    columns: tuple[tuple[Box, ...], ...]
    arrows: tuple[Arrow, ...]


def picture() -> Picture:
    """The service as its tables have it."""
    rooms = _rooms()
    granted = {f"room {room}": [one.grants for one in endpoints] for room, endpoints in rooms.items()}
    granted |= {worker.handler: [worker.own_grants] for worker in WORKERS}
    arrows = [Arrow(GATEWAY, f"room {room}", Flow.CALLS) for room in rooms]
    arrows += [arrow for key, grants in granted.items() for arrow in _uses(key, grants)]
    arrows += [Arrow(_box_of(worker.source.resource), worker.handler, Flow.FEEDS) for worker in WORKERS]
    sent_to = {arrow.end for arrow in arrows}
    arrows += [Arrow(BUS, queue.resource, Flow.FEEDS) for queue in QUEUES if queue.resource not in sent_to]
    columns = (
        (_gateway(),),
        tuple(_room(room, endpoints) for room, endpoints in rooms.items()),
        tuple(_kept(arrows)),
        tuple(map(_worker, WORKERS)),
    )
    return Picture(columns, tuple(arrows))


def _rooms() -> dict[str, list[Endpoint]]:
    rooms: dict[str, list[Endpoint]] = {}
    for endpoint in (*ENDPOINTS, AUTHORIZER):
        rooms.setdefault(endpoint.handler.partition(".")[0], []).append(endpoint)
    return rooms


def _gateway() -> Box:
    routes = sum(len(endpoint.routes) for endpoint in ENDPOINTS)
    return Box(
        GATEWAY,
        Kind.GATEWAY,
        "API Gateway",
        (("", f"{routes} routes"), ("", "one function"), ("", "each endpoint")),
    )


def _room(room: str, endpoints: Iterable[Endpoint]) -> Box:
    lines = []
    for endpoint in endpoints:
        methods = dict.fromkeys(method for method, _ in endpoint.methods_and_paths if method != "HEAD")
        lines.append((" ".join(methods), _words(endpoint.handler.partition(".")[2])))
    return Box(f"room {room}", Kind.ROOM, room, tuple(lines))


def _kept(arrows: Iterable[Arrow]) -> Iterator[Box]:
    for table in TABLES:
        told = [f"{len(table.indexes)} indexes"] if table.indexes else []
        told += ["stream"] if table.stream else []
        yield Box(table.name, Kind.STORE, table.name, (("", ", ".join(["table", *told])),))
    for queue in QUEUES:
        yield Box(queue.resource, Kind.CARRIER, queue.name, (("", "queue"),))
    yield Box(BUS, Kind.CARRIER, "events", (("", "bus, with other services"),))
    known = {table.name for table in TABLES} | {queue.resource for queue in QUEUES} | {BUS}
    for more in dict.fromkeys(arrow.end for arrow in arrows if arrow.flow is not Flow.FEEDS):
        if more not in known and more not in {f"room {room}" for room in _rooms()}:
            yield Box(more, Kind.STORE, _words(more))


def _worker(worker: Worker) -> Box:
    source = worker.source
    if isinstance(source, StreamSource):
        follows, given_up = f"follows {source.table.name}", source.failures
    else:
        follows, given_up = f"takes {source.queue.name}", source.queue.dead_letters
    return Box(
        worker.handler,
        Kind.WORKER,
        _words(worker.handler.partition(".")[2]),
        (("", follows), ("", f"given up: {_words(given_up)}")),
    )


def _uses(key: str, all_grants: Iterable[Grants]) -> Iterator[Arrow]:
    actions: dict[str, set[str]] = {}
    for grants in all_grants:
        for resource, granted in grants.items():
            actions.setdefault(_box_of(resource), set()).update(granted)
    for box, granted_there in actions.items():
        changes = [action for action in granted_there if not action.startswith(READS)]
        if changes != ["ChangeMessageVisibility"]:
            yield Arrow(key, box, Flow.CALLS if changes else Flow.READS)


def _box_of(resource: str) -> str:
    """An index and a stream are their table's."""
    return resource.partition(".")[0]


def _words(name: str) -> str:
    return name.replace("_", " ")
