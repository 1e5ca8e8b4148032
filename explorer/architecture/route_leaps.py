"""Edits of a route that may bring several things into place at once: a swap, a move, a removal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from explorer.architecture.architecture import Architecture, blocks_by_id, positions
from explorer.architecture.difference import longest_kept
from explorer.architecture.edits import Edit
from explorer.architecture.order_edits import Follow

MOST_BLOCKS = 40
"""Longer orders go without: the number of pairs grows with the square."""


def leaps(here: Architecture, goal: Architecture, moving: bool = True) -> Iterator[Edit]:
    """Edits that change more than one thing, of which some may be in place afterwards.

    Swaps of two blocks that stand the other way round in `goal`, moves of blocks that must move,
    removals of blocks that are read, and slots that may go. Not each is legal, nor each a gain.

    >>> from explorer.architecture.edits import swap
    >>> from explorer.architecture.example import small
    >>> [edit.text for edit in leaps(small(), swap(small(), 2, 3))][:1]
    ['swap b2 and b3, links stay with the place']
    """
    then = blocks_by_id(goal)
    if len(here.blocks) > MOST_BLOCKS:
        return
    if moving:
        yield from _order(here, goal)
    read = {parent for block in here.blocks for parent in block.parents}
    for block in here.blocks:
        if block.id not in then:
            if block.id in read:
                yield Edit("remove", (block.id,))
        elif len(block.parents) > len(then[block.id].parents):
            for slot in range(len(block.parents)):
                yield Edit("disconnect", (block.id, slot))


def _order(here: Architecture, goal: Architecture) -> Iterator[Edit]:
    at = positions(goal)
    common = [block.id for block in here.blocks if block.id in at and not block.in_stem]
    turned = [(a, b) for a, b in combinations(common, 2) if at[a] > at[b]]
    for a, b in turned:
        yield Edit("swap", (a, b, Follow.PLACE))
    for a, b in turned:
        yield Edit("swap", (a, b, Follow.BLOCK))
    kept = longest_kept(common, at)
    place = positions(here)
    for block_id in common:
        if block_id not in kept:
            others = [place[other] for other in common if other != block_id]
            for to in others:
                yield Edit("move", (block_id, to, Follow.PLACE))
