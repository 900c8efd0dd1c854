"""`uv run gate BEFORE AFTER`: fails where a change of the stacks would lose data or not go through."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from infra.commands import terminal
from infra.commands.terminal import FLAG, AsJson
from infra.gate.findings import Template, index_changes, stateful_losses, wider_permissions

TEMPLATES = "*.template.json"

NOTHING: Template = {"Resources": {}}
"""What a stack that is new has before."""

app = terminal.command("gate")


def _is_assembly(_type: object, directory: Path) -> None:
    if not any(directory.glob(TEMPLATES)):
        raise ValueError("There is no cloud assembly, as `cdk synth -o` makes it.")


Assembly = Annotated[Path, Parameter(validator=_is_assembly)]
Before = Annotated[Assembly, Parameter(help="What is deployed, as `cdk synth -o` makes it.")]
After = Annotated[Assembly, Parameter(help="What would be.")]
Agreed = Annotated[bool, FLAG, Parameter(help="Somebody has agreed that functions may do more.")]


@app.default
def compare(
    before: Before,
    after: After,
    /,
    *,
    wider_permissions: Agreed = False,
    as_json: AsJson = False,
) -> int:
    """Compare two cloud assemblies, and fail where the change would lose data or not go through.

    For example:

        cdk synth -c stage=prod -o after && uv run gate before after
    """
    refusals = list(gate(before, after, wider_permissions_agreed=wider_permissions))
    if as_json:
        terminal.show_json(refusals)
    else:
        terminal.say("\n".join(refusals) or "Nothing is lost.")
    return terminal.FAILED if refusals else 0


def gate(before: Path, after: Path, *, wider_permissions_agreed: bool) -> Iterator[str]:
    """What stands against the change, a line each; a stack that is gone is a line too."""
    for name in sorted({one.name for directory in (before, after) for one in directory.glob(TEMPLATES)}):
        old, new = before / name, after / name
        stack = name.removesuffix(".template.json")
        if not new.exists():
            yield f"{stack}: the stack would go"
            continue
        templates = json.loads(old.read_text()) if old.exists() else NOTHING, json.loads(new.read_text())
        for refusal in (*stateful_losses(*templates), *index_changes(*templates)):
            yield f"{stack}: {refusal}"
        for permission in wider_permissions(*templates):
            if not wider_permissions_agreed:
                yield f"{stack}: more is allowed (label wider-permissions): {permission}"


def main() -> None:
    """Do what the command line asks for."""
    sys.exit(terminal.run(app))


if __name__ == "__main__":
    main()
