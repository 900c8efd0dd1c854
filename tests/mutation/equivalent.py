"""The mutants that no test can notice, each with its reason: `equivalent.toml`."""

import tomllib
from pathlib import Path

EQUIVALENT: list[dict[str, str]] = tomllib.loads(Path(__file__).with_name("equivalent.toml").read_text()).get(
    "mutant", []
)
