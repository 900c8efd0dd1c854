"""`uv run architecture`: the picture of the architecture, drawn anew."""

import sys

from infra.architecture.drawing import IMAGES, pictures
from infra.commands import terminal
from infra.local.assembly import ROOT

app = terminal.command("architecture")


@app.default
def draw() -> None:
    """Draw the architecture anew, after a change of routes, tables, queues or workers.

    It writes the two pictures that the README shows. For example:

        python3 -m uv run architecture
    """
    IMAGES.mkdir(parents=True, exist_ok=True)
    for file, drawn in pictures().items():
        file.write_text(drawn, encoding="utf-8")
        terminal.say(str(file.relative_to(ROOT)))


def main() -> None:
    """Do what the command line asks for."""
    sys.exit(terminal.run(app))


if __name__ == "__main__":
    main()
