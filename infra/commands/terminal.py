"""How every command speaks: help with an example, errors in one line, colour on a terminal alone.

What was asked for goes to stdout, what is wrong to stderr. Exit codes: 0, 1 where it failed, 2 where the
command line is not right, 130 after Ctrl-C where a command ends by it.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console
from rich.prompt import Confirm
from rich.table import Table
from rich.text import Text

FAILED = 1
MISUSED = 2
STOPPED = 130
"""After Ctrl-C, as a shell has it."""

UNLIMITED = 10_000
"""Columns where nobody looks: a line that another program reads is not broken."""

STYLES = {
    "active": "green",
    "disabled": "yellow",
    "ok": "green",
    "skipped": "yellow",
    "FAILED": "bold red",
}
"""The colours of words that say how something is."""

Say = Callable[[str | Text], None]

FLAG = Parameter(negative=(), show_default=False)
"""An option without a value, off until it is said."""

AsJson = Annotated[bool, FLAG, Parameter(name="--json", help="Print JSON, for a program.")]
Yes = Annotated[bool, FLAG, Parameter(help="Do it without asking.")]


def command(name: str, told: str | None = None) -> App:
    """A command. `told` is its help, in Markdown; without it the docstring of its default function is."""
    app = App(name=name, help=told, version_flags=(), help_format="markdown")
    app["--help"].group = "Parameters"
    return app


def run(app: App, *expected: type[Exception], arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; its exit code. `expected` errors have a message for a person."""
    try:
        tokens = sys.argv[1:] if arguments is None else arguments
        result = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        complain(f"{error} See: {app.name[0]} --help")
        return MISUSED
    except expected as error:
        complain(str(error))
        return FAILED
    return result if isinstance(result, int) else 0


def say(text: str | Text) -> None:
    """Print a text as it is; its lines are never broken."""
    _console().print(text)


def styled(word: str) -> Text:
    """A word that says how something is, in its colour."""
    return Text(word, style=STYLES.get(word, ""))


def show_json(value: object) -> None:
    """Print a value for a program to read."""
    print(json.dumps(value, indent=2))


def show_table(rows: Iterable[Mapping[str, str]]) -> None:
    """Print records, a line each, under the names of their fields where a person looks."""
    found, console = list(rows), _console()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=console.is_terminal)
    for name in found[0] if found else ():
        table.add_column(name, header_style="bold", overflow="fold")
    for row in found:
        table.add_row(*map(styled, row.values()))
    console.print(table)


def agreed(question: str) -> bool:
    """Whether somebody at the terminal says yes; where nobody can be asked that is said, and is a no."""
    if not sys.stdin.isatty():
        complain(f"{question} Say --yes where nobody can be asked.")
        return False
    return Confirm.ask(Text(question), console=Console(stderr=True, highlight=False), default=False)


@contextmanager
def working(text: str) -> Iterator[Say]:
    """Show that something is being done, for as long as it is; gives what prints lines meanwhile."""
    console = _console()
    if not console.is_terminal:
        console.print(text)
    with console.status(text):
        yield console.print


def complain(message: str) -> None:
    """Print what is wrong, to stderr, in red on a terminal."""
    Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(message, style="red")


def _console() -> Console:
    return Console(
        width=None if sys.stdout.isatty() else UNLIMITED, highlight=False, markup=False, soft_wrap=True
    )
