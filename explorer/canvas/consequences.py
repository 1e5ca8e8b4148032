"""What each gesture would do, before it is done: cost, outputs, or the reason why not.

Every answer comes from the edit itself and from the cost room; the script in the browser only shows
it. A table for one held block or wire of SpineNet-49 takes some 10 ms, so it is asked for when the
block or the wire is taken up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from explorer.architecture.architecture import Architecture
from explorer.architecture.edits import Edit, Follow
from explorer.architecture.errors import ExplorerError
from explorer.architecture.links import dead_blocks
from explorer.architecture.rules import problems
from explorer.cost.cost import cost
from explorer.cost.units import signed_macs_text, signed_params_text

LANES = range(2, 8)
"""Levels that every drawing has a lane for."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What an edit would change; `refused` says why it cannot be made, empty where it can.

    `macs` and `params` are differences to the architecture as it stands.
    """

    macs: int = 0
    params: int = 0
    text: str = ""
    refused: str = ""

    def to_data(self) -> dict[str, int | str | None]:
        """As the canvas takes it."""
        return {
            "macs": self.macs,
            "params": self.params,
            "text": self.text,
            "refused": self.refused or None,
        }


Table = Mapping[int, Consequence]


@lru_cache(maxsize=256)
def levels_of(arch: Architecture, block: int, size: int = 640, head: bool = False) -> Table:
    """By level, the consequence of dropping a block on another lane.

    >>> from explorer.architecture.example import small
    >>> levels_of(small(), 3)[5].text
    '−1.60 G MACs, +1.02 M params; P3 is lost, P5 is new'
    """
    lanes = sorted({*LANES, *(one.level for one in arch.blocks)} - {arch.block(block).level})
    return _table(arch, {level: Edit("set_level", (block, level)) for level in lanes}, size, head)


@lru_cache(maxsize=256)
def together_of(
    arch: Architecture, block: int, also: frozenset[int], size: int = 640, head: bool = False
) -> Table:
    """By level, the consequence of dropping a block there where others go along with it.

    >>> from explorer.architecture.example import small
    >>> together_of(small(), 2, frozenset({3}))[5].macs == consequence(
    ...     small(), 640, False, Edit("set_level", (3, 5)), Edit("set_level", (2, 5))
    ... ).macs
    True
    """
    start = arch.block(block).level
    moving = [one for one in arch.blocks if one.id in {block, *also} and not one.in_stem]
    edits = {}
    for lane in sorted({*LANES, *(one.level for one in arch.blocks)} - {start}):
        by = lane - start
        # Those in front go first, so that no two outputs meet on a level on the way.
        row = sorted(moving, key=lambda one: one.level, reverse=by > 0)
        edits[lane] = tuple(Edit("set_level", (one.id, one.level + by)) for one in row)
    return consequences_of(arch, edits, size, head)


@lru_cache(maxsize=512)
def swaps_of(
    arch: Architecture, block: int, follow: Follow, size: int = 640, head: bool = False
) -> Table:
    """By block, the consequence of dropping a block on it, under one of the parent rules."""
    others = (one.id for one in arch.blocks if one.id != block and not one.in_stem)
    edits = {other: Edit("swap", (block, other, follow)) for other in others}
    return _table(arch, edits, size, head)


@lru_cache(maxsize=512)
def moves_of(
    arch: Architecture, block: int, follow: Follow, size: int = 640, head: bool = False
) -> Table:
    """By position in the order, from 0, the consequence of dropping a block there."""
    places = [
        place
        for place, one in enumerate(arch.blocks)
        if not one.in_stem and place != arch.position(block)
    ]
    edits = {place: Edit("move", (block, place, follow)) for place in places}
    return _table(arch, edits, size, head)


@lru_cache(maxsize=512)
def parents_of(
    arch: Architecture, child: int, slot: int, size: int = 640, head: bool = False
) -> Table:
    """By block, the consequence of letting `child` read it in this slot.

    The slot after the last connects one more parent.

    >>> from explorer.architecture.example import small
    >>> parents_of(small(), 3, 0)[4].refused.split(":")[0]
    'Let b3 read b4 in slot 0'
    """
    now = arch.block(child).parents[slot : slot + 1]
    others = (one.id for one in arch.blocks if one.id not in now)
    edits = {other: Edit("rewire", (child, slot, other)) for other in others}
    return _table(arch, edits, size, head)


@lru_cache(maxsize=512)
def readers_of(arch: Architecture, parent: int, size: int = 640, head: bool = False) -> Table:
    """By block, the consequence of letting it read `parent` in one more slot."""
    edits = {
        one.id: Edit("rewire", (one.id, len(one.parents), parent))
        for one in arch.blocks
        if one.id != parent and not one.in_stem
    }
    return _table(arch, edits, size, head)


def consequences_of(
    arch: Architecture, edits: Mapping[int, tuple[Edit, ...]], size: int = 640, head: bool = False
) -> Table:
    """By target, the consequence of several edits made together."""
    found = {target: consequence(arch, size, head, *row) for target, row in edits.items()}
    return MappingProxyType(found)


def consequence(arch: Architecture, size: int, head: bool, *edits: Edit) -> Consequence:
    """What edits of `arch`, one after the other, would change.

    An architecture with problems has no cost: only outputs and refusals are told.
    """
    try:
        after = arch
        for edit in edits:
            after = edit.apply(after)
        if problems(arch) or problems(after):
            return Consequence(text=_outputs_text(arch, after))
        one, two = cost(arch, size, head), cost(after, size, head)
    except ExplorerError as error:
        return Consequence(refused=str(error))
    macs, params = two.macs - one.macs, two.params - one.params
    parts = [f"{signed_macs_text(macs)} MACs" if macs else "same MACs"]
    if params:
        parts.append(f"{signed_params_text(params)} params")
    told = "; ".join(filter(None, [", ".join(parts), _outputs_text(arch, after)]))
    return Consequence(macs, params, told)


def _table(arch: Architecture, edits: Mapping[int, Edit], size: int, head: bool) -> Table:
    found = {target: consequence(arch, size, head, edit) for target, edit in edits.items()}
    return MappingProxyType(found)


def _outputs_text(before: Architecture, after: Architecture) -> str:
    """Which outputs, and how many running blocks, are lost or gained."""
    name = before.scaling.output_name
    old = {block.level for block in before.outputs}
    new = {block.level for block in after.outputs}
    parts = [f"{name(level)} is lost" for level in sorted(old - new)]
    parts += [f"{name(level)} is new" for level in sorted(new - old)]
    common = {block.id for block in before.blocks} & {block.id for block in after.blocks}
    died = (dead_blocks(after) - dead_blocks(before)) & common
    woke = (dead_blocks(before) - dead_blocks(after)) & common
    if died:
        parts.append(f"{_named(died)} dead")
    if woke:
        parts.append(f"{_named(woke)} alive again")
    return ", ".join(parts)


def _named(blocks: frozenset[int]) -> str:
    names = [f"b{block}" for block in sorted(blocks)]
    if len(names) > 3:
        return f"{len(names)} blocks are"
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"
