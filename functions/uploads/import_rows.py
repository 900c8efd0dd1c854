"""The queue of bulk uploads: each message is a chunk of rows, which create customers or change them."""

from typing import Any

from functions.shared import clock
from functions.shared.messages import ReceivedMessage, each_message
from functions.shared.startup import lambda_handler
from functions.uploads.chunk import Chunk
from functions.uploads.importer import import_chunk

THREADS = 10
"""Messages at once, all that a batch has: each mostly waits for DynamoDB. botocore's pool is as wide."""


@lambda_handler
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answers which messages have to come again."""
    return each_message(event, _import, threads=THREADS)


def _import(message: ReceivedMessage) -> None:
    import_chunk(Chunk.from_json(message.json()), now=clock.timestamp(clock.now()))
