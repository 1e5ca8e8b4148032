"""A block: what it computes, at which pyramid level, and what it reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MIN_LEVEL = 1
MAX_LEVEL = 7
"""The coarsest level of SpineNet, and of every scaling that has widths for levels 0 to 7."""
COARSEST_LEVEL = 9
"""The coarsest level that a scaling may have widths for: SSD goes down to one pixel."""


class Op(StrEnum):
    """What a block computes.

    Most may stand at any level and read any earlier block. Lateral, smooth and coarse are the parts
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
    INVERTED = "inverted"
    """1x1 expand by 6, 3x3 depthwise, 1x1 project (MobileNetV2). What is wide already, the stem's
    map or a pointwise block's, is not expanded."""
    POINTWISE = "pointwise"
    """One 1x1 convolution, activated: MobileNetV2's last, or an expansion that is read twice."""
    EXTRA = "extra"
    """1x1 to C/2, 3x3 depthwise, 1x1 to C, each activated: SSDLite's extra feature layers."""

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
    width: int | None = None
    """C of this block, where its level has several (MobileNetV2); None takes the scaling's width of
    the level. Parts of an FPN take no notice of it."""

    @property
    def stride(self) -> int:
        """Feature stride in input pixels."""
        return int(2**self.level)

    @property
    def label(self) -> str:
        """Short name for people: `b5`."""
        return f"b{self.id}"
