"""A bar for what takes long, on a terminal alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

_WHAT = TextColumn("{task.description}")


@contextmanager
def of_bytes(what: str, total: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """How much of `total` bytes is done, how fast and how long it will take; gives what counts bytes on."""
    columns = (_WHAT, BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_terminal(), disable=_hidden(quiet), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda count: progress.advance(task, count)


@contextmanager
def of_rows(what: str, *, quiet: bool) -> Iterator[Callable[[str, int, int | None], None]]:
    """How many rows are done; gives what sets a text and the counts, of which the total may be None."""
    columns = (
        SpinnerColumn(),
        _WHAT,
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_terminal(), disable=_hidden(quiet), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda text, done, total: progress.update(task, description=text, completed=done, total=total)


def _terminal() -> Console:
    return Console(stderr=True, highlight=False, markup=False)


def _hidden(quiet: bool) -> bool:
    return quiet or not _terminal().is_terminal
