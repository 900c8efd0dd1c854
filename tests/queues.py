"""The service's queues in moto, from the same list the stack is built from."""

import json

import boto3

from infra.queues import QUEUES, STREAM_FAILURES


def create_queues() -> None:
    """Create every queue of `infra/queues.py`, its dead-letter queue behind it."""
    sqs = boto3.client("sqs")
    for name in STREAM_FAILURES:
        sqs.create_queue(QueueName=name)
    for queue in QUEUES:
        dead = sqs.create_queue(QueueName=queue.dead_letters)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": queue.max_receives})
        sqs.create_queue(
            QueueName=queue.name, Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "0"}
        )
