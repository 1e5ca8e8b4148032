"""A network small enough to see at once, for examples and tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op


def small() -> Architecture:
    """Five blocks: a stem of two, then b2 on L3, b3 on L4 (an output) and b4 on L4.

    >>> [(block.id, block.level, block.parents) for block in small().blocks]
    [(0, 2, ()), (1, 2, (0,)), (2, 3, (0, 1)), (3, 3, (1, 2)), (4, 4, (2, 3))]
    """
    return Architecture(
        "small",
        (
            Block(0, Op.BOTTLENECK, 2, resampled=False, in_stem=True),
            Block(1, Op.BOTTLENECK, 2, (0,), resampled=False, in_stem=True),
            Block(2, Op.BOTTLENECK, 3, (0, 1)),
            Block(3, Op.RESIDUAL, 3, (1, 2), is_output=True),
            Block(4, Op.BOTTLENECK, 4, (2, 3), is_output=True),
        ),
    )


def small_with(block: int, **changes: Any) -> Architecture:
    """`small()` with one block changed as `dataclasses.replace` would; it may have problems then.

    >>> small_with(4, level=9).block(4).level
    9
    """
    arch = small()
    return replace(
        arch,
        blocks=tuple(replace(b, **changes) if b.id == block else b for b in arch.blocks),
    )
