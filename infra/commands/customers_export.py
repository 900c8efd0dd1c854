"""`uv run customers export`: all customers of a tenant, in one file."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from functions.exports.request import Format
from infra.commands import progress, terminal
from infra.commands.caller import NOBODY, Caller, credentials_of
from infra.commands.terminal import AsJson
from infra.transfer.client import Client
from infra.transfer.exporting import ExportError, Exporting

EXPECTED = (ExportError,)

app = terminal.command("export")


@app.default
def export(
    *,
    output: Annotated[
        Path, Parameter(name=["--output", "-o"], help="The folder it is written into.")
    ] = Path(),
    format: Annotated[  # noqa: A002  as the API has it
        Format,
        Parameter(help="`jsonl` can be imported again; `csv` is for spreadsheets."),
    ] = "jsonl",
    fields: Annotated[
        str | None, Parameter(help="The fields that are wanted, with commas between; all where left out.")
    ] = None,
    caller: Caller = NOBODY,
    as_json: AsJson = False,
) -> int:
    """Write all customers into one file.

    After Ctrl-C or a lost connection the same command goes on from there.

    For example:

        python3 -m uv run customers export --output customers --local
    """
    with Client(credentials_of(caller)) as client:
        names = tuple(name.strip() for name in fields.split(",")) if fields else None
        work = Exporting(client, output, format, names)
        try:
            _export(work, quiet=as_json)
        except KeyboardInterrupt:
            terminal.complain("Stopped. The same command goes on from here.")
            return terminal.STOPPED
        except OSError as error:
            raise ExportError(f"{error.filename or output}: {error.strerror}") from error
    if as_json:
        terminal.show_json(
            {
                "exportId": work.report["exportId"],
                "customers": work.report["customers"],
                "file": str(work.target),
            }
        )
    else:
        terminal.say(f"{work.report['customers']:,} customers are in {work.target}")
    return 0


def _export(work: Exporting, *, quiet: bool) -> None:
    work.begin()
    with progress.of_rows("Exporting", quiet=quiet) as show:
        for report in work.follow():
            show("Exporting", report["customers"], None)
    files = work.files()
    with progress.of_bytes("Fetching", sum(one["bytes"] for one in files), quiet=quiet) as advance:
        work.fetch(files, advance)
    work.put_together(files)
