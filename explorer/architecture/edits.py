"""Every edit by its name, and an edit as a value that can be stored, shown and applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import Parameter, signature
from types import MappingProxyType

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Op
from explorer.architecture.block_edits import (
    add,
    remove,
    set_level,
    set_op,
    set_output,
    set_repeats,
)
from explorer.architecture.errors import EditError
from explorer.architecture.link_edits import disconnect, rewire
from explorer.architecture.order_edits import Follow, move, swap
from explorer.architecture.recast_edits import set_resampled, set_scaling, set_stem, set_width

__all__ = [
    "EDITS",
    "Edit",
    "EditArg",
    "Follow",
    "add",
    "disconnect",
    "move",
    "remove",
    "rewire",
    "set_level",
    "set_op",
    "set_output",
    "set_repeats",
    "set_resampled",
    "set_scaling",
    "set_stem",
    "set_width",
    "swap",
]

EditArg = int | bool | str | None | tuple[int, ...]
"""An argument of an edit; `Op` and `Follow` are strings too."""

EDITS: Mapping[str, Callable[..., Architecture]] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            set_level,
            swap,
            move,
            rewire,
            disconnect,
            set_op,
            set_output,
            set_repeats,
            add,
            remove,
            set_resampled,
            set_width,
            set_stem,
            set_scaling,
        )
    }
)
"""Every edit by its name. Each takes an architecture, then the arguments of the edit."""

_PARAMETERS = {
    name: tuple(signature(function).parameters.values())[1:] for name, function in EDITS.items()
}


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit as a value. Arguments that are left out take their usual value.

    Raises
    ------
    EditError: where there is no edit of this name, or the arguments are not what it takes.

    >>> edit = Edit("swap", (5, 9))
    >>> edit.text
    'swap b5 and b9, links stay with the place'
    >>> from explorer.architecture.example import small
    >>> Edit("set_level", (3, 5)).apply(small()).block(3).level
    5
    """

    name: str
    args: tuple[EditArg, ...]

    def __post_init__(self) -> None:
        if self.name not in list(EDITS):  # a stranger's name may not be hashable
            near = get_close_matches(str(self.name), EDITS, n=1)
            hint = f"Did you mean {near[0]}?" if near else "Choose one of them."
            raise EditError(
                f"An edit: found {self.name!s:.40}, expected one of {', '.join(EDITS)}. {hint}"
            )
        wanted = _PARAMETERS[self.name]
        given = tuple(self.args)
        least = sum(parameter.default is Parameter.empty for parameter in wanted)
        if not least <= len(given) <= len(wanted):
            names = ", ".join(parameter.name for parameter in wanted)
            raise EditError(
                f"The edit {self.name}: found {len(given)} arguments, expected {names}. "
                "Give a value for each."
            )
        rest = (parameter.default for parameter in wanted[len(given) :])
        args = tuple(map(self._checked, wanted, (*given, *rest)))
        object.__setattr__(self, "args", args)

    def _checked(self, parameter: Parameter, value: object) -> EditArg:
        accepts, expected = _TYPES[str(parameter.annotation)]
        try:
            return accepts(value)
        except (TypeError, ValueError):
            raise EditError(
                f"The edit {self.name}, {parameter.name}: found {value!r:.40}, "
                f"expected {expected}. Change {parameter.name}."
            ) from None

    def apply(self, arch: Architecture) -> Architecture:
        """The edited architecture. Raises EditError where the edit cannot be made."""
        return EDITS[self.name](arch, *self.args)

    @property
    def text(self) -> str:
        """The edit in words: `b5 to L4`."""
        return _TEXTS[self.name](*self.args)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**9:
        raise TypeError
    return int(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _wholes(value: object) -> tuple[int, ...]:
    if not isinstance(value, tuple | list):
        raise TypeError
    return tuple(_whole(item) for item in value)


def _line(value: object) -> str:
    if not isinstance(value, str) or len(value) > 400 or not value.isprintable():
        raise TypeError
    return value


def _maybe_whole(value: object) -> int | None:
    return None if value is None else _whole(value)


_TYPES: dict[str, tuple[Callable[[object], EditArg], str]] = {
    "int": (_whole, "a whole number"),
    "int | None": (_maybe_whole, "a whole number or nothing"),
    "str": (_line, "a line of text"),
    "bool": (_flag, "true or false"),
    "Iterable[int]": (_wholes, "a list of whole numbers"),
    "Op": (lambda value: Op(str(value)), f"one of {', '.join(Op)}"),
    "Follow": (lambda value: Follow(str(value)), f"one of {', '.join(Follow)}"),
}
"""What turns a value into an argument, by the annotation of the parameter, and its words."""


def _add_text(op: Op, level: int, parents: tuple[int, ...], position: int | None) -> str:
    reads = " and ".join(f"b{parent}" for parent in parents) or "the stem"
    where = "" if position is None else f" at position {position}"
    return f"add a {op} block on L{level}{where}, reading {reads}"


_TEXTS: dict[str, Callable[..., str]] = {
    "set_level": lambda block, level: f"b{block} to L{level}",
    "swap": lambda a, b, follow: f"swap b{a} and b{b}, {follow.text}",
    "move": lambda block, to, follow: f"move b{block} to position {to}, {follow.text}",
    "rewire": lambda block, slot, parent: f"b{block} reads b{parent} in slot {slot}",
    "disconnect": lambda block, slot: f"disconnect slot {slot} of b{block}",
    "set_op": lambda block, op: f"b{block} becomes a {op} block",
    "set_output": lambda block, on: f"b{block} {'becomes an' if on else 'is no longer an'} output",
    "set_repeats": lambda block, repeats: (
        f"b{block} repeats {'as the scaling says' if repeats is None else f'{repeats} times'}"
    ),
    "add": _add_text,
    "remove": lambda block: f"remove b{block}",
    "set_resampled": lambda block, on: (
        f"b{block} {'resamples its parents' if on else 'takes its input as it is'}"
    ),
    "set_width": lambda block, width: (
        f"b{block} {'as wide as its level' if width is None else f'{width} wide'}"
    ),
    "set_stem": lambda count: f"the stem is the first {count} blocks",
    "set_scaling": lambda setting, value: f"{setting} becomes {value}",
}
