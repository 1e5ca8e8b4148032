"""Expressions in lessons' data: `macs(here) < 0.9 * macs(start)`. Nothing else can be run."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import FormatError
from explorer.lessons.measures import MEASURES

Value = int | float | bool
Names = Mapping[str, Architecture]

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def evaluate(text: str, names: Names) -> Value:
    """The value of an expression; `names` are the architectures that it may speak of.

    Numbers, strings, the four operations, comparisons, `and`, `or`, `not`, and calls of
    `explorer.lessons.measures.MEASURES`. Raises FormatError for anything else.

    >>> from explorer.architecture.example import small
    >>> evaluate("paths(here, 4) == 5 and blocks(here) / 5 < 2", {"here": small()})
    True
    """
    found = _value(_parsed(text), names, text)
    if not isinstance(found, int | float):
        raise _refused(text)
    return found


@lru_cache(maxsize=2048)
def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise _refused(text) from None


def _value(node: ast.expr, names: Names, text: str) -> Any:
    match node:
        case ast.Constant(value=int() | float() | str() as value):
            return value
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, names, text)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return not _value(inner, names, text)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_value(left, names, text), _value(right, names, text))
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_value(one, names, text) for one in values)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_value(one, names, text) for one in values)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
            return _COMPARE[type(op)](_value(left, names, text), _value(right, names, text))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in MEASURES:
            return MEASURES[name](*(_value(one, names, text) for one in args))
    raise _refused(text)


def _refused(text: str) -> FormatError:
    return FormatError(
        f"An expression: found {text.strip()[:80]!r}, expected numbers, measures such as "
        "macs(here), and comparisons. Mend the lesson's file."
    )
