"""The asset of the function that serves the reference: the document, the page, and little else."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from infra.asset.bundling import FUNCTIONS, BundlingError
from infra.reference.document import document_text
from infra.reference.viewer import SHA256, viewer
from infra.settings import Stage

PAGE = Path(__file__).parent / "page"

MODULES = (
    "__init__.py",
    "reference/__init__.py",
    "reference/get_reference.py",
    "shared/__init__.py",
    "shared/address.py",
    "shared/cors.py",
    "shared/etags.py",
    "shared/settings.py",
    "shared/startup.py",
)
"""All that the function imports of ours; it imports nothing of others."""


def reference_code(stage: Stage) -> lambda_.Code:
    """The asset, made when the stack is. Without the viewer there is no asset but on an emulated stage."""
    return lambda_.Code.from_asset(
        str(PAGE),
        asset_hash_type=AssetHashType.CUSTOM,
        asset_hash=_content_hash(stage),
        bundling=BundlingOptions(image=DockerImage.from_registry("unused"), local=_Made(stage)),
    )


@jsii.implements(ILocalBundling)
class _Made:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def try_bundle(self, output_dir: str, *_args: Any, **_kwargs: Any) -> bool:
        if viewer() is None and not self._stage.emulated:
            raise BundlingError(
                "The viewer of the reference page could not be had; is the registry reachable?"
            )
        build_reference(Path(output_dir))
        return True


def build_reference(directory: Path) -> None:
    """Fill `directory` with what Lambda unpacks. Without the viewer the page says so."""
    for module in MODULES:
        (directory / "functions" / module).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FUNCTIONS / module, directory / "functions" / module)
    write_content(directory / "functions" / "reference" / "content")


def write_content(directory: Path) -> None:
    """Write the document, the page and the files it loads, each of those named by its hash."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "openapi.json").write_text(document_text(), encoding="utf-8")
    page = (PAGE / "page.html").read_text(encoding="utf-8")
    for name, content in _files():
        stem, _, suffix = name.rpartition(".")
        hashed = f"{stem}-{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"
        (directory / hashed).write_bytes(content)
        page = page.replace(f"docs/{name}", f"docs/{hashed}")
    (directory / "docs.html").write_text(page, encoding="utf-8")


def _files() -> Iterator[tuple[str, bytes]]:
    for name in ("page.css", "page.js"):
        yield name, (PAGE / name).read_bytes()
    if script := viewer():
        yield "viewer.js", script.read_bytes()


def _content_hash(stage: Stage) -> str:
    """Changes with whatever goes into the asset."""
    sources = [*(FUNCTIONS / module for module in MODULES), *sorted(PAGE.iterdir())]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources))
    digest.update(document_text().encode())
    digest.update((SHA256 if viewer() or not stage.emulated else "no viewer").encode())
    return digest.hexdigest()
