"""How far a chunk has come. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from functions.uploads.errors import RowError

Verdict = Literal["created", "updated", "unchanged", "failed"]
VERDICTS: Sequence[Verdict] = ("created", "updated", "unchanged", "failed")


@dataclass(frozen=True)
class Decision:
    """What becomes of a row: its verdict, why it failed, at most how many writes of how much it takes."""

    verdict: Verdict
    error: RowError | None = None
    writes: int = 0
    bytes: int = 0


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

    def after(self, decisions: Sequence[Decision], *, of: int) -> "Progress":
        """How far it is with the next rows decided too, of so many in all."""
        verdicts = (*self.verdicts, *(decision.verdict for decision in decisions))
        errors = [decision.error for decision in decisions if decision.error is not None]
        return Progress(verdicts, (*self.errors, *errors), len(verdicts) == of)

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
