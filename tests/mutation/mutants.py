"""What a program might be by mistake: each mutant is the source with one small thing changed. Pure."""

import ast
import copy
from collections.abc import Iterator

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
REMOVED = (ast.Assign, ast.AugAssign, ast.Expr, ast.Raise, ast.Return, ast.Continue, ast.Break)
"""Statements without which a program may still run."""


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Every mutant of a module, with what was changed: `"12 comparison Eq turned"`."""
    tree = ast.parse(source)
    for at, node in enumerate(ast.walk(tree)):
        for number, what in enumerate(_changes(node)):
            changed = copy.deepcopy(tree)
            twin = next(one for place, one in enumerate(ast.walk(changed)) if place == at)
            if _change(twin, number, changed):
                line = getattr(node, "lineno", 0)
                yield f"{line} {what}", ast.unparse(ast.fix_missing_locations(changed))


def _changes(node: ast.AST) -> list[str]:
    """What may be changed in a node."""
    changes: list[str] = []
    match node:
        case ast.Compare():
            changes = [f"comparison {type(one).__name__} turned" for one in node.ops]
        case ast.BoolOp():
            changes = ["and for or, or for and"]
        case ast.If() | ast.IfExp() | ast.While():
            changes = ["condition negated"]
        case ast.Constant(value=bool()):
            changes = ["true for false, false for true"]
        case ast.Constant(value=int()):
            changes = ["one more", "one less"]
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            changes = ["plus for minus, minus for plus"]
        case _ if isinstance(node, REMOVED) and not _is_docstring(node):
            changes = [f"{type(node).__name__} removed"]
    return changes


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _change(node: ast.AST, number: int, tree: ast.AST) -> bool:
    """Make the change in place; whether it can be made."""
    match node:
        case ast.Compare():
            node.ops[number] = COMPARISONS[type(node.ops[number])]()
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.If() | ast.IfExp() | ast.While():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.Constant(value=bool()):
            node.value = not node.value
        case ast.Constant(value=int(value)):
            node.value = value + (-1 if number else 1)
        case ast.BinOp():
            node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        case _:
            return _removed(node, tree)
    return True


def _removed(node: ast.AST, tree: ast.AST) -> bool:
    for parent in ast.walk(tree):
        for _, value in ast.iter_fields(parent):
            if isinstance(value, list) and node in value:
                value[value.index(node)] = ast.Pass()
                # What only defines a module's names is missed at import: that proves nothing.
                return not isinstance(parent, ast.Module)
    return False
