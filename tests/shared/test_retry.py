"""When to try again."""

import random
import time

import pytest

from functions.shared import retry


def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each pause waits."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    for pause in retry.pauses():
        pause()
    return slept


def test_pauses_grow_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    slept = waits(monkeypatch)

    assert len(slept) == retry.ATTEMPTS
    assert all(0 <= wait <= min(0.4, 0.01 * 2**number) for number, wait in enumerate(slept))


def test_two_functions_restored_of_one_snapshot_wait_differently(monkeypatch: pytest.MonkeyPatch) -> None:
    restored = random.getstate()
    first = waits(monkeypatch)
    random.setstate(restored)

    assert waits(monkeypatch) != first
