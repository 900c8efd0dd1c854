"""The README says what the code does."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_its_test_command_is_what_ci_runs() -> None:
    assert "python3 -m uv run pytest" in README
    assert "python3 -m uv run pytest" in (ROOT / ".ci" / "run").read_text().splitlines()


@pytest.mark.parametrize(
    "file", [ROOT / "README.md", *(ROOT / ".github").glob("*.md")], ids=lambda file: file.name
)
def test_every_file_it_links_to_is_there(file: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", file.read_text())
    assert [link for link in links if not (file.parent / link).exists()] == []


def test_it_leads_to_every_guide() -> None:
    guides = {f".github/guides/{file.name}" for file in (ROOT / ".github" / "guides").glob("*.md")}
    assert guides == set(re.findall(r"\]\((\.github/guides/[^)]+)\)", README))
