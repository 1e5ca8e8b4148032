"""Edits as words: `--swap 5,9`, `--rewire 7.1=3`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from explorer.architecture.block import Op
from explorer.architecture.edits import Edit, EditArg, Follow
from explorer.architecture.errors import FormatError


class EditOption(NamedTuple):
    """One option of `edit`: its form, its help, its pattern, and the arguments it stands for."""

    form: str
    text: str
    pattern: str
    arguments: Callable[[Sequence[str], Follow | None], tuple[EditArg, ...]]


def _numbers(found: Sequence[str], links: Follow | None) -> tuple[EditArg, ...]:
    del links
    return tuple(map(int, found))


def _with_links(found: Sequence[str], links: Follow | None) -> tuple[EditArg, ...]:
    return (*map(int, found), *((links,) if links else ()))


def _add(found: Sequence[str], links: Follow | None) -> tuple[EditArg, ...]:
    del links
    op, level, parents, position = found
    ids = tuple(map(int, parents.split("+"))) if parents else ()
    return (Op(op), int(level), ids, *((int(position),) if position else ()))


_OPS = "|".join(Op)
_ID = r"b?(\d{1,9})"

EDIT_OPTIONS: dict[str, EditOption] = {
    "set-level": EditOption("ID=L", "put a block on level L", rf"{_ID}=L?(\d)", _numbers),
    "swap": EditOption("A,B", "two blocks change places", rf"{_ID},{_ID}", _with_links),
    "move": EditOption(
        "ID=POSITION", "move in the order, from 0", rf"{_ID}=(\d{{1,9}})", _with_links
    ),
    "links": EditOption(
        "block|place",
        "what wires do in the swaps and moves that follow: go with the block, or stay",
        "(block|place)",
        lambda found, links: (),
    ),
    "rewire": EditOption(
        "ID.SLOT=PARENT",
        "read another parent; a slot of one more connects one more",
        rf"{_ID}\.(\d{{1,2}})={_ID}",
        _numbers,
    ),
    "disconnect": EditOption("ID.SLOT", "drop a parent", rf"{_ID}\.(\d{{1,2}})", _numbers),
    "set-op": EditOption(
        "ID=OP", ", ".join(Op), rf"{_ID}=({_OPS})", lambda f, links: (int(f[0]), Op(f[1]))
    ),
    "set-output": EditOption(
        "ID=yes|no", "mark an output, or clear the mark", rf"{_ID}=(yes|no|true|false)",
        lambda f, links: (int(f[0]), f[1] in ("yes", "true")),
    ),
    "set-repeats": EditOption(
        "ID=N", "copies in sequence; 0 takes the scaling's", rf"{_ID}=(\d{{1,3}})",
        lambda f, links: (int(f[0]), int(f[1]) or None),
    ),
    "set-width": EditOption(
        "ID=C", "a width of its own; 0 takes its level's", rf"{_ID}=(\d{{1,5}})",
        lambda f, links: (int(f[0]), int(f[1]) or None),
    ),
    "set-resampled": EditOption(
        "ID=yes|no", "resample the parents, or take the one input as it is (ResNet)",
        rf"{_ID}=(yes|no|true|false)", lambda f, links: (int(f[0]), f[1] in ("yes", "true")),
    ),
    "set-stem": EditOption(
        "COUNT", "the first COUNT blocks are the stem, which other edits leave alone",
        r"(\d{1,9})", _numbers,
    ),
    "set-scaling": EditOption(
        "NAME=VALUE",
        "a setting shared by all blocks: activation=swish, padding=tf1, head.num_convs=7",
        r"([a-z_.]{1,40})=(.{1,300})",
        lambda found, links: tuple(found),
    ),
    "add": EditOption(
        "OP,LEVEL,P+P[@POSITION]", "a new block with these parents",
        rf"({_OPS}),L?(\d),((?:\d{{1,9}}(?:\+\d{{1,9}})*)?)(?:@(\d{{1,9}}))?", _add,
    ),
    "remove": EditOption("ID", "its readers then read its first parent", _ID, _numbers),
}  # fmt: skip


def edits_from_words(words: Sequence[tuple[str, str]]) -> tuple[Edit, ...]:
    """The edits that option names and values stand for, in their order.

    Raises FormatError where a value has not its option's form.

    >>> edits_from_words([("set-level", "5=3")])[0].args
    (5, 3)
    """
    links: Follow | None = None
    edits = []
    for name, value in words:
        option = EDIT_OPTIONS[name]
        match = re.fullmatch(option.pattern, value.strip(), re.ASCII)
        if match is None:
            raise FormatError(f"--{name}: found {value[:60]!r}, expected {option.form}.")
        if name == "links":
            links = Follow(match[1])
            continue
        arguments = option.arguments(match.groups(default=""), links)
        edits.append(Edit(name.replace("-", "_"), arguments))
    return tuple(edits)
