"""Mutants are tried in forks of a process that has imported everything and has run the tests once."""

import importlib
import multiprocessing
import os
import random
import resource
import sys
import time
from collections import Counter
from itertools import accumulate
from multiprocessing.connection import Connection
from typing import TextIO

import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.loaded import REACHED, Loaded
from tests.mutation.mutants import Mutant, mutants

MEMORY = 6 * 2**30
"""Bytes: a mutant that gathers without end is stopped by what it may take."""

_FORK = multiprocessing.get_context("fork")


class Trial:
    """The plugin of pytest that tries mutants where the tests would be run."""

    def __init__(
        self, modules: list[str], rooms: list[str], sample: int | None, seed: int, most: float, out: TextIO
    ) -> None:
        self.modules, self.rooms, self.sample, self.seed = modules, rooms, sample, seed
        self.most, self.out = most, out
        self.unnoticed = 0
        self.items: dict[str, pytest.Item] = {}
        self.seconds: dict[str, float] = {}
        self.tests_of: dict[str, list[str]] = {}
        self.noticed_by: Counter[str] = Counter()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests once as they are, then those that reach a mutant until one fails."""
        self.items = {item.nodeid: item for item in session.items}
        loaded = [Loaded(importlib.import_module(f"functions.{name}")) for name in self.modules]
        self._run_once(loaded)
        for one in loaded:
            self._try(one)
        return True

    def _run_once(self, loaded: list[Loaded]) -> None:
        for one in loaded:
            one.run(one.recording())
        started = time.monotonic()
        for nodeid, item in self.items.items():
            REACHED.clear()
            begun = time.process_time()
            if not _passes(item):
                raise pytest.UsageError(f"{nodeid} fails without a mutant")
            self.seconds[nodeid] = time.process_time() - begun
            for function in REACHED:
                self.tests_of.setdefault(function, []).append(nodeid)
        for one in loaded:
            one.run(one.parsed)
        self._print(f"{len(self.items)} tests in {time.monotonic() - started:.0f} s")

    def _try(self, module: Loaded) -> None:
        name = module.module.__name__.removeprefix("functions.")
        known = {(one["line"], one["change"]) for one in EQUIVALENT if one["module"] == name}
        found = list(mutants(module.source))
        chosen = random.Random(self.seed).sample(found, min(self.sample or len(found), len(found)))
        verdicts: Counter[str] = Counter()
        started = time.monotonic()
        for mutant in sorted(chosen, key=lambda one: one.line):
            verdict = self._verdict(module, mutant)
            if verdict == "not noticed" and (mutant.text, mutant.change) in known:
                verdict = "equivalent"
            verdicts[verdict] += 1
            if verdict == "not noticed":
                self._print(f"not noticed: {name}:{mutant.line} {mutant.text}\n    {mutant.change}")
        self.unnoticed += verdicts["not noticed"]
        said = ", ".join(f"{many} {verdict}" for verdict, many in sorted(verdicts.items()))
        self._print(f"{name}: {said}, of {len(found)}, in {time.monotonic() - started:.0f} s")

    def _verdict(self, module: Loaded, mutant: Mutant) -> str:
        reached = self.tests_of.get(f"{module.module.__name__}:{mutant.function}", [])
        # What a module defines may matter to any test.
        soon = sorted(reached if mutant.function else self.items, key=self._soon)
        taken = accumulate(self.seconds[test] for test in soon)
        tests = [test for test, so_far in zip(soon, taken, strict=True) if so_far <= self.most]
        # What does not end ends by the time of the processor that it takes; what only waits, by this.
        seconds = 60 + 20 * sum(self.seconds[test] for test in tests)
        receiver, sender = _FORK.Pipe(duplex=False)
        child = _FORK.Process(target=self._fork, args=(module, mutant, tests, sender))
        child.start()
        sender.close()
        try:
            answer = receiver.recv() if receiver.poll(seconds) else "it does not end"
        except EOFError:
            answer = "it ends the process"
        child.kill()
        child.join()
        if answer in self.items:
            self.noticed_by[answer] += 1
        return answer if answer in ("not noticed", "not tried") else "noticed"

    def _soon(self, test: str) -> tuple[int, int, float]:
        """What noticed most so far, then the tests of the room, the short ones first."""
        room = next(at for at, room in enumerate(self.rooms) if test.startswith(room))
        return -self.noticed_by[test], room, self.seconds[test]

    def _fork(self, module: Loaded, mutant: Mutant, tests: list[str], sender: Connection) -> None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115  of a process that ends soon
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        seconds = int(30 + 3 * sum(self.seconds[test] for test in tests))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        # Where it cannot even be imported the process ends.
        if not (module.run(mutant.tree) if mutant.function else module.define(mutant.tree)):
            sender.send("not tried")
            return
        sender.send(next((test for test in tests if not _passes(self.items[test])), "not noticed"))

    def _print(self, line: str) -> None:
        print(line, file=self.out, flush=True)


def _passes(item: pytest.Item) -> bool:
    return not any(report.failed for report in runtestprotocol(item, log=False))
