"""Bars as SVG, light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Colours = Literal["light", "dark"]

SVG = "http://www.w3.org/2000/svg"
FONT = "-apple-system, Segoe UI, Helvetica, Arial, sans-serif"

ROW, BAR, LEFT, WIDTH = 34, 18, 200, 720
PALETTE = {
    "light": {"text": "#1f2328", "quiet": "#59636e", "ours": "#0969da", "others": "#afb8c1"},
    "dark": {"text": "#f0f6fc", "quiet": "#9198a1", "ours": "#4493f8", "others": "#3d444d"},
}


@dataclass(frozen=True)
class Bar:
    """One bar: what it is of, how long, and whether it is the product's."""

    label: str
    value: float
    ours: bool = False


def chart(bars: Sequence[Bar], colours: Colours) -> str:
    """The bars one below the other, each with its value."""
    palette = PALETTE[colours]
    longest = max(bar.value for bar in bars)
    height = ROW * len(bars) + 12
    told = escape(", ".join(f"{bar.label} {bar.value:.2f}" for bar in bars))
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    parts = [
        f'<svg xmlns="{SVG}" {size} font-family="{FONT}" font-size="14" role="img"><title>{told}</title>'
    ]
    for number, bar in enumerate(bars):
        middle = 6 + ROW * number + ROW / 2
        length = (WIDTH - LEFT - 70) * bar.value / longest
        weight = 'font-weight="600"' if bar.ours else ""
        label = f'x="{LEFT - 12}" y="{middle + 5}" text-anchor="end" fill="{palette["text"]}" {weight}'
        box = f'x="{LEFT}" y="{middle - BAR / 2}" width="{length:.1f}" height="{BAR}" rx="4"'
        value = f'x="{LEFT + length + 8:.1f}" y="{middle + 5}" fill="{palette["quiet"]}" {weight}'
        parts += [
            f"<text {label}>{escape(bar.label)}</text>",
            f'<rect {box} fill="{palette["ours" if bar.ours else "others"]}"/>',
            f"<text {value}>{bar.value:.2f}</text>",
        ]
    return "\n".join([*parts, "</svg>", ""])
