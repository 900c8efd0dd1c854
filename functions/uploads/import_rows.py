"""The queue of bulk uploads: each message is a chunk of rows, each row becomes one customer."""

from typing import Any

from functions.shared import clock
from functions.shared.messages import ReceivedMessage, each_message
from functions.shared.startup import lambda_handler
from functions.uploads import store
from functions.uploads.upload import Chunk

THREADS = 4
"""Messages at once: each mostly waits for DynamoDB."""


@lambda_handler
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answers which messages have to come again."""
    return each_message(event, _import, threads=THREADS)


def _import(message: ReceivedMessage) -> None:
    store.import_chunk(Chunk.from_json(message.json()), now=clock.timestamp(clock.now()))
