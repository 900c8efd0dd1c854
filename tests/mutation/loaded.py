"""A module that is loaded, changed where it stands: whoever imported its names meets the change."""

import ast
import gc
import sys
from collections import defaultdict
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

REACHED: set[str] = set()
"""The functions that ran since it was last cleared, as `module:Class.method`."""

_Place = tuple[str, int, int]
"""A function's full name, its first line, and which one of these it is: lambdas of a line share both."""


class Loaded:
    """The functions of a module, nested ones too, and what they are made of."""

    def __init__(self, module: ModuleType) -> None:
        self.module, self.file = module, str(module.__file__)
        self.source = Path(self.file).read_text()
        self.parsed = ast.parse(self.source)
        places = {code: place for place, code in self._code(ast.parse(self.source)).items()}
        # What was there when a function was ready is hidden from `get_objects` (functions/shared/startup.py).
        gc.unfreeze()
        self.functions = [
            (one, places[one.__code__])
            for one in gc.get_objects()
            if isinstance(one, FunctionType) and one.__code__.co_filename == self.file
        ]

    def run(self, tree: ast.Module) -> bool:
        """From now on the functions do what `tree` says; False where none of them does anything else."""
        code, changed = self._code(tree), False
        for function, place in self.functions:
            new = code.get(place, function.__code__)
            if new != function.__code__ and len(new.co_freevars) == len(function.__code__.co_freevars):
                function.__code__ = new
                changed = True
        return changed

    def define(self, tree: ast.Module) -> bool:
        """From now on the constants are those of `tree`, wherever they were imported by their name."""
        fresh = {"__name__": self.module.__name__, "__file__": self.file}
        exec(compile(tree, self.file, "exec"), fresh)  # noqa: S102
        changed = False
        for name, value in fresh.items():
            known = getattr(self.module, name, None)
            if isinstance(value, int | str | tuple | frozenset) and value != known:
                for other in list(sys.modules.values()):
                    if getattr(other, name, None) is known:
                        setattr(other, name, value)
                        changed = True
        return changed

    def recording(self) -> ast.Module:
        """The module with functions that say in REACHED that they ran."""
        tree = ast.parse(self.source)
        for owner in ast.walk(tree):
            if isinstance(owner, ast.Module | ast.ClassDef):
                for function in owner.body:
                    if isinstance(function, ast.FunctionDef):
                        name = (
                            f"{owner.name}.{function.name}"
                            if isinstance(owner, ast.ClassDef)
                            else function.name
                        )
                        self._say(function, f"{self.module.__name__}:{name}")
        return tree

    def _say(self, function: ast.FunctionDef, name: str) -> None:
        said = ast.parse(f"__import__('sys').modules[{__name__!r}].REACHED.add({name!r})").body[0]
        for node in ast.walk(said):
            ast.copy_location(node, function)
        function.body.insert(0, said)

    def _code(self, tree: ast.Module) -> dict[_Place, CodeType]:
        found: dict[_Place, CodeType] = {}
        many: dict[tuple[str, int], int] = defaultdict(int)
        waiting = [compile(tree, self.file, "exec")]
        while waiting:
            program = waiting.pop(0)
            for one in program.co_consts:
                if isinstance(one, CodeType):
                    name = one.co_qualname, one.co_firstlineno
                    found[*name, many[name]] = one
                    many[name] += 1
                    waiting.append(one)
        return found
