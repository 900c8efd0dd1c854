"""`uv run restore`: a stage as it was at one second, without those who were deleted since.

Without `--yes` it says what it would do.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter, Token

from functions.shared import clock
from infra.commands import terminal
from infra.commands.place import HERE, Place, PlaceError, Where, opened
from infra.commands.terminal import FLAG
from infra.local.assembly import ROOT
from infra.restore.restoration import Restoration
from infra.restore.tables import RestoreError, deployed_tables
from infra.restored_tables import CONTEXT, RestoredTable, as_context, restored_tables
from infra.settings import AT_ONCE, CDK_CLI, Stage

CDK_JSON = ROOT / "cdk.json"


app = terminal.command("restore")


def _moment(_type: object, tokens: Sequence[Token]) -> datetime:
    try:
        return clock.moment(tokens[0].value).astimezone(UTC).replace(microsecond=0)
    except ValueError:
        raise ValueError("Say a date and time such as 2026-11-27T03:00Z.") from None


Moment = Annotated[
    datetime,
    Parameter(converter=_moment, help="The second, such as 2026-11-27T03:00Z; UTC without a zone."),
]
Really = Annotated[bool, FLAG, Parameter(help="Do it; without, only say what would be done.")]


@app.default
def go_back(
    *,
    to: Moment,
    where: Where = HERE,
    yes: Really = False,
) -> None:
    """Have a stage as it was at one second, without those who were deleted since.

    What to do before and after stands in the runbook (`.github/RUNBOOK.md`). For example:

        python3 -m uv run restore --stage prod --to 2026-11-27T03:00Z
    """
    with opened(where) as place:
        restore(place, to, really=yes)


def restore(place: Place, moment: datetime, *, really: bool) -> None:
    """Plan it, and with `really` do it. Raises RestoreError."""
    restoration = Restoration(
        stage=place.stage,
        client=place.client("dynamodb"),
        resource=place.resource("dynamodb"),
        sources=tables_in_use(place),
        moment=moment,
        say=terminal.say,
    )
    restoration.plan()
    if not really:
        terminal.say("Nothing was done; say --yes to do it.")
        return
    with terminal.working("Restoring …") as say:
        restored = replace(restoration, say=say).prepare()
    restoration.switch(restored, lambda tables: _deploy_on(place.stage, tables))
    terminal.say(f"Done. Commit {CDK_JSON.name}: it names the tables from now on.")


def tables_in_use(place: Place) -> dict[str, str]:
    """The names of the tables that the service works on, restored ones before the stage's own."""
    context = json.loads(CDK_JSON.read_text())["context"].get(CONTEXT)
    restored = {table: one.name for table, one in restored_tables(context, place.stage.name).items()}
    return deployed_tables(place.client("cloudformation"), place.stage) | restored


def record(stage: Stage, tables: Mapping[str, RestoredTable]) -> None:
    """Note in cdk.json which tables stand for the stage's own."""
    settings = json.loads(CDK_JSON.read_text())
    settings["context"].setdefault(CONTEXT, {})[stage.name] = as_context(tables)
    CDK_JSON.write_text(json.dumps(settings, indent=2) + "\n")


def _deploy_on(stage: Stage, tables: Mapping[str, RestoredTable]) -> None:
    record(stage, tables)
    command = ["npx", "--yes", CDK_CLI, "deploy", stage.stack_name("service"), "--exclusively"]
    options = ["-c", f"stage={stage.name}", "-c", f"{AT_ONCE}=true", "--require-approval", "never"]
    path = f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    done = subprocess.run([*command, *options], cwd=ROOT, env=os.environ | {"PATH": path}, check=False)
    if done.returncode:
        raise RestoreError(
            f"The tables are ready; the deploy failed. Repeat: {' '.join([*command, *options])}"
        )


def main() -> None:
    """Do what the command line asks for."""
    sys.exit(terminal.run(app, RestoreError, PlaceError))


if __name__ == "__main__":
    main()
