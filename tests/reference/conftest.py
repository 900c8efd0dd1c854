"""The reference as a stage serves it, made once for all its tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.reference import get_reference
from infra.reference.asset import write_content


@pytest.fixture(scope="session")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the asset holds of the reference."""
    directory = tmp_path_factory.mktemp("content")
    write_content(directory)
    return directory


@pytest.fixture
def served(content: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same, in the place where the function looks for it."""
    monkeypatch.setattr(get_reference, "CONTENT", content)
    get_reference._files.cache_clear()
    get_reference._text.cache_clear()
    yield content
    get_reference._files.cache_clear()
    get_reference._text.cache_clear()
