"""Tables and queues are deployed as they are listed, and what is in prod cannot be lost by a deploy."""

from typing import Any

import pytest

from infra.queues import GIVEN_UP, QUEUES, Queue
from infra.settings import STAGES
from infra.tables import TABLES, Table
from tests.infra.templates import Properties, policies, resources, template

KIND = "AWS::DynamoDB::GlobalTable"


def deployed(stage: str, table: Table) -> Properties:
    """The deployed table."""
    (found,) = [
        properties
        for name, properties in resources(stage, "data", KIND).items()
        if name.startswith(table.name.capitalize())
    ]
    return found


def keys(schema: list[dict[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Partition and sort key of a key schema."""
    return (
        tuple(one["AttributeName"] for one in schema if one["KeyType"] == "HASH"),
        tuple(one["AttributeName"] for one in schema if one["KeyType"] == "RANGE"),
    )


def test_the_stack_has_the_listed_tables_and_no_others(stage: str) -> None:
    assert len(resources(stage, "data", KIND)) == len(TABLES)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_has_its_keys_stream_and_time_to_live(stage: str, table: Table) -> None:
    found = deployed(stage, table)
    assert keys(found["KeySchema"]) == ((table.partition,), (table.sort,) if table.sort else ())
    assert found["BillingMode"] == "PAY_PER_REQUEST"
    assert found.get("StreamSpecification", {}).get("StreamViewType") == (
        "NEW_AND_OLD_IMAGES" if table.stream else None
    )
    assert found.get("TimeToLiveSpecification", {}).get("AttributeName") == table.ttl


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_index_has_its_keys_and_projects_no_more_than_it_must(stage: str, table: Table) -> None:
    indexes: dict[str, Any] = {
        index["IndexName"]: index for index in deployed(stage, table).get("GlobalSecondaryIndexes", [])
    }
    assert indexes.keys() == {index.name for index in table.indexes}
    for index in table.indexes:
        assert keys(indexes[index.name]["KeySchema"]) == (index.partition, index.sort)
        projection = indexes[index.name]["Projection"]
        assert projection["ProjectionType"] == ("INCLUDE" if index.include else "KEYS_ONLY")
        assert tuple(projection.get("NonKeyAttributes", ())) == index.include


def test_prod_keeps_protects_and_backs_up_every_table() -> None:
    assert policies("prod", "data", KIND) == {("RetainExceptOnCreate", "Retain")}
    for table in TABLES:
        (replica,) = deployed("prod", table)["Replicas"]
        assert replica["DeletionProtectionEnabled"] is True, table.name
        assert replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True, table.name


def test_prod_keeps_its_logs_when_the_stack_goes() -> None:
    assert policies("prod", "service", "AWS::Logs::LogGroup") == {("RetainExceptOnCreate", "Retain")}


@pytest.mark.parametrize("stage", [name for name, stage in STAGES.items() if not stage.durable])
def test_other_stages_leave_nothing_behind(stage: str) -> None:
    assert policies(stage, "data", KIND) == {("Delete", "Delete")}
    assert policies(stage, "service", "AWS::Logs::LogGroup") == {("Delete", "Delete")}


def test_no_table_has_a_name_that_a_replacement_would_collide_with(stage: str) -> None:
    assert not [one for one in resources(stage, "data", KIND).values() if "TableName" in one]


def queue(stage: str, name: str) -> Properties:
    """A deployed queue by its name in `infra/queues.py`."""
    prefix = "".join(word.capitalize() for word in f"{name}_queue".split("_"))
    (found,) = [
        properties
        for logical_id, properties in resources(stage, "data", "AWS::SQS::Queue").items()
        if logical_id[:-8] == prefix
    ]
    return found


@pytest.mark.parametrize("work", QUEUES, ids=lambda work: work.name)
def test_a_queue_waits_longer_than_its_worker_works_and_gives_up_into_its_dead_letters(
    stage: str, work: Queue
) -> None:
    found = queue(stage, work.name)
    assert found["VisibilityTimeout"] >= work.worker_seconds * STAGES[stage].retry_after_timeouts
    assert found["RedrivePolicy"]["maxReceiveCount"] == work.max_receives
    (dead_letters, _) = found["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"]
    assert resources(stage, "data", "AWS::SQS::Queue")[dead_letters] == queue(stage, work.dead_letters)


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_aws_gives_a_failed_message_six_times_the_workers_time_as_it_advises(stage: str) -> None:
    for work in QUEUES:
        assert queue(stage, work.name)["VisibilityTimeout"] == 6 * work.worker_seconds


def test_every_queue_is_encrypted_and_keeps_what_it_holds_as_long_as_it_can(stage: str) -> None:
    queues = resources(stage, "data", "AWS::SQS::Queue").values()
    assert len(queues) == len(QUEUES) + len(GIVEN_UP)
    for found in queues:
        assert found["SqsManagedSseEnabled"] is True
        assert found["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_prod_keeps_its_queues() -> None:
    assert policies("prod", "data", "AWS::SQS::Queue") == {("RetainExceptOnCreate", "Retain")}


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_queues_are_reached_over_tls_alone(stage: str) -> None:
    secured = {
        str(queue_reference)
        for policy in resources(stage, "data", "AWS::SQS::QueuePolicy").values()
        for queue_reference in policy["Queues"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    assert secured == {str({"Ref": name}) for name in resources(stage, "data", "AWS::SQS::Queue")}


def bucket(stage: str) -> Properties:
    """The bucket of files."""
    (found,) = resources(stage, "data", "AWS::S3::Bucket").values()
    return found


def test_files_are_encrypted_closed_to_the_public_and_gone_after_a_week(stage: str) -> None:
    found = bucket(stage)
    (encryption,) = found["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert set(found["PublicAccessBlockConfiguration"].values()) == {True}
    assert found["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    # What is deleted is gone: no version of it stays.
    assert "VersioningConfiguration" not in found
    rules = {rule["Id"]: rule for rule in found["LifecycleConfiguration"]["Rules"]}
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}
    assert {(one["Prefix"], one["ExpirationInDays"]) for one in rules.values() if "Prefix" in one} == {
        ("imports/", 7),
        ("exports/", 7),
    }
    assert rules["unfinished"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_a_page_of_any_origin_sends_and_reads_files_by_a_signed_address(stage: str) -> None:
    (rule,) = bucket(stage)["CorsConfiguration"]["CorsRules"]
    assert set(rule["AllowedMethods"]) == {"GET", "POST", "PUT"}
    assert (rule["AllowedOrigins"], rule["ExposedHeaders"]) == (["*"], ["ETag"])


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_files_are_reached_over_tls_alone(stage: str) -> None:
    (policy,) = resources(stage, "data", "AWS::S3::BucketPolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_prod_keeps_its_files() -> None:
    assert policies("prod", "data", "AWS::S3::Bucket") == {("RetainExceptOnCreate", "Retain")}


def test_orders_on_the_bus_reach_their_queue_and_what_cannot_reach_it_its_dead_letters(stage: str) -> None:
    (bus_id,) = resources(stage, "data", "AWS::Events::EventBus")
    rules = resources(stage, "data", "AWS::Events::Rule").values()
    (rule,) = (one for one in rules if one.get("EventBusName") == {"Ref": bus_id})
    assert rule["EventPattern"] == {
        "source": list(STAGES[stage].order_sources),
        "detail-type": ["OrderPlaced", "OrderUpdated"],
    }
    (target,) = rule["Targets"]
    assert target["Arn"]["Fn::GetAtt"][0].startswith("OrdersQueue")
    assert target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0].startswith("OrdersDeadLettersQueue")
    assert "InputTransformer" not in target


def test_whatever_a_function_can_be_granted_is_exported_whether_or_not_one_is(stage: str) -> None:
    exported = {
        str(output["Value"]) for output in template(stage, "data")["Outputs"].values() if "Export" in output
    }
    for kind, attributes in (
        ("AWS::DynamoDB::GlobalTable", ("Arn",)),
        ("AWS::SQS::Queue", ("Arn", "QueueName")),
        ("AWS::S3::Bucket", ("Arn",)),
        ("AWS::Events::EventBus", ("Arn",)),
    ):
        for name in resources(stage, "data", kind):
            wanted = [{"Ref": name}, *({"Fn::GetAtt": [name, attribute]} for attribute in attributes)]
            assert {str(one) for one in wanted} <= exported, name
    streams = {one for one in exported if "StreamArn" in one}
    assert len(streams) == len([table for table in TABLES if table.stream])
