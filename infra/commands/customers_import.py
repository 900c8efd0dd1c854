"""`uv run customers import`: a file of customers, from its columns to the rows that were refused."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.types import ExistingFile

from functions.imports.lines import RefusedFileError
from functions.imports.progress import AWAITING_UPLOAD, CHECKING, COMPLETED, COUNTS, PROCESSING, SPLITTING
from functions.imports.request import Blank, NewImport, check
from functions.shared import clock
from functions.shared.errors import InvalidRequestError
from functions.shared.validation import validator
from functions.uploads.chunk import MatchBy, Mode
from infra.commands import progress, terminal
from infra.commands.caller import NOBODY, Caller, credentials_of
from infra.commands.terminal import FLAG, AsJson, Yes
from infra.transfer.blocks import Advance
from infra.transfer.checking import Checked, checked, first_rows
from infra.transfer.client import Client
from infra.transfer.copy import copied, needs_copy
from infra.transfer.failed_file import download_failed, failed_path
from infra.transfer.importing import Importing, Options, importing
from infra.transfer.layout import Layout, mapping_in
from infra.transfer.preview import meanings
from infra.transfer.upload import UploadRefusedError

ROWS_REFUSED = 3
"""The exit code where the import went through and some of its rows did not."""

SHOWN_ROWS = 3

STATES = {
    AWAITING_UPLOAD: "Waiting for the file to be seen",
    SPLITTING: "Reading the file",
    CHECKING: "Checking all rows once more",
    PROCESSING: "Importing",
}

validate = validator(NewImport)


app = terminal.command("import")


class NotImportedError(Exception):
    """The file cannot be imported; the message is for the person who sent it."""


EXPECTED = (UploadRefusedError, NotImportedError)


@app.default
def import_file(  # noqa: D417  the others have their help already
    file: Annotated[ExistingFile, Parameter(help="What is refused of it goes into `customers.failed.csv`.")],
    /,
    *,
    mapping: ExistingFile | None = None,
    mode: Mode = "create",
    match_by: MatchBy | None = None,
    partial: Annotated[bool, Parameter(negative="--all-or-none")] = True,
    blank: Blank | None = None,
    restore: Annotated[bool, FLAG] = False,
    dry_run: Annotated[bool, FLAG] = False,
    yes: Yes = False,
    caller: Caller = NOBODY,
    as_json: AsJson = False,
) -> int:
    """Import a CSV, or JSON Lines, of up to 10 GB.

    Exports of Shopify, WooCommerce, Magento, Mailchimp and Klaviyo are known by their columns. The whole file
    is checked here before anything leaves. Ctrl-C stops it; the same command goes on from there, and imports
    no row twice. Exit codes: 0, 3 where rows were refused, 1 where it failed, 130 after Ctrl-C.

    For example:

        python3 -m uv run customers import customers.csv --local --mode upsert --match-by email

    Parameters
    ----------
    mapping
        A JSON file that says what the columns mean: `{"E-mail": "email", "Town": "addresses.0.city"}`.
    mode
        `create` new customers, `update` those that are there, or both: `upsert`.
    match_by
        What finds the customer of a row; the first of id, customerRef, email that it gives, unless you say.
    partial
        Import what is good. With `--all-or-none` nothing is imported unless every row is valid.
    blank
        What a blank cell does to a customer that has the field: `clear` it, or `keep` it. `keep` for the
        known exports, else `clear`.
    restore
        The file is an export of this service: customers keep the dates that they had.
    dry_run
        Only say what would become of each row.

    """
    options = Options(mode, match_by, partial=partial, dry_run=dry_run, blank=blank, restore=restore)
    with _in_one_line(), ExitStack() as opened:
        layout = Layout.of(file, None if mapping is None else mapping_in(mapping))
        if layout.source and blank is None:
            options = replace(options, blank="keep")
        sent = layout
        if needs_copy(layout):
            advance = opened.enter_context(_bytes("Copying what is sent", file, quiet=as_json))
            sent = opened.enter_context(copied(layout, advance))
        check(validate(options.asked(sent), clock.now()))
        client = opened.enter_context(Client(credentials_of(caller)))
        run = _Run(importing(client, layout, sent, options), layout, quiet=as_json)
        try:
            return run.to_its_end(asks=not yes)
        except KeyboardInterrupt:
            terminal.complain("Stopped. The same command goes on from here.")
            return terminal.STOPPED


@dataclass(frozen=True)
class _Run:
    """One import as a person sees it; `original` is the file that was named, of which a copy may be sent."""

    work: Importing
    original: Layout
    quiet: bool

    def to_its_end(self, *, asks: bool) -> int:
        """The exit code."""
        failed = failed_path(self.original.path)
        if self.work.checkpoint.begun:
            self._say(f"Going on with the import {self.work.checkpoint.id}")
        else:
            if not self.quiet:
                self._show_what_is_sent()
            verdict = self._check(failed)
            if not verdict.rows:
                raise NotImportedError("The file has no rows")
            most = verdict.rows - 1 if self.work.options.partial else 0
            if verdict.refused > most:
                return self._refused(verdict, failed)
            if asks and not terminal.agreed(f"Send {verdict.rows - verdict.refused:,} rows?"):
                return terminal.FAILED
        self.work.begin()
        with progress.of_bytes("Sending", self.work.size, quiet=self.quiet) as advance:
            self.work.send(advance)
        self._follow()
        return self._tell(failed)

    def _show_what_is_sent(self) -> None:
        layout, work = self.original, self.work
        known = f", an export of {layout.source.name}" if layout.source else ""
        terminal.say(f"{layout.path.name}: {layout.format.upper()}{known}")
        if layout.header:
            terminal.show_table(meanings(layout))
            if unused := layout.unused():
                terminal.say(f"Not sent, for they fill no field: {', '.join(unused)}")
        rows = first_rows(work.layout, work.options, SHOWN_ROWS, now=clock.now())
        terminal.say("The first rows as they will be sent:")
        for row in rows:
            terminal.say(json.dumps(row, ensure_ascii=False))

    def _check(self, failed: Path) -> Checked:
        work = self.work
        with progress.of_bytes("Checking", work.size, quiet=self.quiet) as advance:
            verdict = checked(work.layout, work.options, failed, now=clock.now(), advance=advance)
        self._say(f"{verdict.rows:,} rows checked, {verdict.refused:,} not valid")
        for error in verdict.errors:
            self._say(f"  row {error['row']}  {error.get('field', '')}  {error['message']}")
        if verdict.refused > len(verdict.errors):
            self._say(f"  and {verdict.refused - len(verdict.errors):,} more")
        return verdict

    def _refused(self, verdict: Checked, failed: Path) -> int:
        if self.quiet:
            counts = {"state": "refused", "received": verdict.rows, "failed": verdict.refused}
            terminal.show_json({**counts, "failedFile": str(failed), "errors": verdict.errors})
        terminal.complain(f"Nothing was sent. The rows that are not valid are in {failed}")
        return ROWS_REFUSED

    def _follow(self) -> None:
        with progress.of_rows("Waiting", quiet=self.quiet) as show:
            for report in self.work.follow():
                done = sum(report[name] for name in COUNTS)
                # Rows are counted range by range: before the first there is nothing to reckon with.
                show(STATES.get(report["state"], "Ending"), done, report.get("received") if done else None)

    def _tell(self, failed: Path) -> int:
        # The addresses in it are signed, and soon worth nothing.
        report = {name: value for name, value in self.work.report.items() if name != "files"}
        if report["failed"]:
            download_failed(self.work.client, self.work.files("failed"), self.work.layout, failed)
            report["failedFile"] = str(failed)
        else:
            failed.unlink(missing_ok=True)
        self.work.checkpoint.forget()
        if self.quiet:
            terminal.show_json(report)
        else:
            terminal.say(summary(report))
        if report["state"] != COMPLETED:
            terminal.complain(f"The import was {report['state']}: {report.get('reason', 'by somebody else')}")
            return terminal.FAILED
        return ROWS_REFUSED if report["failed"] else 0

    def _say(self, text: str) -> None:
        if not self.quiet:
            terminal.say(text)


def summary(report: Mapping[str, Any]) -> str:
    """What became of the rows, in a few lines."""
    counts = ", ".join(f"{report[name]:,} {name}" for name in COUNTS)
    lines = [f"{counts} ({report.get('rowsPerSecond', 0):,} rows a second)"]
    if report["dryRun"]:
        lines.append("A dry run: nothing was written.")
    if "failedFile" in report:
        lines.append(f"What was refused, with the reasons: {report['failedFile']}")
    return "\n".join(lines)


@contextmanager
def _bytes(what: str, file: Path, *, quiet: bool) -> Iterator[Advance]:
    with progress.of_bytes(what, file.stat().st_size, quiet=quiet) as advance:
        yield advance


@contextmanager
def _in_one_line() -> Iterator[None]:
    """What is wrong with the file or the options, as the API would say it, in one line."""
    try:
        yield
    except RefusedFileError as error:
        raise NotImportedError(error.message) from error
    except InvalidRequestError as error:
        fields = "; ".join(f"{one.field} {one.message}" for one in error.errors)
        raise NotImportedError(f"{error.message}: {fields}") from error
    except OSError as error:
        raise NotImportedError(f"{error.filename or 'A file'}: {error.strerror}") from error
