"""Start-up, calls and imports of the product, its peers and bare boto3, in interleaved fresh processes."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.asset.bundling import ROOT, Target, interpreter
from infra.queues import QUEUES, STREAM_FAILURES
from infra.reference.examples import NEW_CUSTOMER
from infra.tables import TABLES
from tests.api import CUSTOMERS, gateway_event
from tests.bench.builds import Build

PROGRAM = Path(__file__).with_name("program.py")

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "ap-southeast-2",
    "BUS_NAME": "customers",
    "POWERTOOLS_SERVICE_NAME": "customerservice",
    **{f"{table.name.upper()}_TABLE": table.name for table in TABLES},
    **{
        f"{queue.upper()}_QUEUE_URL": f"https://sqs.ap-southeast-2.amazonaws.com/123456789012/{queue}"
        for queue in (*(one.name for one in QUEUES), *STREAM_FAILURES)
    },
}


FLOOR = "boto3.client"
"""What every ratio is of: boto3's own client of DynamoDB, and its calls with default options."""

CALLS_A_LOT = 200
REQUESTS_A_LOT = 50


class Sample(tuple[float, ...]):
    """Figures of one thing."""

    @property
    def median(self) -> float:
        """The one in the middle."""
        return statistics.median(self)

    @property
    def spread(self) -> float:
        """Half of the distance between the quartiles."""
        lower, _, upper = statistics.quantiles(self, n=4)
        return (upper - lower) / 2


@dataclass(frozen=True)
class Measured:
    """CPU seconds of fresh processes, one a round, and the floor's of the same rounds."""

    seconds: Sample
    floor: Sample

    @property
    def ratio(self) -> Sample:
        """Round by round, so many times the floor."""
        return Sample(own / floor for own, floor in zip(self.seconds, self.floor, strict=True))


Results = Mapping[str, Measured]

BESIDE = 4
"""How many start in turn with one floor: a machine is another one half a minute later."""


def starts(builds: Sequence[Build], handlers: Sequence[str], target: Target, *, rounds: int) -> Results:
    """CPU seconds from the first import to a function that is ready, by what starts; `FLOOR` is one of them.

    Of the product every handler starts, each peer is one function for both operations.
    """
    own, floor, *peers = builds
    lowest = {FLOOR: {"path": [str(floor.path)], "start": floor.create}}
    jobs = {handler: {"path": [str(own.path)], "start": f"functions.{handler}"} for handler in handlers}
    jobs |= {peer.name: {"path": [str(peer.path)], "start": peer.create} for peer in peers}
    found: dict[str, Measured] = {}
    for first in range(0, len(jobs), BESIDE):
        some = dict(list(jobs.items())[first : first + BESIDE])
        found |= _interleaved(lowest | some, target, rounds)["start"]
    return found


def calls(builds: Sequence[Build], target: Target, *, rounds: int) -> dict[str, Results]:
    """CPU seconds of a warm create and get, by call and build; `FLOOR` is what the product asks of boto3."""
    own, floor, *peers = builds
    # botocore as boto3 has it comes first: ours is trimmed.
    jobs = {FLOOR: _calls([floor, own], own, bare=True)}
    jobs |= {build.name: _calls([build], build) for build in (own, *peers)}
    return _interleaved(jobs, target, rounds)


def requests(builds: Sequence[Build], target: Target, *, rounds: int) -> Mapping[str, Sample]:
    """CPU of the product's warm requests, by what they do, as so many times the calls they make by boto3."""
    own, floor, *_ = builds
    replays = json.loads(_printed([sys.executable, "-m", "tests.bench.warm_requests"], ROOT))
    asked = {"replays": replays, "rounds": REQUESTS_A_LOT}
    jobs = {
        FLOOR: {"path": [str(floor.path)], "floor": True, **asked},
        own.name: {"path": [str(own.path)], "floor": False, **asked},
    }
    found = _interleaved(jobs, target, rounds)
    return {title: by_side[own.name].ratio for title, by_side in found.items()}


def imports(builds: Sequence[Build], target: Target) -> Mapping[str, Sequence[Mapping[str, float]]]:
    """The import worker's runs, by what the rows are (`import_program`)."""
    command = [str(interpreter(target)), "-P", "-m", "tests.bench.import_program"]
    found: dict[str, list[dict[str, float]]] = json.loads(_printed(command, builds[0].path))
    return found


def _printed(command: Sequence[str], first: Path) -> str:
    """What a program prints that imports from `first` and then from this repository."""
    quiet = {"POWERTOOLS_LOG_LEVEL": "ERROR", "PYTHONPATH": f"{first}{os.pathsep}{ROOT}"}
    return _run(command, ENVIRONMENT | quiet)


def _calls(beside: Sequence[Build], build: Build, *, bare: bool = False) -> dict[str, Any]:
    events = {
        "create": gateway_event("POST", CUSTOMERS, text=json.dumps(NEW_CUSTOMER)),
        "get": gateway_event("GET", f"{CUSTOMERS}/{{id}}"),
    }
    return {
        "path": [str(one.path) for one in beside],
        "create": build.create,
        "get": build.get,
        "events": events,
        "rounds": CALLS_A_LOT,
        "floor": bare,
    }


def _interleaved(jobs: Mapping[str, Mapping[str, Any]], target: Target, rounds: int) -> dict[str, Results]:
    """The jobs in turn, each in a fresh process, so that a noisy minute meets all of them."""
    found: dict[str, dict[str, list[float]]] = {}
    for _ in range(rounds):
        for name, job in jobs.items():
            for what, seconds in _measure(job, target).items():
                found.setdefault(what, {}).setdefault(name, []).append(seconds)
    return {
        what: {name: Measured(Sample(seconds), Sample(by_name[FLOOR])) for name, seconds in by_name.items()}
        for what, by_name in found.items()
    }


def _measure(job: Mapping[str, Any], target: Target) -> dict[str, float]:
    command = [str(interpreter(target)), "-I", "-S", str(PROGRAM)]
    answer: dict[str, float] = json.loads(_run(command, ENVIRONMENT, json.dumps(job)))
    return answer


def _run(command: Sequence[str], environment: Mapping[str, str], stdin: str = "") -> str:
    done = subprocess.run(
        command,
        input=stdin,
        env={**environment, "PATH": os.environ["PATH"]},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout
