"""What an operator does to tenants: conditional writes to the tenants table."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from botocore.exceptions import ClientError

from functions.auth import tenants

Status = Literal["active", "disabled"]


class TenantError(Exception):
    """What was asked for cannot be done; the message is for the operator."""


@dataclass(frozen=True)
class Credentials:
    """What a tenant's client proves itself with. The secret is nowhere else: the table has its hash."""

    tenant_id: str
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class Tenant:
    """A tenant as the operator sees it."""

    tenant_id: str
    status: Status
    created_date: str


class TenantRegistry:
    """The tenants in one tenants table (a boto3 `Table`). A tenant has one client, of its own name.

    `sleep` and `now` (epoch seconds) are the clock.
    """

    def __init__(
        self,
        table: Any,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._table = table
        self._now = now
        self._sleep = sleep

    def register(self, tenant_id: str) -> Credentials:
        """Make a new, active tenant and its client. Raises TenantError when it is there already."""
        if not tenants.is_tenant_id(tenant_id):
            raise TenantError(f"{tenant_id!r} is no tenant key: 1 to 64 of a-z 0-9 - _")
        credentials = Credentials(tenant_id, tenant_id, tenants.new_secret())
        created_date = datetime.fromtimestamp(self._now(), UTC).isoformat(timespec="seconds")
        items = (
            tenants.tenant_item(tenant_id, created_date=created_date),
            tenants.client_item(
                tenant_id, credentials.client_id, credentials.client_secret, created_date=created_date
            ),
        )
        self._transact(
            [self._put(item) for item in items], otherwise=f"The tenant {tenant_id} is registered already"
        )
        return credentials

    def all(self) -> Iterator[Tenant]:
        """Every tenant, in no order."""
        pages = self._table.meta.client.get_paginator("scan").paginate(
            TableName=self._table.name,
            FilterExpression="begins_with(tenantKey, :prefix)",
            ExpressionAttributeValues={":prefix": tenants.tenant_key("")},
        )
        for page in pages:
            for item in page["Items"]:
                yield _tenant(item)

    def find(self, tenant_id: str) -> Tenant | None:
        """The tenant of that key, if there is one."""
        item = self._item(tenants.tenant_key(tenant_id))
        return _tenant(item) if item else None

    def rotate(self, tenant_id: str, *, keep_old_for_hours: float = 0) -> Credentials:
        """Give the tenant's client a new secret.

        At once, the old secret and every token got with it are worthless, unless the old secret is
        kept for some hours: then it works on until they are over, and the tokens until they expire.
        Raises TenantError when there is no such tenant.
        """
        credentials = Credentials(tenant_id, tenant_id, tenants.new_secret())
        new_secret: dict[str, Any] = {":new": tenants.hashed(credentials.client_secret)}
        missing = f"There is no tenant {tenant_id}"
        if keep_old_for_hours:
            until = int(self._now() + keep_old_for_hours * 3600)
            keep_old = "SET previousSecretHash = secretHash, previousSecretUntil = :until, secretHash = :new"
            client = self._update(tenants.client_key(tenant_id), keep_old, {**new_secret, ":until": until})
            self._transact([client], otherwise=missing)
            return credentials
        forget_old = "SET secretHash = :new REMOVE previousSecretHash, previousSecretUntil"
        client = self._update(tenants.client_key(tenant_id), forget_old, new_secret)
        # By AWS's clock, for tokens have their time from there and this machine's may be wrong. A token
        # counts whole seconds: those of the second that runs are revoked with the rest.
        read = self._table.get_item(Key={"tenantKey": tenants.tenant_key(tenant_id)})
        valid_from = _answered_at(read) + 1
        written = self._transact([client, self._tokens_from(tenant_id, valid_from)], otherwise=missing)
        if _answered_at(written) >= valid_from:
            # The next second began before the write, and the old secret may have got tokens in it.
            valid_from = _answered_at(written) + 1
            self._transact([self._tokens_from(tenant_id, valid_from)], otherwise=missing)
        # Whoever gets the new secret may ask for a token at once, which must be valid.
        self._sleep(1)
        return credentials

    def set_status(self, tenant_id: str, status: Status) -> None:
        """Disable or enable the tenant. Raises TenantError when there is no such tenant."""
        self._transact(
            [
                self._update(
                    tenants.tenant_key(tenant_id),
                    "SET #status = :status",
                    {":status": status},
                    {"#status": "status"},
                )
            ],
            otherwise=f"There is no tenant {tenant_id}",
        )

    def issue_token(self, tenant_id: str, *, seconds: int) -> str:
        """A new access token, for when there is no client to ask for one (tests, the local run)."""
        token, now = tenants.new_secret(), int(self._now())
        self._table.put_item(
            Item=tenants.token_item(tenant_id, token, issued_at=now, expires_at=now + seconds)
        )
        return token

    def holds(self, credentials: Credentials, token: str) -> bool:
        """Whether these credentials and this token of theirs are good now."""
        now = int(self._now())
        tenant = self._item(tenants.tenant_key(credentials.tenant_id))
        client = self._item(tenants.client_key(credentials.client_id))
        issued = self._item(tenants.token_key(token))
        return bool(
            tenant
            and client
            and issued
            and tenants.secret_matches(client, credentials.client_secret, now=now)
            and tenants.token_is_good(issued, tenant, now=now)
        )

    def _item(self, key: str) -> dict[str, Any] | None:
        item: dict[str, Any] | None = self._table.get_item(Key={"tenantKey": key}, ConsistentRead=True).get(
            "Item"
        )
        return item

    def _put(self, item: dict[str, Any]) -> dict[str, Any]:
        return {
            "Put": {
                "TableName": self._table.name,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(tenantKey)",
            }
        }

    def _update(
        self, key: str, expression: str, values: dict[str, Any], names: dict[str, str] | None = None
    ) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self._table.name,
                "Key": {"tenantKey": key},
                "ConditionExpression": "attribute_exists(tenantKey)",
                "UpdateExpression": expression,
                "ExpressionAttributeValues": values,
                **({"ExpressionAttributeNames": names} if names else {}),
            }
        }

    def _tokens_from(self, tenant_id: str, valid_from: int) -> dict[str, Any]:
        return self._update(
            tenants.tenant_key(tenant_id), "SET tokensValidFrom = :from", {":from": valid_from}
        )

    def _transact(self, writes: list[dict[str, Any]], *, otherwise: str) -> Mapping[str, Any]:
        """DynamoDB's answer to all writes, or TenantError(`otherwise`) when a condition does not hold."""
        try:
            answer: Mapping[str, Any] = self._table.meta.client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            reasons = error.response.get("CancellationReasons", [])
            if any(reason["Code"] == "ConditionalCheckFailed" for reason in reasons):
                raise TenantError(otherwise) from error
            raise
        return answer


def _answered_at(answer: Mapping[str, Any]) -> int:
    """The second (epoch) in which AWS answered: the `Date` of the answer (RFC 9110, 6.6.1)."""
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    if date is None:
        raise TenantError("DynamoDB's answer has no date, so nobody can say which tokens are old")
    return int(parsedate_to_datetime(date).timestamp())


def _tenant(item: dict[str, Any]) -> Tenant:
    return Tenant(item["tenantId"], item["status"], item["createdDate"])
