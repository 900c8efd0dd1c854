"""`uv run reference`: the API's OpenAPI document."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from infra.commands import terminal
from infra.reference.document import SERVER, document_text

Server = Annotated[str, Parameter(help="The address before every path of the API.")]
Output = Annotated[Path | None, Parameter(help="The file to write; the terminal where it is left out.")]

app = terminal.command("reference")


@app.default
def reference(*, server: Server = SERVER, output: Output = None) -> int:
    """Print the OpenAPI 3.1 document of the API (JSON), for code generators and other readers.

    For example:

        python3 -m uv run reference --output openapi.json
    """
    text = document_text().replace(SERVER, server.rstrip("/"))
    if output is None:
        print(text)
        return 0
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        terminal.complain(f"{output} cannot be written: {error.strerror}")
        return terminal.FAILED
    return 0


def main() -> None:
    """Do what the command line asks for."""
    sys.exit(terminal.run(app))


if __name__ == "__main__":
    main()
