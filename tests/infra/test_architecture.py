"""The rooms and floors of the code: the README's drawing and the import contracts hold them as they are."""

import re
import tomllib
from typing import Any

import grimp
import pytest

from infra.local.assembly import ROOT
from tests.infra.templates import FUNCTIONS

LAYOUT = (ROOT / "README.md").read_text().partition("## How the code is laid out")[2]

Arrow = tuple[str, str]


def rooms() -> set[str]:
    """Every folder of code, as the README names it."""
    functions = {init.parent.name for init in (ROOT / "functions").glob("*/__init__.py")}
    return functions | {"infra"} | {init.parent.name for init in (ROOT / "infra").glob("*/__init__.py")}


def room_of(module: str) -> str | None:
    package, _, rest = module.partition(".")
    first = rest.partition(".")[0]
    if package == "functions":
        return first or None
    return first if first in rooms() else "infra"


@pytest.fixture(scope="module")
def imports() -> set[Arrow]:
    """Every import between two rooms."""
    graph = grimp.build_graph("functions", "infra")
    between = {
        (room_of(importer), room_of(imported))
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    }
    return {(one, other) for one, other in between if one and other and one != other}


def drawn() -> set[Arrow]:
    """The arrows of the README's drawing."""
    (drawing,) = re.findall(r"```mermaid\nflowchart TD\n(.*?)```", LAYOUT, re.DOTALL)
    arrows = set()
    for line in re.sub(r'\["[^"]*"\]', "", drawing).strip().splitlines():
        starts, ends = (side.strip().split(" & ") for side in line.split("-->"))
        arrows |= {(start, end) for start in starts for end in ends}
    return arrows


def contract(kind: str) -> dict[str, Any]:
    """The one contract of this type."""
    found = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (only,) = (one for one in found if one["type"] == kind)
    return dict(only)


def test_every_arrow_of_the_drawing_is_an_import_and_every_import_between_rooms_an_arrow(
    imports: set[Arrow],
) -> None:
    assert drawn() == imports


def test_every_room_is_in_the_drawing_and_in_the_table() -> None:
    assert {room for arrow in drawn() for room in arrow} == rooms()
    named = {path.rstrip("/") for path in re.findall(r"`((?:functions|infra|tests)/[\w/]*)`", LAYOUT)}
    assert {path.rpartition("/")[2] for path in named} >= rooms()


def test_every_file_and_folder_the_readme_names_is_there() -> None:
    table = [row for row in LAYOUT.splitlines() if row.startswith("| `")]
    for row in table:
        places, what = row.strip("|").split("|")
        folders = [ROOT / name for name in re.findall(r"`([\w/]+)`", places)]
        assert [folder for folder in folders if not folder.is_dir()] == []
        for file in re.findall(r"`(\w+\.py)`", what):
            assert any((folder / file).exists() for folder in folders), file


def test_the_contract_that_nobody_imports_a_handler_names_every_handler() -> None:
    protected = contract("protected")
    assert set(protected["protected_modules"]) == {f"functions.{one.handler}" for one in FUNCTIONS}
    assert protected["allowed_importers"] == []


def test_shared_modules_name_no_noun_of_a_room() -> None:
    nouns = re.compile(r"\b(customers?|notes?|uploads?|orders|claims)\b", re.IGNORECASE)
    named = {
        path.name: found
        for path in (ROOT / "functions" / "shared").glob("*.py")
        if (found := nouns.findall(path.read_text()))
    }
    assert named == {}


def test_the_tests_stand_in_the_rooms_of_what_they_test() -> None:
    tested = {init.parent.name for init in (ROOT / "tests").glob("*/__init__.py")}
    assert rooms() - {"shared"} <= tested
