"""A block: what it computes, at which pyramid level, and what it reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MIN_LEVEL = 1
MAX_LEVEL = 7


class Op(StrEnum):
    """What a block computes.

    The first three may stand at any level and read any earlier block. The last three are the parts
    of a feature pyramid (FPN) and read only what an FPN gives them.
    """

    BOTTLENECK = "bottleneck"
    """1x1 to C, 3x3, 1x1 to 4C, plus the shortcut (ResNet)."""
    RESIDUAL = "residual"
    """3x3 to C, 3x3, plus the shortcut (ResNet)."""
    MBCONV = "mbconv"
    """1x1 expand by 6, 3x3 depthwise, squeeze-and-excitation, 1x1 project (MobileNetV3)."""
    LATERAL = "lateral"
    """FPN: 1x1 on the first parent, plus the second parent upsampled."""
    SMOOTH = "smooth"
    """FPN: 3x3 after the sum; `post_hoc` in the official code."""
    COARSE = "coarse"
    """FPN: 3x3 stride 2, makes P6 and P7."""

    @property
    def is_pyramid(self) -> bool:
        """Whether this is a part of an FPN."""
        return self in PYRAMID_OPS


PYRAMID_OPS = frozenset({Op.LATERAL, Op.SMOOTH, Op.COARSE})
"""The parts of an FPN. Loops over blocks ask this set: a property is a call for each block."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a network; its place in the tuple of an architecture is its place in the order.

    `id` stays with the block for ever. `parents` are ids. A block without parents reads the stem's
    convolution. `feature stride = 2**level`.

    >>> Block(5, Op.BOTTLENECK, 4, (2, 4)).stride
    16
    """

    id: int
    op: Op
    level: int
    parents: tuple[int, ...] = ()
    is_output: bool = False
    resampled: bool = True
    """True: each parent passes through a resampling link, then all are summed (SpineNet).
    False: the one input goes straight into the block, which may shrink it once (ResNet), or as the
    FPN part prescribes."""
    in_stem: bool = False
    """Part of the fixed, scale-decreased beginning, which edits leave alone."""
    repeats: int | None = None
    """How many copies in sequence; None takes the scaling's `block_repeats`."""

    @property
    def stride(self) -> int:
        """Feature stride in input pixels."""
        return int(2**self.level)

    @property
    def label(self) -> str:
        """Short name for people: `b5`."""
        return f"b{self.id}"
