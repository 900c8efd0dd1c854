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
    longest = [pause.seconds for pause in retry.pauses()]

    assert longest == pytest.approx([0.01, 0.02, 0.04, 0.08, 0.16, 0.32, *[0.4] * 6])
    assert all(0 <= wait <= most for wait, most in zip(waits(monkeypatch), longest, strict=True))


def test_two_functions_restored_of_one_snapshot_wait_differently(monkeypatch: pytest.MonkeyPatch) -> None:
    restored = random.getstate()
    first = waits(monkeypatch)
    random.setstate(restored)

    assert waits(monkeypatch) != first
