"""What an upload may be asked to do with its rows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from functions.shared.errors import FieldError, InvalidRequestError
from functions.shared.text import trimmed
from functions.uploads.chunk import MATCHES, Mode

NAMES = ("mode", "matchBy", "partial", "dryRun")
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True)
class Options:
    """How an upload treats its rows.

    `mode`: `create` makes a customer of each, `update` changes the one it names as a PUT does, `upsert`
    creates where it finds none. `match_by` is the field that names the customers, None for the first of id,
    customerRef and email that finds one. With `partial` the good rows are queued though others are bad; with
    `dry_run` the report says what would become of the rows, and nothing does.
    """

    mode: Mode = "create"
    match_by: str | None = None
    partial: bool = False
    dry_run: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Options":
        """What `mode`, `matchBy`, `partial` and `dryRun` say; blank is not given.

        Raises InvalidRequestError that names each wrong one.
        """
        values = {name: trimmed(str(given.get(name, ""))) for name in NAMES}
        allowed = {"mode": MODES, "matchBy": MATCHES, "partial": _BOOLEANS, "dryRun": _BOOLEANS}
        errors = [
            FieldError(name, f"must be one of {', '.join(allowed[name])}")
            for name, value in values.items()
            if value and value not in allowed[name]
        ]
        mode: Mode = next((mode for mode in MODES if mode == values["mode"]), "create")
        if not errors and values["matchBy"] and mode == "create":
            errors = [FieldError("matchBy", "needs the mode update or upsert: a create looks for nobody")]
        if errors:
            raise InvalidRequestError("Some parameters are not valid", errors)
        return cls(mode, values["matchBy"] or None, values["partial"] == "true", values["dryRun"] == "true")

    @property
    def asked(self) -> dict[str, Any]:
        """What differs from an upload that only creates, by the names of the API."""
        values = {
            "mode": self.mode,
            "matchBy": self.match_by,
            "partial": self.partial,
            "dryRun": self.dry_run,
        }
        return {name: value for name, value in values.items() if value not in {None, False, "create"}}


_BOOLEANS = ("true", "false")
