"""Rules about single blocks: their level, their parents, their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from explorer.architecture.architecture import Architecture, positions
from explorer.architecture.block import PYRAMID_OPS, Block, Op
from explorer.architecture.errors import Problem
from explorer.architecture.whole_rules import MAX_CHANNELS, MAX_REPEATS

MAX_PARENTS = 16


def ids_text(blocks: Iterable[Block]) -> str:
    """Ids of blocks as people read them: a range where they are in a row; '' for no blocks.

    >>> ids_text(Block(i, Op.RESIDUAL, 3) for i in range(7))
    '0 to 6'
    >>> ids_text([Block(2, Op.RESIDUAL, 3), Block(9, Op.RESIDUAL, 3)])
    '2, 9'
    """
    ids = sorted(block.id for block in blocks)
    if len(ids) > 2 and ids == list(range(ids[0], ids[-1] + 1)):
        return f"{ids[0]} to {ids[-1]}"
    return ", ".join(map(str, ids[:20])) + (", …" if len(ids) > 20 else "")


def levels(arch: Architecture) -> Iterator[Problem]:
    """Levels, repeats and widths that are out of range.

    >>> from explorer.architecture.example import small_with
    >>> [problem.code for problem in levels(small_with(4, level=9))]
    ['level-range']
    """
    fine, coarse = arch.scaling.levels[0], arch.scaling.levels[-1]
    for block in arch.blocks:
        if not fine <= block.level <= coarse:
            yield Problem(
                "level-range",
                f"Block {block.id}",
                f"level {block.level}",
                f"{fine} to {coarse}",
                "Choose a level in this range.",
                block.id,
            )
        repeats = block.repeats
        if repeats is not None and not 1 <= repeats <= MAX_REPEATS:
            yield Problem(
                "repeats-range",
                f"Block {block.id}",
                f"{repeats} repeats",
                f"1 to {MAX_REPEATS}",
                "Choose a number of repeats in this range.",
                block.id,
            )
        if block.width is not None and not 1 <= block.width <= MAX_CHANNELS:
            yield Problem(
                "width-range",
                f"Block {block.id}",
                f"a width of {block.width}",
                f"1 to {MAX_CHANNELS}",
                "Choose a width in this range, or leave it to the scaling.",
                block.id,
            )


def parents_come_earlier(arch: Architecture) -> Iterator[Problem]:
    """Parents that are the block itself, missing, or later in the order; circles are named.

    >>> from explorer.architecture.example import small_with
    >>> [problem.code for problem in parents_come_earlier(small_with(4, parents=(4,)))]
    ['parent-self']
    """
    place = positions(arch)
    circles: dict[int, int] = {}
    for here, block in enumerate(arch.blocks):
        for slot, parent in enumerate(block.parents):
            if place.get(parent, here) < here:
                continue
            where = f"Block {block.id}, parent {slot}"
            if parent == block.id:
                yield Problem(
                    "parent-self",
                    where,
                    f"block {parent} itself",
                    "an earlier block",
                    _earlier(arch, here),
                    block.id,
                )
            elif parent not in place:
                yield Problem(
                    "parent-missing",
                    where,
                    f"block {parent}, which is not there",
                    "the id of an earlier block",
                    _earlier(arch, here),
                    block.id,
                )
            else:
                circles = circles or _circles(arch)
                cycle = circles[parent] == circles[block.id]
                found = f"block {parent}, which comes later in the order"
                yield Problem(
                    "parent-cycle" if cycle else "parent-later",
                    where,
                    f"{found} and reads block {block.id}: a cycle" if cycle else found,
                    "an earlier block",
                    _earlier(arch, here)
                    if cycle
                    else f"Move block {parent} before block {block.id}, or choose another parent.",
                    block.id,
                )


def _circles(arch: Architecture) -> dict[int, int]:
    """For every block a number that it shares with the blocks which it reads and which read it."""
    import networkx  # it takes longer to load than the rest of this package, for a rare case

    graph = networkx.DiGraph([(parent, b.id) for b in arch.blocks for parent in b.parents])
    groups = networkx.strongly_connected_components(graph)
    return {block_id: number for number, group in enumerate(groups) for block_id in group}


def _earlier(arch: Architecture, here: int) -> str:
    """The mend that names the blocks before this place."""
    if here == 0:
        return "It is the first block: disconnect this parent, so that it reads the stem."
    if here > 40:
        return "Choose a block that comes earlier in the order."
    return f"Choose one of {ids_text(arch.blocks[:here])}."


def parent_counts(arch: Architecture) -> Iterator[Problem]:
    """Blocks with fewer or more parents than their op can take.

    >>> from explorer.architecture.example import small_with
    >>> [problem.code for problem in parent_counts(small_with(4, parents=()))]
    ['parent-count']
    """
    for block in arch.blocks:
        count = len(block.parents)
        if block.op is Op.LATERAL:
            least, most, mend = (
                1,
                2,
                "Leave a block of its own level, then at most one coarser FPN block.",
            )
        elif block.op in PYRAMID_OPS:
            least, most, mend = 1, 1, "Leave one parent, or choose another op."
        elif block.resampled:
            least, most, mend = 1, MAX_PARENTS, "Connect it to an earlier block, or remove it."
        else:
            least, most, mend = 0, 1, "Let it resample its parents, or leave one."
        if not least <= count <= most:
            expected = str(least) if least == most else f"{least} to {most}"
            yield Problem(
                "parent-count",
                f"Block {block.id} ({block.op})",
                f"{count} parents",
                expected,
                mend,
                block.id,
            )


def stem_first(arch: Architecture) -> Iterator[Problem]:
    """A stem block that stands after others.

    >>> from explorer.architecture.example import small_with
    >>> [problem.code for problem in stem_first(small_with(4, in_stem=True))]
    ['stem-order']
    """
    inside = [block.in_stem for block in arch.blocks]
    if True in inside[inside.index(False) if False in inside else len(inside) :]:
        late = arch.blocks[len(inside) - 1 - inside[::-1].index(True)]
        yield Problem(
            "stem-order",
            f"Block {late.id}",
            "a stem block after others",
            "stem blocks first",
            "Move it before all other blocks.",
            late.id,
        )
