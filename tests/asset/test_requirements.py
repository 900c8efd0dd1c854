"""What ships to Lambda is what the tests ran with."""

import importlib.metadata
import re
import tomllib

from infra.asset.bundling import REQUIREMENTS
from infra.local.assembly import ROOT

NOT_SHIPPED = {"boto3", "s3transfer"}
"""The functions make their clients with botocore alone."""


def shipped() -> dict[str, str]:
    """Version by name of what functions/requirements.txt lists."""
    return dict(re.findall(r"^([\w-]+)==(\S+) \\$", REQUIREMENTS.read_text(), re.MULTILINE))


def normalized(name: str) -> str:
    """A distribution's name as packaging compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_requirement_has_hashes() -> None:
    blocks = re.split(r"\n(?=\S)", REQUIREMENTS.read_text().strip())
    assert blocks
    assert not [block for block in blocks if "==" not in block or "--hash=sha256:" not in block]


def test_the_direct_dependencies_ship_in_the_version_pyproject_pins() -> None:
    pins = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    wanted = {name: version for name, version in (pin.split("==") for pin in pins) if name not in NOT_SHIPPED}
    assert wanted.items() <= shipped().items()


def test_everything_ships_in_the_version_that_is_installed_here() -> None:
    assert shipped() == {name: importlib.metadata.version(name) for name in shipped()}


def test_nothing_a_shipped_library_needs_is_missing() -> None:
    needed = {
        normalized(re.split(r"[^\w.-]", requirement, maxsplit=1)[0])
        for name in shipped()
        for requirement in importlib.metadata.requires(name) or ()
        if "extra ==" not in requirement
    }
    assert needed - NOT_SHIPPED - {normalized(name) for name in shipped()} == set()


def test_boto3_does_not_ship() -> None:
    assert not NOT_SHIPPED & shipped().keys()
