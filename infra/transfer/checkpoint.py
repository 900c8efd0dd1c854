"""Which import or export a file is of, in a small file beside it: a second run goes on where one stopped.

How far that has come the API knows. It holds nothing of the customers, and no address that is signed.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from infra.whole_file import whole_file

SUFFIX = ".checkpoint.json"


def fingerprint(*asked: Any, path: Path | None = None) -> str:
    """SHA-256 of what is asked, and of a file's bytes: what has the same is one import or export."""
    told = hashlib.sha256(json.dumps(asked, sort_keys=True).encode())
    if path is not None:
        with path.open("rb") as file:
            hashlib.file_digest(file, lambda: told)
    return told.hexdigest()


@dataclass
class Checkpoint:
    """What has begun: its `Idempotency-Key`, and its `id` once the API has given one."""

    file: Path
    fingerprint: str
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    id: str | None = None

    @classmethod
    def beside(cls, path: Path, fingerprint: str) -> Self:
        """What a run before has kept of the very same, else a new beginning."""
        file = path.with_name(path.name + SUFFIX)
        try:
            kept = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            kept = {}
        if isinstance(kept, Mapping) and kept.get("fingerprint") == fingerprint:
            return cls(file, **kept)
        return cls(file, fingerprint)

    def anew(self) -> "Checkpoint":
        """A new beginning of the same."""
        return Checkpoint(self.file, self.fingerprint)

    @property
    def begun(self) -> bool:
        """Whether the API knows of it."""
        return self.id is not None

    def begin(self, ask: Callable[[str], str]) -> None:
        """Have the API begin it: `ask` sends a key, and returns the id that the API gives."""
        # Before it is asked for, so that whoever stops here finds the same one.
        self.keep()
        self.id = ask(self.key)
        self.keep()

    def keep(self) -> None:
        """Write it down, whole or not at all."""
        said = asdict(self)
        del said["file"]
        with whole_file(self.file) as file:
            file.write(json.dumps(said, indent=2).encode())

    def forget(self) -> None:
        """Nothing is left to go on with."""
        self.file.unlink(missing_ok=True)
