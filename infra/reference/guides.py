"""The guides of the reference: Markdown in `.github/guides`, in the order of their names."""

from pathlib import Path

from infra.reference import catalogue

GUIDES = Path(__file__).parents[2] / ".github" / "guides"

_CATALOGUE = "<!-- every error code -->"
"""Where the guide of errors has the catalogue put in."""


def description() -> str:
    """All guides as one Markdown text: what the document says of the API as a whole."""
    texts = [file.read_text().strip() for file in sorted(GUIDES.glob("*.md"))]
    return "\n\n".join(texts).replace(_CATALOGUE, catalogue.markdown())
