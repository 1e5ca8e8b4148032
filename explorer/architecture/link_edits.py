"""Edits of links: what a block reads."""

from __future__ import annotations

from dataclasses import replace

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block
from explorer.architecture.settling import editable, refusal, with_block


def rewire(arch: Architecture, block: int, slot: int, parent: int) -> Architecture:
    """`arch` with another parent in a slot; the slot after the last one connects one more.

    Raises EditError where the parent is missing, later in the order, or the block itself.

    >>> from explorer.architecture.example import small
    >>> rewire(small(), 4, 1, 0).block(4).parents
    (2, 0)
    >>> rewire(small(), 4, 2, 0).block(4).parents
    (2, 3, 0)
    """
    doing = f"Let b{block} read b{parent} in slot {slot}"
    child = editable(arch, block, doing)
    _check_slot(child, slot, len(child.parents), doing)
    parents = (*child.parents[:slot], parent, *child.parents[slot + 1 :])
    return with_block(arch, replace(child, parents=parents), doing)


def disconnect(arch: Architecture, block: int, slot: int) -> Architecture:
    """`arch` without the parent in this slot; later slots move up.

    Raises EditError where it was the last parent of a block that needs one.

    >>> from explorer.architecture.example import small
    >>> disconnect(small(), 4, 0).block(4).parents
    (3,)
    """
    doing = f"Disconnect slot {slot} of b{block}"
    child = editable(arch, block, doing)
    _check_slot(child, slot, len(child.parents) - 1, doing)
    parents = child.parents[:slot] + child.parents[slot + 1 :]
    return with_block(arch, replace(child, parents=parents), doing)


def _check_slot(block: Block, slot: int, last: int, doing: str) -> None:
    if not 0 <= slot <= last:
        expected = f"slot 0 to {last}" if last > 0 else "slot 0" if last == 0 else "none"
        mend = "It has no parent to disconnect." if last < 0 else "Choose one of these slots."
        raise refusal(doing, f"Block {block.id}", f"slot {slot}", expected, mend)
