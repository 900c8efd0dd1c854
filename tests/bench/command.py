"""`uv run bench`: what starting and calling the product costs, beside other ways to build it."""

import platform
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from infra.commands import terminal
from tests.bench import local_stack, processes
from tests.bench.builds import build_all, here
from tests.bench.chart import Bar, chart
from tests.bench.local_stack import Waits
from tests.bench.processes import FLOOR, Results, Sample
from tests.infra.templates import FUNCTIONS

IMAGES = Path(__file__).parents[2] / ".github" / "images"
REFERENCE = "reference.get_reference"
"""Of an asset of its own."""

PRODUCT = {"create": "customers.create_customer", "get": "customers.get_customer"}

app = terminal.command("bench")
console = Console()


@app.default
def bench(
    *,
    rounds: Annotated[int, Parameter(help="Fresh processes of each")] = 9,
    seconds: Annotated[float, Parameter(help="How long callers call the local stack; 0 leaves it out")] = 10,
    draw: Annotated[bool, Parameter(name="--chart", help="Write the picture of COSTS.md")] = False,
) -> None:
    """Measure start-up, warm calls and the local stack. Ratios tell; a machine's seconds are its own.

    For example:

        python3 -m uv run bench --rounds 15 --chart
    """
    target = here()
    day = datetime.now(UTC).date()
    console.print(f"{day}, Python {target.python}, {platform.machine()}; medians of {rounds}, half quartiles")
    handlers = sorted({one.handler for one in FUNCTIONS} - {REFERENCE})
    with tempfile.TemporaryDirectory() as directory:
        builds = build_all(Path(directory), target)
        starts = processes.starts(builds, handlers, target, rounds=rounds)
        calls = processes.calls(builds, target, rounds=rounds)
        requests = processes.requests(builds, target, rounds=rounds)
        imports = processes.imports(builds, target)
    console.print(_table("CPU from the first import to a function that is ready", starts))
    for name, results in calls.items():
        console.print(_table(f"CPU of a warm {name}", results))
    console.print(_ratios(requests))
    console.print(_imports(imports))
    if draw:
        peers = [build.name for build in builds[2:]]
        for colours in ("light", "dark"):
            picture = chart(_bars(starts, peers), colours)
            (IMAGES / f"start-up-{colours}.svg").write_text(picture)
    if seconds:
        console.print(_waits(local_stack.waits(seconds=seconds)))


def _table(title: str, results: Results) -> Table:
    table = Table(title=title, title_justify="left")
    for name in ("", "ms", f"times {FLOOR}", "±"):
        table.add_column(name, justify="right" if name else "left")
    for name, measured in sorted(results.items(), key=lambda found: found[1].ratio.median):
        seconds, ratio = measured.seconds, measured.ratio
        table.add_row(name, f"{seconds.median * 1000:.1f}", f"{ratio.median:.2f}", f"{ratio.spread:.2f}")
    return table


def _ratios(found: Mapping[str, Sample]) -> Table:
    table = Table(title=f"CPU of this service's warm requests, times {FLOOR}", title_justify="left")
    for name in ("", "median", "±"):
        table.add_column(name, justify="right" if name else "left")
    for name, ratio in found.items():
        table.add_row(name, f"{ratio.median:.2f}", f"{ratio.spread:.2f}")
    return table


def _imports(found: Mapping[str, Sequence[Mapping[str, float]]]) -> Table:
    table = Table(
        title="One import worker, DynamoDB at 8 ms a call and 0.15 ms an item", title_justify="left"
    )
    for name in ("rows", "rows/s", "µs of CPU a row", "calls a row"):
        table.add_column(name, justify="left" if name == "rows" else "right")
    for name, runs in found.items():
        rate, cpu, calls = (
            statistics.median(run[figure] for run in runs)
            for figure in ("rows_a_second", "cpu_microseconds", "calls")
        )
        table.add_row(name, f"{rate:,.0f}", f"{cpu:.0f}", f"{calls:.3f}")
    return table


def _waits(found: Mapping[str, Mapping[int, Waits]]) -> Table:
    table = Table(title="The local stack, milliseconds a caller waits", title_justify="left")
    for name in ("", "callers", "p50", "p95", "the first, at most"):
        table.add_column(name, justify="right" if name else "left")
    for name, by_callers in found.items():
        for callers, waits in by_callers.items():
            figures = (waits.p50, waits.p95, max(waits.first))
            table.add_row(name, str(callers), *(f"{figure * 1000:.0f}" for figure in figures))
    return table


def _bars(starts: Results, peers: Sequence[str]) -> list[Bar]:
    names = {"this service, get": PRODUCT["get"], "this service, create": PRODUCT["create"], FLOOR: FLOOR}
    names |= {peer: peer for peer in peers}
    return [
        Bar(label, starts[name].ratio.median, ours=label.startswith("this")) for label, name in names.items()
    ]


def main() -> None:
    """Do what the command line asks for."""
    sys.exit(terminal.run(app))
