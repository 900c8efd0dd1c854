"""Files on their way to customers, on moto."""

import pytest

from functions.imports import import_rows


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moto is not for several."""
    monkeypatch.setattr(import_rows, "THREADS", 1)
