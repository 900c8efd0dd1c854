"""Time as the API writes it."""

import re
from datetime import UTC, date, datetime, timedelta

_ISO_8601 = re.compile(r"[0-9TtWZz:.,+ -]+")
"""What dates and times are written with; Python itself takes any character between the two."""


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def latest_day(moment: datetime) -> date:
    """The day it is where the day begins first on Earth, at UTC+14."""
    return (moment.astimezone(UTC) + timedelta(hours=14)).date()


def timestamp(moment: datetime) -> str:
    """`2023-05-19T03:14:32.181Z`: UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def days_after(text: str, days: int) -> int:
    """So many days after a timestamp, in the epoch seconds that DynamoDB's TTL wants."""
    return int(moment(text).timestamp()) + days * 86_400


def moment(text: str) -> datetime:
    """The moment that a date or date-time means (ISO 8601), in UTC where it names no zone.

    Raises ValueError for anything else.
    """
    if not _ISO_8601.fullmatch(text):
        raise ValueError
    given = datetime.fromisoformat(text)
    return given if given.tzinfo else given.replace(tzinfo=UTC)
