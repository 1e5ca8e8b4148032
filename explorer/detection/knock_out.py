"""What each block and each link carries: average precision without it, nothing trained anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import EditError
from explorer.detection.evaluation import evaluate
from explorer.detection.miniature import MiniatureWeights, permuted
from explorer.detection.scenes import Scene


@dataclass(frozen=True, slots=True)
class Carried:
    """How much is lost without one block."""

    block: int
    ap50: float
    """Without it."""
    lost: float
    """AP50 with it, less that; can be a little below 0."""


def carried_by_blocks(
    arch: Architecture, scenes: Sequence[Scene], values: MiniatureWeights | None = None
) -> Iterator[Carried]:
    """What each permuted block of `arch` carries, in their order, one after another.

    A block that is knocked out passes its summed input on unchanged.
    """
    whole = evaluate(arch, scenes, values=values).precision.ap50
    for block in permuted(arch):
        left = evaluate(arch, scenes, values=values, bypass=(block,)).precision.ap50
        yield Carried(block, left, whole - left)


def without_link(arch: Architecture, block: int, slot: int) -> Architecture:
    """`arch` without one link into a block.

    Raises EditError where the block has no such link, or no other one.

    >>> from explorer.architecture.example import small
    >>> without_link(small(), 4, 0).block(4).parents
    (3,)
    """
    found = arch.block(block)
    if not 0 <= slot < len(found.parents) or len(found.parents) < 2:
        raise EditError(
            f"Block {block}, link {slot}: found {len(found.parents)} links, expected this one and "
            "another that stays."
        )
    parents = tuple(parent for i, parent in enumerate(found.parents) if i != slot)
    blocks = tuple(replace(one, parents=parents) if one.id == block else one for one in arch.blocks)
    return replace(arch, blocks=blocks)
