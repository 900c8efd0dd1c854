"""Entity tags: the version of what an answer shows, and the conditions on it (RFC 9110, 8.8.3 and 13.1)."""

from collections.abc import Iterator


def etag(version: int) -> str:
    """The strong tag of a version."""
    return f'"{version}"'


def allows_change(if_match: str | None, version: int) -> bool:
    """Whether `If-Match`, if given, allows a change; tags are compared strongly (13.1.1)."""
    return if_match is None or if_match.strip() == "*" or etag(version) in _tags(if_match)


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Whether the caller has what `tag` stands for, by its `If-None-Match`; compared weakly (13.1.2)."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag in (one.removeprefix("W/") for one in _tags(if_none_match))


def _tags(header: str) -> Iterator[str]:
    return (tag.strip() for tag in header.split(","))
