"""The README's picture of the architecture shows what the tables say, and finds a place for what is new."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from infra.architecture.drawing import pictures
from infra.architecture.layout import WIDTHS, Placed, layout
from infra.architecture.parts import Arrow, Box, Flow, Kind, picture
from infra.queues import QUEUES
from infra.routes import ENDPOINTS
from infra.tables import TABLES
from infra.workers import WORKERS

EACH = pytest.mark.parametrize("file", pictures(), ids=lambda file: file.name)


@EACH
def test_it_is_current(file: Path) -> None:
    assert file.read_text() == pictures()[file], "draw it anew: python3 -m uv run architecture"


@EACH
def test_it_names_every_function_table_and_queue(file: Path) -> None:
    texts = {text.text for text in ET.fromstring(pictures()[file]).iter("{http://www.w3.org/2000/svg}text")}  # noqa: S314
    handlers = [*(one.handler for one in ENDPOINTS), *(one.handler for one in WORKERS)]
    wanted = {handler.partition(".")[2].replace("_", " ") for handler in handlers}
    wanted |= {table.name for table in TABLES} | {queue.name for queue in QUEUES}
    assert wanted <= texts


def test_arrows_say_what_is_granted() -> None:
    arrows = set(picture().arrows)
    assert {
        Arrow("gateway", "room notes", Flow.CALLS),
        Arrow("room notes", "customers", Flow.CALLS),
        Arrow("room notes", "claims", Flow.READS),
        Arrow("room notes", "notes", Flow.CALLS),
        Arrow("room uploads", "imports_queue", Flow.CALLS),
        Arrow("imports_queue", "imports.import_rows", Flow.FEEDS),
        Arrow("customers", "events.publish_changes", Flow.FEEDS),
        Arrow("events.publish_changes", "bus", Flow.CALLS),
        Arrow("bus", "orders_queue", Flow.FEEDS),
        Arrow("erasure.erase_customer", "orders", Flow.CALLS),
    } <= arrows


def apart(one: Placed, other: Placed) -> bool:
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


def test_what_is_new_finds_its_place() -> None:
    now = picture()
    gateway, rooms, kept, workers = now.columns
    more = tuple(Box(f"new {number}", Kind.STORE, f"new {number}") for number in range(20))
    arrows = tuple(Arrow(workers[0].key, box.key, Flow.CALLS) for box in more)
    grown = replace(now, columns=(gateway, rooms, kept + more, workers), arrows=now.arrows + arrows)

    for one in (now, grown):
        found = layout(one)
        assert len(found.boxes) == sum(map(len, one.columns))
        assert all(apart(*pair) for pair in combinations(found.boxes, 2))
        assert all(box.y >= 0 and box.y + box.height <= found.height for box in found.boxes)
        points = [(*curve.start, curve.arrow.start) for curve in found.curves]
        assert len(set(points)) == len(points)


def test_every_text_fits_its_box() -> None:
    letter = 6.6
    for column, width in zip(picture().columns, WIDTHS, strict=True):
        for box in column:
            indent = 66 if box.kind is Kind.ROOM else 14
            assert all(indent + letter * len(told) <= width for _, told in box.lines), box.key
