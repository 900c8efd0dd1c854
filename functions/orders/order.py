"""An order as it comes from the bus: which customer has it, what counts of it, which version it is. Pure.

The event's detail has `tenantId`, `orderRef`, `customerId` or `customerRef` or `email`, `totalAmount`,
`refundedAmount`, `currencyCode`, `created_at`, `updated_at`, `orderStatus`, `paymentStatus`, `cancelled` and
`returned` (contract, "Orders"); other fields are ignored, blank ones are as good as left out.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from functions.auth.tenants import is_tenant_id
from functions.orders.keys import MAX_REF_BYTES
from functions.shared.clock import moment, timestamp
from functions.shared.json_text import as_identifier
from functions.shared.text import REPLACEMENT_CHARACTER, is_blank, is_control, is_unicode, trimmed

EVENT_RANKS = {"OrderPlaced": "0", "OrderUpdated": "1"}
"""The detail types of orders; of two versions with one time, the one that was placed is the older."""

IDENTIFIERS = {"customerId": "id", "customerRef": "customerRef", "email": "email"}
"""What may name an order's customer, the first one present decides; and the customer's own field."""

CLOCK_SKEW = timedelta(days=1)
"""How far an order's creation may be after the event that tells of it, and after that was queued."""

STATUSES = ("orderStatus", "paymentStatus")
"""Where an order may say, in either, one of the words below; in any case of letters."""

NOT_COUNTED = frozenset({"cancelled", "canceled", "declined", "void", "voided"})
NOTHING_SPENT = frozenset({"refunded", "fully refunded", "fully_refunded", "returned"})

MAX_LENGTH = 256
"""Characters of a text."""

MAX_AMOUNT = Decimal(10) ** 15
PLACES = Decimal("0.000001")
"""With these limits, sums of ten million amounts are exact in the 28 digits that decimals have."""

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?")
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class InvalidOrderError(Exception):
    """A message that is no order and never will be; `fields` names what is wrong, without any value."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(f"not an order: {', '.join(fields)}")
        self.fields = fields


@dataclass(frozen=True)
class Order:
    """One version of an order.

    `customer` is the field that names its customer, and the value. `facts` is the order as `figures` counts
    it. `revision` compares as the versions of one order do, whichever way they come: by the order's own
    `updated_at`, then placed before updated, then by when the event was put on the bus and in the queue.
    """

    tenant_id: str
    order_ref: str
    customer: tuple[str, str]
    facts: Mapping[str, Any]
    revision: str

    @property
    def names_by_id(self) -> bool:
        """Whether it names its customer by id, which is the same customer's for good."""
        return self.customer[0] == "id"


def parse(event: Any, *, queued_at: int) -> Order:
    """The order in an event of the bus, as JSON was parsed, its numbers as text.

    Without `updated_at`, an order that was placed is as old as the order, an update as old as its event.
    `queued_at` (epoch milliseconds) tells events of one second apart.
    Raises InvalidOrderError with every wrong field.
    """
    if not isinstance(event, dict):
        raise InvalidOrderError(["event"])
    if not isinstance(event.get("detail"), dict):
        raise InvalidOrderError(["detail"])
    envelope, detail = _Fields(event), _Fields(event["detail"])
    event_id, event_time = envelope.text("id"), envelope.moment("time")
    rank = EVENT_RANKS.get(envelope.text("detail-type"))
    if rank is None:
        envelope.refuse("detail-type")
    tenant_id, order_ref = detail.text("tenantId"), detail.identifier("orderRef")
    if len(order_ref.encode()) > MAX_REF_BYTES:
        detail.refuse("orderRef")
    if not is_tenant_id(tenant_id):
        detail.refuse("tenantId")
    identifier = next((name for name in IDENTIFIERS if detail.has(name)), "customerId")
    customer = (IDENTIFIERS[identifier], detail.identifier(identifier))
    if identifier == "customerId":
        # Digits of a UUID count in either case (RFC 9562, 4).
        customer = ("id", customer[1].lower())
    created_at = detail.moment("created_at")
    told_at = min(event_time, datetime.fromtimestamp(queued_at / 1000, UTC))
    if "time" not in envelope.wrong and created_at > told_at + CLOCK_SKEW:
        detail.refuse("created_at")
    fallback = created_at if rank == EVENT_RANKS["OrderPlaced"] else event_time
    updated_at = detail.moment("updated_at") if detail.has("updated_at") else fallback
    facts = _facts(detail, order_ref, created_at)
    if wrong := [*envelope.wrong, *detail.wrong]:
        raise InvalidOrderError(wrong)
    put = f"{_comparable(event_time)} {queued_at:015d} {event_id}"
    revision = f"{_comparable(updated_at)} {rank} {put}"
    return Order(tenant_id, order_ref, customer, facts, revision)


class _Fields:
    """The fields of an object; what is wrong with them adds up in `wrong`, a stand-in takes its place."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields
        self.wrong: list[str] = []

    def refuse(self, name: str) -> None:
        if name not in self.wrong:
            self.wrong.append(name)

    def has(self, name: str) -> bool:
        """Whether there is anything but null and blank text."""
        return not is_blank(self._fields.get(name))

    def text(self, name: str) -> str:
        return self._plain(name, self._fields.get(name))

    def identifier(self, name: str) -> str:
        """A reference, id or email, the same for all spellings that compare as equal references."""
        value = as_identifier(self._fields.get(name))
        text = self._plain(name, unicodedata.normalize("NFC", value) if isinstance(value, str) else value)
        if REPLACEMENT_CHARACTER in text:
            self.refuse(name)
        return text

    def boolean(self, name: str) -> bool:
        """True or false, as JSON has them or in words; false where blank."""
        value = self._fields.get(name)
        if isinstance(value, bool):
            return value
        if not self.has(name):
            return False
        if (word := self.text(name).casefold()) not in _BOOLEANS:
            self.refuse(name)
        return _BOOLEANS.get(word, False)

    def currency(self, name: str) -> str:
        """Three letters, as in ISO 4217, in capitals."""
        if not _CURRENCY.fullmatch(code := self.text(name)):
            self.refuse(name)
        return code.upper()

    def moment(self, name: str) -> datetime:
        """A time as ISO 8601 has it; one without a zone is UTC."""
        try:
            return moment(self.text(name)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.refuse(name)
            return datetime.min.replace(tzinfo=UTC)

    def amount(self, name: str, *, lowest: Decimal = 1 - MAX_AMOUNT) -> str:
        """A decimal number, to a millionth, never with an exponent."""
        text = self.text(name)
        amount = Decimal(text) if _NUMBER.fullmatch(text) else MAX_AMOUNT
        if not lowest <= amount < MAX_AMOUNT:
            self.refuse(name)
            return "0"
        return f"{amount.quantize(PLACES, ROUND_HALF_UP).normalize():f}"

    def _plain(self, name: str, value: Any) -> str:
        if isinstance(value, str) and 0 < len(text := trimmed(value)) <= MAX_LENGTH and _is_plain(text):
            return text
        self.refuse(name)
        return ""


def _facts(detail: _Fields, order_ref: str, created_at: datetime) -> dict[str, Any]:
    statuses = {detail.text(name).casefold() for name in STATUSES if detail.has(name)}
    cancelled, returned = detail.boolean("cancelled"), detail.boolean("returned")
    total = detail.amount("totalAmount")
    refunded = detail.amount("refundedAmount", lowest=Decimal(0)) if detail.has("refundedAmount") else "0"
    facts = {
        "orderRef": order_ref,
        "totalAmount": total,
        "refundedAmount": total if returned or statuses & NOTHING_SPENT else refunded,
        "createdAt": timestamp(created_at),
        "counts": not (cancelled or statuses & NOT_COUNTED),
    }
    if detail.has("currencyCode"):
        facts["currencyCode"] = detail.currency("currencyCode")
    return facts


def _comparable(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds")


def _is_plain(text: str) -> bool:
    return is_unicode(text) and not any(map(is_control, text))
