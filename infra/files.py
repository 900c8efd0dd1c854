"""What lies in the bucket of files. The stacks and the tests build from this."""

from dataclasses import dataclass

from functions.exports.export import KEPT_DAYS
from functions.imports.progress import FOLDER


@dataclass(frozen=True)
class Folder:
    """The files below one prefix of the bucket: granted by themselves, deleted after `kept_days`."""

    name: str
    kept_days: int

    @property
    def resource(self) -> str:
        """Its name among the resources a function can be granted."""
        return f"files.{self.name}"

    @property
    def prefix(self) -> str:
        """How the keys of its files begin."""
        return f"{self.name}/"


IMPORTED = Folder(FOLDER, kept_days=7)
EXPORTED = Folder("exports", kept_days=KEPT_DAYS)

FOLDERS = (IMPORTED, EXPORTED)

UNFINISHED_DAYS = 1
"""When the parts of a multipart upload that nobody completed go."""
