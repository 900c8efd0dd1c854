"""`uv run gate BEFORE AFTER`: fails where a change of the stacks would lose data or not go through.

BEFORE and AFTER are cloud assemblies, as `cdk synth -o` makes them.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.gate.findings import index_changes, stateful_losses, wider_permissions


def main() -> None:
    """Compare the two assemblies that the command line names."""
    parser = argparse.ArgumentParser(prog="gate", description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument(
        "--wider-permissions", action="store_true", help="somebody has agreed that functions may do more"
    )
    arguments = parser.parse_args()
    refusals = list(
        gate(arguments.before, arguments.after, wider_permissions_agreed=arguments.wider_permissions)
    )
    print("\n".join(refusals) or "Nothing is lost.")
    sys.exit(1 if refusals else 0)


def gate(before: Path, after: Path, *, wider_permissions_agreed: bool) -> Iterator[str]:
    """What stands against the change, a line each; a stack that is gone is a line too."""
    for old in sorted(before.glob("*.template.json")):
        new = after / old.name
        stack = old.name.removesuffix(".template.json")
        if not new.exists():
            yield f"{stack}: the stack would go"
            continue
        templates = json.loads(old.read_text()), json.loads(new.read_text())
        for refusal in (*stateful_losses(*templates), *index_changes(*templates)):
            yield f"{stack}: {refusal}"
        for permission in wider_permissions(*templates):
            if not wider_permissions_agreed:
                yield f"{stack}: more is allowed (label wider-permissions): {permission}"


if __name__ == "__main__":
    main()
