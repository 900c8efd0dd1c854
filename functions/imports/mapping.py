"""What the columns of a CSV mean: which field of a customer each one fills, and how its cells are read.

A field is named by its path in a customer, list places from 0: `email`, `addresses.0.city`,
`optin_preferences.email.opt_in_active`, `attributeGroups.loyalty.attributes.tier`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from functions.customers.customer import MAX_ADDRESSES
from functions.customers.request import Address, NewCustomer, OptinPreference, OptinPreferences
from functions.imports.lines import RefusedFileError
from functions.shared.text import is_blank

Path = tuple[str | int, ...]
Mapped = Mapping[str, Any]
"""A valid mapping: by a column's name the field it fills, None for none."""

GROUPS, ADDRESSES, CONSENT, EXEMPTIONS = "attributeGroups", "addresses", "optin_preferences", "taxExemptions"
_ATTRIBUTES = ".attributes."
_DESCRIPTION = ".description"

DATES = ("createdDate", "lastModifiedDate", "marketing_preferences_updated_at")
"""What an answer tells of a customer's past, which only a `restore` takes."""

ALWAYS_GIVEN = frozenset({"id", "email", *DATES})
"""What cannot be cleared, so that a blank cell says nothing of it."""

_TRUE = frozenset({"true", "1"})
_FALSE = frozenset({"false", "0"})


def _booleans(shape: Any) -> frozenset[str]:
    return frozenset(name for name, kind in get_type_hints(shape).items() if bool in get_args(kind))


_ADDRESS_FIELDS = frozenset(Address.__annotations__)
_CONSENT_FIELDS = frozenset(OptinPreference.__annotations__)
_CHANNELS = frozenset(OptinPreferences.__annotations__)
_PLAIN_FIELDS = frozenset(get_type_hints(NewCustomer)) - {GROUPS, ADDRESSES, CONSENT, EXEMPTIONS} | {
    "id",
    *DATES,
}
_BOOLEANS = _booleans(NewCustomer) | _booleans(OptinPreference)


def path_of(field: str) -> Path | None:
    """Where in a customer a field stands, None where there is none of that name."""
    if field in _PLAIN_FIELDS:
        return (field,)
    top, _, rest = field.partition(".")
    if top == GROUPS:
        return _group_path(rest)
    match [top, *rest.split(".")]:
        case ["addresses", place, part] if part in _ADDRESS_FIELDS:
            return _placed(top, place, part)
        case ["taxExemptions", place]:
            return _placed(top, place)
        case ["optin_preferences", channel, part] if channel in _CHANNELS and part in _CONSENT_FIELDS:
            return (top, channel, part)
    return None


def _placed(top: str, place: str, *part: str) -> Path | None:
    # As Python writes a number, so that no two spellings name one place.
    known = (
        place.isascii() and place.isdecimal() and place == str(int(place[:3])) and int(place) < MAX_ADDRESSES
    )
    return (top, int(place), *part) if known else None


def _group_path(rest: str) -> Path | None:
    group, attributes, name = rest.partition(_ATTRIBUTES)
    if group and attributes and name:
        return (GROUPS, group, "attributes", name)
    if rest.endswith(_DESCRIPTION) and (group := rest.removesuffix(_DESCRIPTION)):
        return (GROUPS, group, "description")
    return None


@dataclass(frozen=True)
class Column:
    """A column that fills a field: its place in a row, and what its cells mean where that is no text.

    `other` is what all cells mean that are not among `values`, None for what they say.
    """

    place: int
    path: Path
    values: Mapping[str, bool] | None
    other: bool | None


def columns_of(header: Sequence[str], mapping: Mapped) -> list[Column]:
    """The columns that fill fields, by the mapping, else by their own names; the others mean nothing.

    Raises RefusedFileError for a mapping that names what the header lacks, two columns of one field, and a
    header in which nothing is known.
    """
    if missing := [name for name in mapping if name not in header]:
        raise RefusedFileError(f"The mapping names columns that the file has not: {', '.join(missing)}")
    columns = [column for place, name in enumerate(header) if (column := _column(place, name, mapping))]
    fields = [".".join(map(str, column.path)) for column in columns]
    if twice := sorted({field for field in fields if fields.count(field) > 1}):
        raise RefusedFileError(f"Two columns are to fill one field: {', '.join(twice)}")
    if not columns:
        raise RefusedFileError("No column of the file has the name of a field; a mapping says what they mean")
    return columns


def _column(place: int, name: str, mapping: Mapped) -> Column | None:
    said = mapping.get(name, name)
    rule: Mapping[str, Any] = {"field": said} if isinstance(said, str) else said or {}
    path = path_of(rule.get("field", ""))
    if path is None:
        return None
    if "true" in rule:
        false = rule.get("false")
        values = dict.fromkeys(false or (), False) | dict.fromkeys(rule["true"], True)
        return Column(place, path, values, None if false else False)
    if path[-1] in _BOOLEANS and GROUPS not in path:
        return Column(place, path, dict.fromkeys(_FALSE, False) | dict.fromkeys(_TRUE, True), None)
    return Column(place, path, None, None)


def is_boolean(path: Path) -> bool:
    """Whether a field is true or false."""
    return path[0] != GROUPS and path[-1] in _BOOLEANS


def reader_of(columns: Sequence[Column], *, keeps: bool) -> Callable[[Sequence[str]], dict[str, Any]]:
    """A function that makes the body of a request of a row's cells.

    A blank cell is given as blank, which clears; with `keeps` it is not given at all.
    """

    def body(cells: Sequence[str]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for column in columns:
            cell = cells[column.place]
            if is_blank(cell) and (keeps or column.path[0] in ALWAYS_GIVEN):
                continue
            _put(made, column.path, _value(cell, column))
        return {name: _in_order(value) if name in _LISTS else value for name, value in made.items()}

    return body


_LISTS = frozenset({ADDRESSES, EXEMPTIONS})


def _value(cell: str, column: Column) -> Any:
    if column.values is None or is_blank(cell):
        return cell
    said = cell.strip()
    known = column.values.get(said, column.values.get(said.lower()))
    if known is not None:
        return known
    return cell if column.other is None else column.other


def _put(made: dict[Any, Any], path: Path, value: Any) -> None:
    *above, last = path
    for part in above:
        made = made.setdefault(part, {})
    made[last] = value


def _in_order(placed: Mapping[int, Any]) -> list[Any] | None:
    """The list, or null where nothing in it is given: no list is not an empty one."""
    given = [placed[place] for place in sorted(placed) if not _is_empty(placed[place])]
    return given or None


def _is_empty(value: Any) -> bool:
    return all(map(is_blank, value.values())) if isinstance(value, dict) else is_blank(value)
