"""What a program might be by mistake: each mutant is a module with one small thing changed. Pure."""

import ast
import copy
from collections.abc import Container, Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
}
REMOVED = (ast.Assign, ast.AugAssign, ast.Expr, ast.Raise, ast.Return, ast.Continue, ast.Break)
"""Statements without which a program may still run."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Mutant:
    """A module changed in one place."""

    line: int
    text: str
    """The line of the source, without the space around it."""
    change: str
    """What was changed in it: "`a < b` becomes `a <= b`"."""
    function: str
    """The function or method that holds it, "" where none does."""
    tree: ast.Module


def mutants(source: str, texts: Container[str] | None = None) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its syntax tree; with `texts`, of lines with one of them."""
    tree = ast.parse(source)
    lines = source.splitlines()
    holders = dict(_holders(tree, ""))
    seen = set()
    for at, node in enumerate(ast.walk(tree)):
        for number in range(_many(node)):
            line = getattr(node, "lineno", 0) or node.ifs[number].lineno  # type: ignore[attr-defined]
            text = lines[line - 1].strip()
            if texts is not None and text not in texts:
                continue
            changed = copy.deepcopy(tree)
            twin = next(one for place, one in enumerate(ast.walk(changed)) if place == at)
            change = _change(twin, number, changed)
            program = ast.dump(changed)
            if change and program not in seen:
                seen.add(program)
                mutant = ast.fix_missing_locations(changed)
                yield Mutant(line, text, change, holders.get(node, ""), mutant)


def _holders(node: ast.AST, function: str) -> Iterator[tuple[ast.AST, str]]:
    """Every node in a function, with the name of the outermost one: "Class.method"."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Module | ast.ClassDef) and isinstance(child, FUNCTIONS):
            name = f"{node.name}.{child.name}" if isinstance(node, ast.ClassDef) else child.name
            # Its decorators and defaults are the module's: they are made at import.
            for statement in child.body:
                yield statement, name
                yield from _holders(statement, name)
        else:
            if function:
                yield child, function
            yield from _holders(child, function)


def _many(node: ast.AST) -> int:
    """How many changes may be tried in a node."""
    match node:
        case ast.Compare(ops=changeable) | ast.comprehension(ifs=changeable) | ast.Call(keywords=changeable):
            return len(changeable)
        case ast.Constant(value=value):
            return 2 if type(value) is int else int(type(value) is bool)
        case ast.BoolOp() | ast.If() | ast.IfExp() | ast.While() | ast.UnaryOp(op=ast.Not()):
            return 1
        case ast.BinOp(op=operator):
            return int(type(operator) in ARITHMETIC)
        case _:
            docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            return int(isinstance(node, REMOVED) and not docstring)


def _change(node: ast.AST, number: int, tree: ast.AST) -> str:
    """Make the change in place and say what it is; "" where it cannot be made."""
    before = ast.unparse(node) if not isinstance(node, ast.comprehension) else ""
    match node:
        case ast.Compare():
            node.ops[number] = COMPARISONS[type(node.ops[number])]()
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.If() | ast.IfExp() | ast.While():
            condition = ast.unparse(node.test)
            node.test = ast.UnaryOp(ast.Not(), node.test)
            return f"`{condition}` is negated"
        case ast.comprehension():
            condition = ast.unparse(node.ifs[number])
            node.ifs[number] = ast.UnaryOp(ast.Not(), node.ifs[number])
            return f"`{condition}` is negated"
        case ast.UnaryOp():
            node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), node.operand)
        case ast.Call():
            keyword = node.keywords.pop(number)
            return f"`{ast.unparse(keyword)}` is left out" if keyword.arg else ""
        case ast.Constant(value=bool()):
            node.value = not node.value
        case ast.Constant(value=int(value)):
            node.value = value + (-1 if number else 1)
        case ast.BinOp():
            node.op = ARITHMETIC[type(node.op)]()
        case _:
            return f"`{before}` is left out" if _removed(node, tree) else ""
    return f"`{before}` becomes `{ast.unparse(node)}`"


def _removed(node: ast.AST, tree: ast.AST) -> bool:
    for parent in ast.walk(tree):
        for _, value in ast.iter_fields(parent):
            if isinstance(value, list) and node in value:
                value[value.index(node)] = ast.Pass()
                # What only defines a module's names is missed at import: that proves nothing.
                return not isinstance(parent, ast.Module | ast.ClassDef)
    return False
