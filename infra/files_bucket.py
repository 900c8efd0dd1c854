"""The bucket of files, and the rule that tells the worker of a file to import."""

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.imports.progress import SENT_FILE
from infra.files import FOLDERS, IMPORTED, UNFINISHED_DAYS
from infra.retention import removal_policy
from infra.settings import Stage

CORS_SECONDS = 3600
"""How long a browser remembers what the bucket allows."""


def files_bucket(scope: Construct, stage: Stage) -> s3.Bucket:
    """The bucket, which tells the default bus of a new file."""
    bucket = s3.Bucket(
        scope,
        "Files",
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        # The emulator has no TLS.
        enforce_ssl=not stage.emulated,
        # What is deleted is gone: an older version would keep a deleted customer.
        versioned=False,
        lifecycle_rules=[
            *(
                s3.LifecycleRule(
                    id=folder.name, prefix=folder.prefix, expiration=Duration.days(folder.kept_days)
                )
                for folder in FOLDERS
            ),
            s3.LifecycleRule(
                id="unfinished",
                abort_incomplete_multipart_upload_after=Duration.days(UNFINISHED_DAYS),
            ),
        ],
        # As the API's own: a browser with a signed address may come from anywhere.
        cors=[
            s3.CorsRule(
                allowed_methods=[s3.HttpMethods.GET, s3.HttpMethods.POST, s3.HttpMethods.PUT],
                allowed_origins=["*"],
                allowed_headers=["*"],
                exposed_headers=["ETag"],
                max_age=CORS_SECONDS,
            )
        ],
        removal_policy=removal_policy(stage),
    )
    _notify_default_bus(bucket)
    Validations.of(bucket).acknowledge(
        Acknowledgment(
            id="AwsSolutions-S1",
            reason="Server access logs hold whole addresses, and a signed one is as good as a key while "
            "it lasts. Each is given out by an endpoint whose access log has the request.",
        )
    )
    return bucket


def files_rule(
    scope: Construct, bucket: s3.Bucket, queue: sqs.IQueue, *, dead_letters: sqs.IQueue
) -> events.Rule:
    """A notification straight to the queue would need the bucket before the queue's policy, and after."""
    return events.Rule(
        scope,
        "FileRule",
        description="Files to import that have come, to the worker that imports them",
        event_pattern=events.EventPattern(
            source=["aws.s3"],
            detail_type=["Object Created"],
            detail={
                "bucket": {"name": [bucket.bucket_name]},
                "object": {"key": [{"wildcard": f"{IMPORTED.prefix}*/{SENT_FILE}"}]},
            },
        ),
        targets=[targets.SqsQueue(queue, dead_letter_queue=dead_letters)],
    )


def _notify_default_bus(bucket: s3.Bucket) -> None:
    """CDK's own setting takes a function of its own to make."""
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)  # noqa: S101  what the construct is made of
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )
