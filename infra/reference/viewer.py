"""What draws the reference page: Scalar's API reference (MIT), from a pinned package with a checked hash.

Of the viewers tried with this document (Swagger UI, RapiDoc and Scalar) it is the one that shows
guides and operations as one text with one navigation, sends requests from the page, fits a phone, and has
no serious accessibility fault that a few lines of our own style cannot mend. It comes from a package of the
registry that everything else comes from, so no other tool has to be there to build the page.
"""

import hashlib
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import uv

ROOT = Path(__file__).parents[2]
REQUIREMENT = Path(__file__).parent / "viewer.txt"
SCRIPT = "flask_openapi_scalar/templates/scalar/js/scalar.standalone.js"
SHA256 = "dcb027152bf20bf2f6dcd66e8f9fb073c1a9e274cf0b94b939a7d99ab8947060"

KEPT = ROOT / ".local" / "viewer" / f"{SHA256[:16]}.js"


@cache
def viewer() -> Path | None:
    """The viewer's script, kept from an earlier run or fetched now; None where it cannot be had."""
    if KEPT.exists() and _is_right(KEPT):
        return KEPT
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory) / SCRIPT
        if not _installed(Path(directory)) or not _is_right(script):
            return None
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        fresh = KEPT.with_name(f"{Path(directory).name}.new")
        shutil.copyfile(script, fresh)
        fresh.replace(KEPT)
    return KEPT


def _is_right(script: Path) -> bool:
    return hashlib.sha256(script.read_bytes()).hexdigest() == SHA256


def _installed(directory: Path) -> bool:
    command = [uv.find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--target", str(directory), "--requirements", str(REQUIREMENT)]
    # From uv's cache where it is there, for then no network is needed.
    return any(
        subprocess.run([*command, *more], capture_output=True, check=False).returncode == 0
        for more in (["--offline"], [])
    )
