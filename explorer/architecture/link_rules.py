"""Rules about links and outputs, for networks whose blocks are in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from explorer.architecture.architecture import Architecture, blocks_by_id
from explorer.architecture.block import PYRAMID_OPS, Block, Op
from explorer.architecture.errors import Problem


def plain_step_fits(block: Block, known: Mapping[int, Block], stem_level: int) -> bool:
    """Whether a plain block can take its input as it is: one input, of its level or one finer.

    A parent that is not there counts as fitting: another rule speaks of it.

    >>> finer = Block(0, Op.RESIDUAL, 2, resampled=False)
    >>> plain_step_fits(Block(1, Op.RESIDUAL, 3, (0,), resampled=False), {0: finer}, 2)
    True
    """
    if len(block.parents) > 1:
        return False
    if not block.parents:
        return block.level - stem_level in (0, 1)
    parent = known.get(block.parents[0])
    return parent is None or block.level - parent.level in (0, 1)


def plain_steps(arch: Architecture) -> Iterator[Problem]:
    """A plain input keeps its level or shrinks once; FPN parts read what an FPN gives.

    >>> from explorer.architecture.example import small_with
    >>> [problem.code for problem in plain_steps(small_with(1, level=5))]
    ['plain-step']
    """
    known = blocks_by_id(arch)
    for block in arch.blocks:
        if block.op in PYRAMID_OPS:
            yield from _pyramid(block, known)
        elif not block.resampled and not plain_step_fits(block, known, arch.scaling.stem_level):
            source = known[block.parents[0]].level if block.parents else arch.scaling.stem_level
            yield Problem(
                "plain-step",
                f"Block {block.id} on L{block.level}",
                f"a plain input from L{source}" + ("" if block.parents else ", the stem's"),
                f"one from L{block.level} or L{block.level - 1}",
                f"Put it on L{source} or L{source + 1}, or let it resample its parents."
                if block.parents
                else f"Put it on L{source} or L{source + 1}, or connect it to an earlier block.",
                block.id,
            )


def _pyramid(block: Block, known: Mapping[int, Block]) -> Iterator[Problem]:
    for slot, parent in enumerate(known[i] for i in block.parents):
        if block.op is Op.LATERAL and slot == 1:
            fits = parent.level > block.level and parent.op.is_pyramid
            expected = f"an FPN block coarser than L{block.level}"
        elif block.op is Op.COARSE:
            fits, expected = parent.level == block.level - 1, f"a block on L{block.level - 1}"
        else:
            fits, expected = parent.level == block.level, f"a block on L{block.level}"
        if not fits:
            yield Problem(
                "pyramid-parent",
                f"Block {block.id} ({block.op}), parent {slot}",
                f"block {parent.id} ({parent.op}) on L{parent.level}",
                expected,
                "Choose another parent, or make this block a bottleneck or residual block.",
                block.id,
            )


def outputs(arch: Architecture) -> Iterator[Problem]:
    """A second output on a level, and an architecture without any.

    >>> from explorer.architecture.example import small_with
    >>> [problem.code for problem in outputs(small_with(4, level=3))]
    ['output-repeated']
    """
    levels = arch.scaling.output_levels
    by_level: dict[int, list[Block]] = {}
    for block in arch.blocks:
        if block.is_output:
            by_level.setdefault(block.level, []).append(block)
    for level, (first, *others) in sorted(by_level.items()):
        for block in others:
            yield Problem(
                "output-repeated",
                f"Block {block.id}, output of L{level}",
                f"a second output on this level, after block {first.id}",
                "one output per level",
                f"Take the output mark off block {first.id} or {block.id}, "
                "or put one of them on another level.",
                block.id,
            )
    if not any(level in levels for level in by_level):
        yield Problem(
            "output-missing",
            "The architecture",
            "no output",
            f"at least one on L{levels.start} to L{levels.stop - 1}",
            "Mark a block on one of these levels as the output of its level.",
        )
