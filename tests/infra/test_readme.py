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
    text = file.read_text()
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text) + re.findall(
        r'(?:src|srcset|href)="([^"]+)"', text
    )
    assert [link for link in links if not (file.parent / link).exists()] == []


def test_it_leads_to_every_guide() -> None:
    guides = {f".github/guides/{file.name}" for file in (ROOT / ".github" / "guides").glob("*.md")}
    assert guides == set(re.findall(r"\]\((\.github/guides/[^)]+)\)", README))


def test_no_picture_is_of_this_machine_or_too_large_or_loads_from_elsewhere() -> None:
    pictures = [*(ROOT / ".github" / "images").glob("*.svg")]
    assert pictures
    for picture in pictures:
        text = picture.read_text()
        assert len(text) < 150_000, picture.name
        addresses = set(re.findall(r"https?://([^/\s\"'<&]+)", text))
        assert addresses <= {"127.0.0.1:4566", "www.w3.org", "www.textualize.io"}, picture.name
        assert not re.search(r"[\w-]{40,}", re.sub(r"base64,[^\"]+", "", text)), picture.name
