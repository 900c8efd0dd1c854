"""Files that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

EVERYBODY = 0o666
"""Less what the user's umask takes away."""

OWNER_ALONE = 0o600


@contextmanager
def whole_file(path: Path, *, mode: int = EVERYBODY) -> Iterator[BinaryIO]:
    """A file beside `path` that takes its place in the end; where that does not come, it goes."""
    scratch = path.with_name(f"{path.name}.new")
    scratch.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            yield file
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
