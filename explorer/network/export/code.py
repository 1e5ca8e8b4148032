"""Python code as text: calls broken into lines where they are long, definitions that are used."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

WIDTH = 88
"""Longest line of an exported file: what most formatters have as their default."""


class Call(NamedTuple):
    """Items between an opening and a closing text: `Conv(` … `)`, `links=[` … `]`."""

    opening: str
    items: tuple[Expression, ...]
    closing: str = ")"

    def __str__(self) -> str:
        return f"{self.opening}{', '.join(map(str, self.items))}{self.closing}"


Expression = str | Call


def statement(value: Expression, indent: int, before: str = "", after: str = "") -> list[str]:
    """Lines of code: one where it fits, else one for each item of a call.

    >>> statement(Call("f(", ("1", "2")), 4, "x = ")
    ['    x = f(1, 2)']
    """
    margin = " " * indent
    one = f"{margin}{before}{value}{after}"
    if isinstance(value, str) or len(one) <= WIDTH:
        return [one]
    lines = [f"{margin}{before}{value.opening}"]
    for item in value.items:
        lines += statement(item, indent + 4, after=",")
    return [*lines, f"{margin}{value.closing}{after}"]


class Definition(NamedTuple):
    """A function or class of a piece, as it stands there."""

    source: str
    uses: frozenset[str]
    """Every name in it."""


class Piece(NamedTuple):
    """A module of `pieces`: its definitions, and what its imports bring."""

    definitions: Mapping[str, Definition]
    imports: Mapping[str, str]
    """Name -> the module that it comes from; "" where the name is itself a module."""


@cache
def piece(name: str) -> Piece:
    """The piece of this name, read as text: nothing is imported.

    >>> sorted(piece("same").definitions)
    ['max_pools', 'pad']
    """
    text = files("explorer.network.export.pieces").joinpath(f"{name}.py").read_text("utf-8")
    definitions: dict[str, Definition] = {}
    imports: dict[str, str] = {}
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            # Whole lines: a comment behind the last one belongs to it.
            source = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            definitions[node.name] = Definition(source, names_in(node))
        elif isinstance(node, ast.Import):
            imports.update((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("explorer"):
            imports.update((alias.name, node.module or "") for alias in node.names)
    return Piece(definitions, imports)


def names_in(node: ast.AST) -> frozenset[str]:
    """Every name that code reads or writes, without attributes.

    >>> sorted(names_in(ast.parse("a = b.c(d)")))
    ['a', 'b', 'd']
    """
    return frozenset(found.id for found in ast.walk(node) if isinstance(found, ast.Name))


def used(pieces: Iterable[Piece], wanted: frozenset[str]) -> tuple[list[str], dict[str, str]]:
    """The sources of the definitions that `wanted` names need, in order, and their imports."""
    pieces = tuple(pieces)
    known = {name: one for part in pieces for name, one in part.definitions.items()}
    sources = {name: module for part in pieces for name, module in part.imports.items()}
    reached: set[str] = set()
    waiting = set(wanted)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting |= known[name].uses if name in known else set()
    imports = {name: module for name, module in sources.items() if name in reached}
    return [one.source for name, one in known.items() if name in reached], imports


def import_lines(imports: Mapping[str, str]) -> list[str]:
    """Import statements: the standard library first, then torch, each sorted.

    >>> import_lines({"torch": "", "nn": "torch", "Tensor": "torch", "json": ""})
    ['import json', '', 'import torch', 'from torch import Tensor, nn']
    """
    plain = sorted(name for name, module in imports.items() if not module)
    grouped: dict[str, list[str]] = {}
    for name, module in sorted(imports.items()):
        if module:
            grouped.setdefault(module, []).append(name)
    groups: dict[bool, list[str]] = {False: [], True: []}
    for name in plain:
        groups[name == "torch"].append(f"import {name}")
    for module, names in sorted(grouped.items()):
        groups[module.startswith("torch")].append(f"from {module} import {', '.join(names)}")
    return [*groups[False], *([""] if groups[False] else []), *groups[True]]
