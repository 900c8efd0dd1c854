"""The picture as SVG, light and dark: for a page that chooses by the reader's own scheme."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from infra.architecture.layout import LINE, MARGIN, TITLE, Curve, Layout, Placed, layout
from infra.architecture.parts import Flow, Kind, picture

IMAGES = Path(__file__).parents[2] / ".github" / "images"

Colours = Mapping[str, str]

SCHEMES: Mapping[str, Colours] = {
    "light": {
        "page": "#ffffff",
        "text": "#1f2328",
        "soft": "#59636e",
        "line": "#9aa4af",
        "feeds": "#bc4c00",
        "GATEWAY": "#ddf4ff",
        "ROOM": "#f6f8fa",
        "STORE": "#dafbe1",
        "CARRIER": "#fff1e5",
        "WORKER": "#fbefff",
        "edge": "#d1d9e0",
    },
    "dark": {
        "page": "#0d1117",
        "text": "#e6edf3",
        "soft": "#9198a1",
        "line": "#656c76",
        "feeds": "#f0883e",
        "GATEWAY": "#121d2f",
        "ROOM": "#151b23",
        "STORE": "#12261e",
        "CARRIER": "#2a1f12",
        "WORKER": "#231b33",
        "edge": "#3d444d",
    },
}

LEGEND = ((Flow.CALLS, "calls, writes"), (Flow.READS, "reads"), (Flow.FEEDS, "hands over work"))
LEGEND_HEIGHT = 34
BOLD = ' font-weight="600"'


def pictures() -> dict[Path, str]:
    """Every file of the picture, and what it holds."""
    found = layout(picture())
    return {
        IMAGES / f"architecture-{scheme}.svg": "\n".join(_svg(found, colours)) + "\n"
        for scheme, colours in SCHEMES.items()
    }


def _svg(found: Layout, colours: Colours) -> Iterator[str]:
    height = found.height + LEGEND_HEIGHT
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {found.width:g} {height:g}" role="img" '
        'aria-labelledby="title" font-family="-apple-system, Segoe UI, Helvetica, Arial, sans-serif">'
    )
    yield '<title id="title">From API Gateway through the functions to tables, queues and workers</title>'
    yield "<defs>"
    for flow in (Flow.CALLS, Flow.FEEDS):
        yield (
            f'<marker id="{flow.name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            f'orient="auto"><path d="M0 0.5 L8 4 L0 7.5 z" fill="{_stroke(flow, colours)}"/></marker>'
        )
    yield "</defs>"
    yield f'<rect width="{found.width:g}" height="{height:g}" rx="8" fill="{colours["page"]}"/>'
    # The faint ones first, so that the others lie above them.
    for curve in sorted(
        found.curves, key=lambda curve: (Flow.READS, Flow.CALLS, Flow.FEEDS).index(curve.arrow.flow)
    ):
        yield _curve(curve, colours)
    for placed in found.boxes:
        yield from _box(placed, colours)
    yield from _legend(found, colours)
    yield "</svg>"


def _box(placed: Placed, colours: Colours) -> Iterator[str]:
    box, x, y = placed.box, placed.x, placed.y
    yield (
        f'<rect x="{x:g}" y="{y:g}" width="{placed.width:g}" height="{placed.height:g}" rx="6" '
        f'fill="{colours[box.kind.name]}" stroke="{colours["edge"]}"/>'
    )
    yield _text(x + 14, y + 22, box.title, colours["text"], size=14, more=BOLD)
    indent = 52 if box.kind is Kind.ROOM else 0
    for number, (method, told) in enumerate(box.lines):
        base = y + TITLE + LINE * number + 10
        if method:
            yield _text(x + 14, base, method, colours["soft"], size=9.5, more=BOLD)
        colour = colours["text" if box.kind is Kind.ROOM else "soft"]
        yield _text(x + 14 + indent, base, told, colour, size=12)


def _curve(curve: Curve, colours: Colours) -> str:
    (x, y), (to_x, to_y) = curve.start, curve.end
    out, back = curve.bulge
    return (
        f'<path d="M{x:g} {y:g} C{x + out:g} {y:g} {to_x + back:g} {to_y:g} {to_x:g} {to_y:g}" fill="none" '
        f'stroke="{_stroke(curve.arrow.flow, colours)}" {_style(curve.arrow.flow)}/>'
    )


def _legend(found: Layout, colours: Colours) -> Iterator[str]:
    x, y = MARGIN, found.height + LEGEND_HEIGHT / 2 - 6
    for flow, told in LEGEND:
        yield (f'<path d="M{x:g} {y:g} h36" stroke="{_stroke(flow, colours)}" fill="none" {_style(flow)}/>')
        yield _text(x + 46, y + 4, told, colours["soft"], size=12)
        x += 46 + 7 * len(told) + 28


def _text(x: float, y: float, text: str, colour: str, *, size: float, more: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{colour}"{more}>{escape(text)}</text>'


def _style(flow: Flow) -> str:
    end = 'stroke-dasharray="4 4"' if flow is Flow.READS else f'marker-end="url(#{flow.name})"'
    return f'stroke-width="1.3" {end}'


def _stroke(flow: Flow, colours: Colours) -> str:
    return colours[{Flow.CALLS: "line", Flow.READS: "line", Flow.FEEDS: "feeds"}[flow]]
