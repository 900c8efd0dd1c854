"""What a function can be granted: tables, indexes, streams, queues, files, the bus."""

from collections.abc import Mapping
from dataclasses import dataclass

Grants = Mapping[str, tuple[str, ...]]
"""What a function may do: a resource's name to IAM actions without their service, `("GetItem",)`.

The names: a table (`customers`), its index (`customers.email`), its stream (`customers.stream`), a queue
(`imports_queue`, `unpublished_changes_queue`), a folder of the bucket of files (`files.exports`), `bus`, and
`canary` for the canary's items among the tenants.
"""


@dataclass(frozen=True)
class Resource:
    """One resource: `service` begins its IAM actions, `variable` tells a function its `value`.

    `keys` are the only partition keys it may be asked for; empty for all (AWS: `dynamodb:LeadingKeys`).
    """

    service: str
    arn: str
    variable: str
    value: str
    keys: tuple[str, ...] = ()
