"""The queue of exports: each message asks for the next part of a bucket, or for an export's last checks."""

from typing import Any

from functions.exports.export import Step
from functions.exports.writing import finish, write_next
from functions.shared import sqs
from functions.shared.errors import NotFoundError
from functions.shared.messages import ReceivedMessage, each_message
from functions.shared.sqs import Message
from functions.shared.startup import lambda_handler


@lambda_handler
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answers which messages have to come again."""
    return each_message(event, _work)


def _work(message: ReceivedMessage) -> None:
    step = Step.from_json(message.json())
    try:
        following = write_next(step) if step.bucket else finish(step)
    except NotFoundError:
        # The export was deleted: there is nothing to write any more.
        return
    sqs.send_all("exports", [Message(one.to_json(), one.tenant_id) for one in following])
