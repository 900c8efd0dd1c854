"""What is to be done for an import, as a message: divide its file, check a range of it, import a range."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from functions.shared import sqs
from functions.shared.sqs import Message

Step = Literal["split", "check", "rows"]


@dataclass(frozen=True)
class Task:
    """One step for the range `number` of an import; a `split` makes the ranges from this one on.

    Then `first` is the range's first row, and `start` the byte where it begins. `done` is how many chunks of
    a range were done with when it was put back.
    """

    tenant_id: str
    import_id: str
    step: Step
    number: int = 0
    first: int = 0
    start: int = 0
    done: int = 0

    def to_json(self) -> str:
        """The task as a message."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Task":
        """The task that `to_json` wrote, as JSON was parsed; its numbers may be text."""
        numbers = {name: int(content[name]) for name in ("number", "first", "start", "done")}
        return cls(**{**content, **numbers})


def send(tasks: Iterable[Task]) -> None:
    """Put every task into the queue, each at least once; a tenant's share of the workers is its own."""
    sqs.send_all("imports", [Message(task.to_json(), task.tenant_id) for task in tasks])
