"""Edits of the order: blocks that change places."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from explorer.architecture.architecture import Architecture, positions
from explorer.architecture.block import Block
from explorer.architecture.settling import check_position, editable, refusal, settle


class Follow(StrEnum):
    """What happens to links when blocks change places."""

    BLOCK = "block"
    """Links follow the block: it takes its parents and its readers along."""
    PLACE = "place"
    """Links stay with the place: whoever stands there has its parents, and is read by its readers.
    The id, op, level, output mark and repeats travel. This is the paper's scale permutation."""

    @property
    def text(self) -> str:
        """The rule in words."""
        return "links follow the block" if self is Follow.BLOCK else "links stay with the place"


def swap(arch: Architecture, a: int, b: int, follow: Follow = Follow.PLACE) -> Architecture:
    """`arch` with two blocks in each other's place: the scale permutation.

    Raises EditError where a block would come before one of its parents (`Follow.BLOCK` only).

    >>> from explorer.architecture.example import small
    >>> [(b.id, b.parents) for b in swap(small(), 2, 3).blocks[2:]]
    [(3, (0, 1)), (2, (1, 3)), (4, (3, 2))]
    """
    doing = f"Swap b{a} and b{b}, {follow.text}"
    one, two = editable(arch, a, doing), editable(arch, b, doing)
    if a == b:
        raise refusal(
            doing,
            f"Block {a}",
            "the same block twice",
            "two different blocks",
            "Choose another block to swap it with.",
        )
    there = {a: two, b: one}
    order = [there.get(block.id, block) for block in arch.blocks]
    return _reordered(arch, order, follow, doing)


def move(
    arch: Architecture, block: int, position: int, follow: Follow = Follow.BLOCK
) -> Architecture:
    """`arch` with the block at another position of the order, counted from 0 at the first block.

    Raises EditError where the position is the stem's or out of range, or where a block would come
    before one of its parents (`Follow.BLOCK` only).

    >>> from explorer.architecture.example import small
    >>> [b.id for b in move(small(), 4, 2, Follow.PLACE).blocks]
    [0, 1, 4, 2, 3]
    """
    doing = f"Move b{block} to position {position}, {follow.text}"
    moved = editable(arch, block, doing)
    check_position(arch, position, len(arch.blocks) - 1, doing)
    order = [other for other in arch.blocks if other.id != block]
    order.insert(position, moved)
    return _reordered(arch, order, follow, doing)


def _reordered(arch: Architecture, order: list[Block], follow: Follow, doing: str) -> Architecture:
    if follow is Follow.BLOCK:
        _check_order(arch, order, doing)
        return settle(arch, tuple(order), doing)
    now_there = {old.id: new.id for old, new in zip(arch.blocks, order, strict=True)}
    blocks = []
    for old, new in zip(arch.blocks, order, strict=True):
        parents = tuple(now_there.get(parent, parent) for parent in old.parents)
        stays = new.parents == parents and new.resampled == old.resampled
        blocks.append(new if stays else replace(new, parents=parents, resampled=old.resampled))
    return settle(arch, tuple(blocks), doing)


def _check_order(arch: Architecture, order: list[Block], doing: str) -> None:
    """Links that follow their blocks need every parent to stay before its readers."""
    before = positions(arch)
    after = {block.id: place for place, block in enumerate(order)}
    for block in order:
        for slot, parent in enumerate(block.parents):
            if after.get(parent, -1) > after[block.id] and before[parent] < before[block.id]:
                raise refusal(
                    doing,
                    f"Block {block.id}, parent {slot}",
                    f"block {parent}, which would come later in the order",
                    "an earlier block",
                    f"Use links that stay with the place, or move block {parent} first, "
                    "or rewire this slot.",
                )
