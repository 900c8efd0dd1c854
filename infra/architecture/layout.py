"""Where boxes and arrows lie. No coordinate is set by hand: a new route or table finds its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from infra.architecture.parts import Arrow, Box, Picture

WIDTHS = (132, 262, 196, 214)
COLUMN_GAP = 112
MARGIN = 20
ROW_GAP = 16
TITLE = 34
LINE = 18
PORT_GAP = 11
PASSES = 12
"""How often the columns are put in order; fewer have been enough."""


@dataclass(frozen=True)
class Placed:
    """A box, and the corner and size of its rectangle."""

    box: Box
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Half of its height."""
        return self.y + self.height / 2


@dataclass(frozen=True)
class Curve:
    """An arrow from one point to another; `bulge` is how far it leaves each box before it turns."""

    arrow: Arrow
    start: tuple[float, float]
    end: tuple[float, float]
    bulge: tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """The whole picture in pixels."""

    width: float
    height: float
    boxes: tuple[Placed, ...]
    curves: tuple[Curve, ...]


def layout(picture: Picture) -> Layout:
    """Place every box so that arrows cross little, and give every arrow points of its own."""
    columns = [list(column) for column in picture.columns]
    height = max(sum(map(height_of, column)) + ROW_GAP * (len(column) + 1) for column in columns)
    placed = _placed(columns, height)
    for _ in range(PASSES):
        for column in columns:
            column.sort(key=lambda box: _pull(box, picture.arrows, placed))
            placed = _placed(columns, height)
    width = sum(WIDTHS) + COLUMN_GAP * (len(WIDTHS) - 1) + 2 * MARGIN
    return Layout(width, height + 2 * MARGIN, tuple(placed.values()), tuple(_curves(picture.arrows, placed)))


def height_of(box: Box) -> float:
    """A box's height by what it says."""
    return TITLE + LINE * len(box.lines) + (6 if box.lines else 0)


def _placed(columns: Sequence[Sequence[Box]], height: float) -> dict[str, Placed]:
    placed, x = {}, float(MARGIN)
    for column, width in zip(columns, WIDTHS, strict=True):
        gap = (height - sum(map(height_of, column))) / (len(column) + 1)
        y = MARGIN + gap
        for box in column:
            placed[box.key] = Placed(box, x, round(y, 1), width, height_of(box))
            y += height_of(box) + gap
        x += width + COLUMN_GAP
    return placed


def _pull(box: Box, arrows: Sequence[Arrow], placed: dict[str, Placed]) -> float:
    """Where its neighbours would have it: the mean of their middles."""
    others = [placed[arrow.end] for arrow in arrows if arrow.start == box.key]
    others += [placed[arrow.start] for arrow in arrows if arrow.end == box.key]
    return sum(other.middle for other in others) / len(others) if others else placed[box.key].middle


def _curves(arrows: Sequence[Arrow], placed: dict[str, Placed]) -> list[Curve]:
    """Arrows leave and reach a side in the order of where they come from, so that none cross at it."""
    ends: dict[tuple[str, bool], list[tuple[float, int, bool]]] = {}
    for number, arrow in enumerate(arrows):
        start, end = placed[arrow.start], placed[arrow.end]
        within = start.x == end.x
        ends.setdefault((arrow.start, within or start.x < end.x), []).append((end.middle, number, True))
        ends.setdefault((arrow.end, within or end.x < start.x), []).append((start.middle, number, False))
    points: dict[tuple[int, bool], tuple[float, float]] = {}
    for (key, right), leaving in ends.items():
        one = placed[key]
        gap = min(PORT_GAP, (one.height - 12) / len(leaving))
        for place, (_, number, starts) in enumerate(sorted(leaving)):
            y = one.middle + (place - (len(leaving) - 1) / 2) * gap
            points[number, starts] = (one.x + (one.width if right else 0), round(y, 1))
    return [
        Curve(
            arrow, points[number, True], points[number, False], _bulge(placed[arrow.start], placed[arrow.end])
        )
        for number, arrow in enumerate(arrows)
    ]


def _bulge(start: Placed, end: Placed) -> tuple[float, float]:
    half = COLUMN_GAP / 2
    if start.x == end.x:
        return half, half
    return (half, -half) if start.x < end.x else (-half, half)
