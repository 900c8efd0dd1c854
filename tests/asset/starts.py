"""How functions start: each in a fork of a process that has botocore, which all but one of them load."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROGRAM = """
import gc, importlib, json, os, sys, traceback
sys.path[:0] = filter(None, [sys.argv[1]])
import botocore.client, botocore.session
for handler in sys.argv[2:]:
    if os.fork():
        os.wait()
        continue
    try:
        events = []
        sys.addaudithook(lambda event, _: events.append(event) if event == "socket.connect" else None)
        importlib.import_module(f"functions.{handler}")
        print(json.dumps([handler, [*sys.modules], gc.isenabled(), bool(events)]), flush=True)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)
"""


@dataclass(frozen=True)
class Started:
    """A function after its start."""

    modules: frozenset[str]
    collects_garbage: bool
    has_connected: bool


def started(handlers: Iterable[str], asset: Path | None = None) -> dict[str, Started]:
    """Each function by its handler, from the sources or with nothing but an asset; all of them start."""
    alone = ["-I", "-S"] if asset else []
    command = [sys.executable, *alone, "-c", PROGRAM, str(asset or ""), *handlers]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    assert run.stderr == ""
    lines = map(json.loads, run.stdout.splitlines())
    return {handler: Started(frozenset(modules), *state) for handler, modules, *state in lines}
