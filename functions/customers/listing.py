"""All customers of a tenant, by an index of buckets.

An entry of the index is made with its customer, goes with it and never moves: its keys are the tenant, the
id's bucket and the id. So who walks the buckets meets everybody who is there all the while, once. The index
follows the table by a moment, as DynamoDB's indexes do.
"""

from functions.customers.item import BUCKETS, bucket_of, customer_id_in
from functions.shared import dynamo


def in_bucket(tenant_id: str, bucket: str, after: str | None, limit: int) -> list[str]:
    """At most `limit` ids of a bucket in order, after the id `after`; fewer are its last."""
    condition, start = "tenantId = :tenantId AND #bucket = :bucket", {}
    if after:
        condition, start = f"{condition} AND id > :after", {":after": after}
    found = dynamo.query(
        "customers",
        IndexName="bucket",
        KeyConditionExpression=condition,
        ExpressionAttributeNames={"#bucket": "bucket"},
        ExpressionAttributeValues={":tenantId": tenant_id, ":bucket": bucket, **start},
        Limit=limit,
    )
    return [customer_id_in(item) for item in found["Items"]]


def listed_after(tenant_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
    """At most `limit` ids in order after the id `after`, and the one to go on after, None at the end."""
    ids: list[str] = []
    for bucket in BUCKETS[BUCKETS.index(bucket_of(after)) if after else 0 :]:
        ids += in_bucket(tenant_id, bucket, after, limit + 1 - len(ids))
        if len(ids) > limit:
            return ids[:limit], ids[limit - 1]
    return ids, None
