"""How far a chunk has come. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from functions.uploads.errors import RowError

Verdict = Literal["created", "updated", "unchanged", "failed"]
VERDICTS: Sequence[Verdict] = ("created", "updated", "unchanged", "failed")


_LETTERS: Mapping[Verdict, str] = {"created": "c", "updated": "u", "unchanged": "n", "failed": "f"}
_VERDICTS = {letter: verdict for verdict, letter in _LETTERS.items()}


@dataclass(frozen=True)
class Progress:
    """The verdicts on the first rows of a chunk, in their order, and the errors of those that failed.

    `completed` where the chunk is done with and counted.
    """

    verdicts: tuple[Verdict, ...] = ()
    errors: tuple[RowError, ...] = ()
    completed: bool = False

    def after(self, verdicts: Sequence[Verdict], errors: Sequence[RowError], *, of: int) -> "Progress":
        """How far it is with the next rows decided too, of so many in all."""
        all_verdicts = (*self.verdicts, *verdicts)
        return Progress(all_verdicts, (*self.errors, *errors), len(all_verdicts) == of)

    @property
    def letters(self) -> str:
        """The verdicts, a letter each."""
        return "".join(_LETTERS[verdict] for verdict in self.verdicts)

    def counts(self) -> dict[str, int]:
        """How many rows have which verdict."""
        return {verdict: self.verdicts.count(verdict) for verdict in VERDICTS}

    def to_item(self) -> dict[str, Any]:
        """The attributes it is stored as."""
        return {"verdicts": self.letters, "errors": list(self.errors), "completed": self.completed}

    @classmethod
    def from_item(cls, item: Mapping[str, Any] | None) -> "Progress":
        """What `to_item` made, none where nothing is stored yet."""
        if item is None:
            return cls()
        verdicts = tuple(_VERDICTS[letter] for letter in item["verdicts"])
        return cls(verdicts, tuple(item["errors"]), item["completed"])
