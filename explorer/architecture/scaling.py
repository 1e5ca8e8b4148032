"""What turns one permutation of blocks into a network of a given size."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from explorer.architecture.block import COARSEST_LEVEL, MAX_LEVEL, MIN_LEVEL, Block, Op

SPINENET_FILTERS = (32, 32, 64, 128, 256, 256, 256, 256)
"""Width C by level 0..7: FILTER_SIZE_MAP of the official spinenet.py (level 0 is not used)."""
MOBILE_FILTERS = (8, 16, 24, 40, 80, 112, 112, 112)
"""FILTER_SIZE_MAP of the official spinenet_mobile.py."""
RESNET_FILTERS = (64, 64, 64, 128, 256, 512, 512, 512)
"""Width C by level of ResNet: 64, 128, 256, 512 for L2 to L5."""


class Stem(StrEnum):
    """What stands before the first block."""

    CONV7_POOL = "conv7-pool"
    """7x7 stride 2, norm, activation, 3x3 stride 2 max pool: gives level 2."""
    CONV3 = "conv3"
    """3x3 stride 2, norm, activation: gives level 1."""
    UNSHUFFLE = "unshuffle-conv3"
    """Each 2x2 pixels as 12 channels, then 3x3 stride 2, norm, activation: gives level 2."""


class LinkStyle(StrEnum):
    """How a resampling link is built."""

    ALPHA = "alpha"
    """1x1 to alpha*C; 3x3 stride 2 and max pools down, or nearest up; 1x1 to the target width."""
    SEPARABLE = "separable"
    """3x3 depthwise stride 2 for each level down, or nearest up; 1x1 to the target width."""
    LEAN = "lean"
    """Going down, the mean of each square; 1x1 to alpha*C, 1x1 to the target width, norm, and where
    the widths agree half of what came in; going up, nearest. All that has parameters is the same
    for any two levels, and runs at the coarser one (the miniature networks)."""


class Endpoint(StrEnum):
    """What stands between an output block and P3..P7."""

    CONV = "conv"
    """1x1 to `endpoints_num_filters`, norm, activation (SpineNet)."""
    NORM = "norm"
    """A norm alone (the official FPN)."""
    NONE = "none"
    """Nothing: the block's own output (a plain ResNet's C2..C5)."""


class Activation(StrEnum):
    """Applied after norms and sums."""

    RELU = "relu"
    SWISH = "swish"
    HARD_SWISH = "hard_swish"
    RELU6 = "relu6"


class Norm(StrEnum):
    """What stands after most convolutions."""

    BATCH = "batch"
    """A batch norm."""
    FOLDED = "folded"
    """Nothing: the norm's scale and shift are in the convolution, which has a bias for it. So
    networks are frozen for use; such a one is not trained further."""
    GROUP = "group"
    """A group norm, groups of about 16 channels: no statistics of other images or other paths."""


class Padding(StrEnum):
    """Where the extra pixels of a strided window go."""

    SAME = "same"
    """As TensorFlow pads: output ceil(n / stride), the odd pixel after."""
    SYMMETRIC = "symmetric"
    """(kernel - 1) // 2 on both sides, as torchvision pads."""
    TF1 = "tf1"
    """As the code for TensorFlow 1: convolutions symmetric, max pools `same`; and a link that goes
    down by three levels or more has one larger max pool in the place of a row of them."""

    @property
    def of_convolutions(self) -> Padding:
        """The rule for convolutions: `same` or `symmetric`."""
        return Padding.SYMMETRIC if self is Padding.TF1 else self

    @property
    def of_pools(self) -> Padding:
        """The rule for max pools: `same` or `symmetric`."""
        return Padding.SAME if self is Padding.TF1 else self


class HeadStyle(StrEnum):
    """How boxes are predicted from the maps of the endpoints."""

    RETINANET = "retinanet"
    """Two towers shared over levels, with norms of their own per level."""
    SSD = "ssd"
    """On each level a predictor of its own for classes and one for boxes: 3x3 depthwise and 1x1
    (SSDLite). The maps may have different widths."""

    @property
    def words(self) -> str:
        """The style as people write it."""
        return "SSD" if self is HeadStyle.SSD else "RetinaNet"


FINEST_ANCHORS = 3
"""SSD has fewer anchors on its finest level (`reduce_boxes_in_lowest_layer`)."""


@dataclass(frozen=True, slots=True)
class Head:
    """What predicts boxes: a RetinaNet head, or SSD's predictors.

    Source: tensorflow/models `retinanet` heads, and `object_detection`
    `ssd_mobilenet_v2_feature_extractor`; 91 classes are 90 COCO ids and the background.
    `num_convs`, `num_filters` and `anchor_size` are RetinaNet's.
    """

    num_convs: int = 4
    num_filters: int = 256
    num_classes: int = 91
    num_anchors: int = 9
    separable: bool = False
    anchor_size: float = 3.0
    """Side of the smallest square anchor, in feature strides."""
    style: HeadStyle = HeadStyle.RETINANET

    def anchors_at(self, finest: bool) -> int:
        """Anchors in each cell of a level: SSD has three on the finest one.

        >>> Head().anchors_at(True), Head(num_anchors=6, style=HeadStyle.SSD).anchors_at(True)
        (9, 3)
        """
        return FINEST_ANCHORS if finest and self.style is HeadStyle.SSD else self.num_anchors


@dataclass(frozen=True, slots=True)
class Scaling:
    """Widths, repeats and conventions shared by all blocks of a network.

    >>> Scaling(filter_size_scale=0.65).width(4)
    166
    """

    filters: tuple[int, ...] = SPINENET_FILTERS
    filter_size_scale: float = 1.0
    resample_alpha: float = 0.5
    block_repeats: int = 1
    endpoints_num_filters: int = 256
    stem: Stem = Stem.CONV7_POOL
    stem_filters: int = 64
    link_style: LinkStyle = LinkStyle.ALPHA
    endpoint: Endpoint = Endpoint.CONV
    min_level: int = 3
    """The finest level that has an endpoint."""
    max_level: int = 7
    stage_projection: bool = False
    """True: a block that reads the stem or another level always projects its shortcut, also where
    shapes agree (the official ResNet-18 and 34). False: only where shapes differ."""
    activation: Activation = Activation.RELU
    norm_epsilon: float = 1e-3
    padding: Padding = Padding.SAME
    head: Head = field(default_factory=Head)
    norm: Norm = Norm.BATCH
    expansion: int = 4
    """How many times its own C a bottleneck gives."""

    def width(self, level: int) -> int:
        """C at a level: the width of a block's 3x3 convolution."""
        return int(self.filters[level] * self.filter_size_scale)

    def out_channels(self, op: Op, level: int, width: int | None = None) -> int:
        """Channels that a block gives (and that its resampled inputs have).

        `width` is the block's own C; None takes that of the level.
        """
        if op.is_pyramid:
            return self.endpoints_num_filters
        return (width or self.width(level)) * (self.expansion if op is Op.BOTTLENECK else 1)

    def channels_of(self, block: Block) -> int:
        """Channels that this block gives."""
        return self.out_channels(block.op, block.level, block.width)

    @property
    def levels(self) -> range:
        """Levels that a block may stand at: those that `filters` has widths for, without 0."""
        coarsest = min(max(len(self.filters) - 1, MAX_LEVEL), COARSEST_LEVEL)
        return range(MIN_LEVEL, coarsest + 1)

    @property
    def fitting_side(self) -> int:
        """The stride of the coarsest level: at multiples of it, in pixels, all maps meet."""
        return int(2 ** self.levels[-1])

    @property
    def stem_level(self) -> int:
        """The level of the map that the first block reads."""
        return 1 if self.stem is Stem.CONV3 else 2

    @property
    def output_levels(self) -> range:
        """Levels that have an endpoint."""
        return range(self.min_level, self.max_level + 1)

    def output_name(self, level: int) -> str:
        """`P4` for a level that a head reads, `C4` for a plain ResNet's stage."""
        return f"{'P' if self.feeds_head else 'C'}{level}"

    @property
    def feeds_head(self) -> bool:
        """Whether a head fits: RetinaNet's is shared by all levels, so it needs endpoints."""
        return self.endpoint is not Endpoint.NONE or self.head.style is HeadStyle.SSD


@lru_cache(maxsize=512)
def level_widths(scaling: Scaling) -> tuple[int, ...]:
    """The width C of every level from 0, worked out once for a scaling.

    >>> level_widths(Scaling())[3]
    128
    """
    return tuple(scaling.width(level) for level in range(len(scaling.filters)))
