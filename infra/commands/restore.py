"""`uv run restore`: a stage as it was at one second, without those who were deleted since.

Without `--yes` it says what it would do. The runbook (.github/RUNBOOK.md) has what to do before and after.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from functions.shared import clock
from infra.commands.place import Place, add_place, place_of
from infra.local.assembly import ROOT
from infra.local.deployment import DeploymentError
from infra.restore.restoration import Restoration
from infra.restore.tables import RestoreError, deployed_tables
from infra.restored_tables import CONTEXT, RestoredTable, as_context, restored_tables
from infra.rollouts import AT_ONCE
from infra.settings import CDK_CLI, Stage

CDK_JSON = ROOT / "cdk.json"


def main() -> None:
    """Restore the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="restore", description=__doc__)
    add_place(parser)
    parser.add_argument("--to", type=_moment, required=True, help="2026-11-27T03:00Z; UTC without a zone")
    parser.add_argument("--yes", action="store_true", help="do it; without, only say what would be done")
    arguments = parser.parse_args()
    try:
        restore(place_of(arguments), arguments.to, really=arguments.yes)
    except (RestoreError, DeploymentError) as error:
        sys.exit(str(error))
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"AWS says: {error}")


def restore(place: Place, moment: datetime, *, really: bool) -> None:
    """Plan it, and with `really` do it. Raises RestoreError."""
    restoration = Restoration(
        stage=place.stage,
        client=place.client("dynamodb"),
        resource=place.resource("dynamodb"),
        sources=tables_in_use(place),
        moment=moment,
    )
    restoration.plan()
    if not really:
        print("Nothing was done; say --yes to do it.")
        return
    restored = restoration.prepare()
    restoration.switch(restored, lambda tables: _deploy_on(place.stage, tables))
    print(f"Done. Commit {CDK_JSON.name}: it names the tables from now on.")


def tables_in_use(place: Place) -> dict[str, str]:
    """The stage's tables as the service knows them, restored ones before its own."""
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


def _moment(text: str) -> datetime:
    try:
        return clock.moment(text).astimezone(UTC).replace(microsecond=0)
    except ValueError:
        raise argparse.ArgumentTypeError("a date and time such as 2026-11-27T03:00Z") from None


if __name__ == "__main__":
    main()
