"""Would the tests notice? `uv run python -m tests.mutation notes.store shared.etags --sample 20 --seed 7`."""

import argparse
import os
import sys

import pytest
from hypothesis import Phase, settings

from tests.mutation.trial import Trial

ROOMS = {
    "auth": ("auth",),
    "customers": ("customers", "uploads"),
    "exports": ("exports", "erasure"),
    "imports": ("imports",),
    "notes": ("notes", "erasure"),
    "orders": ("orders", "erasure"),
    "shared": (
        "shared",
        "auth",
        "every_route/test_requests.py",
        "every_route/test_bodies.py",
        "every_route/test_queries.py",
        "notes",
        "customers",
    ),
    "uploads": ("uploads",),
}
"""The tests of a room, in the order in which they are run."""


def main() -> int:
    """Print what the tests did not notice, and the score; 1 where anything was not noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="+", help="below functions, `notes.store`")
    parser.add_argument("--sample", type=int, help="so many mutants of each module; all where not said")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60, help="of tests for a mutant that goes unnoticed")
    asked = parser.parse_args()
    names = dict.fromkeys(room for module in asked.modules for room in ROOMS[module.partition(".")[0]])
    rooms = [f"tests/{room}" for room in names]
    # The same mutant has the same verdict each time, and nobody reads its smallest example.
    settings.register_profile(
        "mutants", derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
    )
    settings.load_profile("mutants")
    # What the tests and pytest say is nobody's to read.
    out = os.fdopen(os.dup(1), "w")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    trial = Trial(asked.modules, rooms, asked.sample, asked.seed, asked.seconds, out)
    options = ["-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider", "--timeout", "60"]
    ended = pytest.main([*options, *rooms], plugins=[trial])
    return int(ended) or int(trial.unnoticed > 0)


if __name__ == "__main__":
    sys.exit(main())
