"""The rules of consent: what a request makes of a channel's opt-in record. Pure.

A record is `{"opt_in_active", "opted_in_at", "opt_in_updated_at"}`, and `{"changed": True}` once its value
is not the first any more; `{"undated": True}` while all that is known of a consent is a file that told no
time. A channel without a record was never mentioned (contract, "Customer").
"""

from collections.abc import Mapping
from typing import Any

Fields = Mapping[str, Any]

CHANNELS = ("sms", "email")

_NOTED_HERE = frozenset({"changed", "undated"})

NOT_MENTIONED: Fields = {"opt_in_active": False}
"""What an answer shows of a channel that was never mentioned."""


def merged_preferences(
    preferences: Fields, changes: Fields | None, *, now: str, echo: Fields = NOT_MENTIONED
) -> dict[str, Any] | None:
    """The records after `changes`, by channel; None where there are none.

    Null for a channel, or for all of them, withdraws: that consent was given once is never forgotten.
    A channel never mentioned of which `changes` says no more than `echo` stays so: showing a customer says
    as much. A refusal worth recording carries its `opt_in_updated_at`.
    """
    merged = dict(preferences)
    for channel, change in (dict.fromkeys(CHANNELS) if changes is None else changes).items():
        if change is None:
            if channel in preferences:
                merged[channel] = _record(preferences[channel], NOT_MENTIONED, now=now)
        elif change and (channel in preferences or change != echo):
            merged[channel] = _record(preferences.get(channel, {}), change, now=now)
    return merged or None


def present_preferences(preferences: Fields) -> dict[str, Fields]:
    """Every channel as answers show it."""
    return {channel: present_record(preferences.get(channel, NOT_MENTIONED)) for channel in CHANNELS}


def present_record(record: Fields) -> Fields:
    """A channel's record as answers show it: without what is noted of it here."""
    return {name: value for name, value in record.items() if name not in _NOTED_HERE}


def present_changes(preferences: Fields) -> dict[str, Any]:
    """The channels that are spoken of, as answers would show them."""
    return {channel: record and present_record(record) for channel, record in preferences.items()}


def of_unknown_age(changes: Fields) -> dict[str, Any]:
    """`changes` as a file tells them: a consent without a time may be older than any withdrawal."""
    return {
        channel: {**change, "undated": True}
        if change and change.get("opt_in_active") and not change.get("opt_in_updated_at")
        else change
        for channel, change in changes.items()
    }


def dated(changes: Fields, preferences: Fields, *, as_of: str) -> dict[str, Any]:
    """`changes` that were asked for at `as_of` and are made now.

    Where one says no time of its own and would undo what was decided since, it says that it is as old as
    that: so it is not made.
    """
    return {
        channel: {**change, "opt_in_updated_at": as_of}
        if change and _undoes_newer(change, preferences.get(channel, {}), as_of)
        else change
        for channel, change in changes.items()
    }


def _undoes_newer(change: Fields, known: Fields, as_of: str) -> bool:
    return (
        "opt_in_updated_at" not in change
        and change.get("opt_in_active", known.get("opt_in_active")) != known.get("opt_in_active")
        and as_of < known.get("opt_in_updated_at", as_of)
    )


def _record(known: Fields, change: Fields, *, now: str) -> dict[str, Any]:
    given = change.get("opt_in_updated_at")
    active = change.get("opt_in_active", known.get("opt_in_active", False))
    opted_in_at = known.get("opted_in_at") or change.get("opted_in_at") or now
    undated = change.get("undated", False)
    if "opt_in_updated_at" not in known:
        first = {"opt_in_active": active, "opted_in_at": opted_in_at, "opt_in_updated_at": given or now}
        return first | {"undated": True} if undated else first
    if undated and not known["opt_in_active"]:
        # It may be older than the withdrawal.
        return dict(known)
    stands = known["opt_in_updated_at"]
    changed = known.get("changed", False)
    # A withdrawal may be older than the file that told of the consent, and still not than the consent.
    withdraws_undated = known.get("undated", False) and not active
    differs = changed or active != known["opt_in_active"]
    if given and given < stands and differs and not withdraws_undated:
        # Data older than what stands, as a copy kept for a while, undoes no withdrawal and dates none back.
        # Only the time of a first choice can be filled in, as a migration does.
        active, updated = known["opt_in_active"], stands
    elif active == known["opt_in_active"]:
        updated = given or stands
    elif given and given != stands:
        updated, changed = given, True
    else:
        # A timestamp that is the one shown before is an echo, not news.
        updated, changed = max(now, stands), True
    record = {"opt_in_active": active, "opted_in_at": opted_in_at, "opt_in_updated_at": updated}
    if changed:
        record["changed"] = True
    if known.get("undated") and active and given in {None, stands}:
        record["undated"] = True
    return record
