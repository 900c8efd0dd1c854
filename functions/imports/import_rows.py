"""The queue of imports: files that have come, parts of them, and chunks of bulk uploads.

What takes longer than its share goes back to the queue, behind what others have there.
"""

import time
from typing import Any

from functions.imports import files, importing, splitting
from functions.imports.tasks import Task
from functions.shared import clock
from functions.shared.messages import ReceivedMessage, each_message
from functions.shared.startup import lambda_handler
from functions.uploads.chunk import Chunk
from functions.uploads.importer import import_chunk

THREADS = 10
"""Messages at once, all that a batch has: each mostly waits for DynamoDB. botocore's pool is as wide."""

SLICE_SECONDS = 20
"""How long a batch of messages works on files, of the minute that it has."""


@lambda_handler
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answers which messages have to come again."""
    until = time.monotonic() + SLICE_SECONDS
    return each_message(event, lambda message: _work(message, until), threads=THREADS)


def _work(message: ReceivedMessage, until: float) -> None:
    content = message.json()
    if "detail-type" in content:
        _begin(content["detail"])
    elif "step" in content:
        _go_on(Task.from_json(content), until)
    else:
        chunk = Chunk.from_json(content)
        import_chunk(chunk, now=clock.timestamp(clock.now()), untouched=message.receives == 1)


def _begin(detail: dict[str, Any]) -> None:
    """S3 says that a file has come (AWS: EventBridge, Object Created)."""
    found = files.named_in(detail["object"]["key"])
    if found:
        splitting.begin(*found, size=int(detail["object"]["size"]), etag=detail["object"]["etag"])


def _go_on(task: Task, until: float) -> None:
    if task.step == "split":
        splitting.split(task, until)
    elif task.step == "check":
        importing.check_range(task)
    else:
        importing.import_range(task, until)
