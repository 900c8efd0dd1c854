"""`uv run reference`: the API's OpenAPI document."""

import sys
from pathlib import Path

from cyclopts import App

from infra.reference.document import SERVER, document_text

app = App(name="reference", version_flags=(), help_format="markdown")


@app.default
def reference(*, server: str = SERVER, output: Path | None = None) -> int:
    """Print the OpenAPI 3.1 document of the API, for code generators and other readers.

    Example: `python3 -m uv run reference --server https://api.example.com --output openapi.json`

    Parameters
    ----------
    server
        The address before every path of the API.
    output
        The file to write; the terminal where it is left out.

    """
    text = document_text().replace(SERVER, server.rstrip("/"))
    if output is None:
        print(text)
        return 0
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        print(f"{output} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def main() -> None:
    """Do what the command line asks for."""
    app()


if __name__ == "__main__":
    main()
