"""Any permutation at the miniature scale: the networks that trained weights are shipped for.

All blocks have the same width on every level and links are lean, so that the parameters of a place
in the order serve whichever block stands there, on any level, with any parents. The stem and the
head are light: the permuted blocks have to do the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import MAX_LEVEL, Block, Op
from explorer.architecture.scaling import Head, LinkStyle, Norm, Scaling, Stem

WIDTH = 48
EXPANSION = 2
CHANNELS = WIDTH * EXPANSION
NUM_CLASSES = 16
STEM_LEVEL = 2


def miniature_scaling(width: int) -> Scaling:
    """The miniature scaling with 3x3 convolutions of so many channels, and twice as many between.

    >>> miniature_scaling(26).out_channels(Op.BOTTLENECK, 4)
    52
    """
    channels = width * EXPANSION
    return Scaling(
        filters=(width,) * (MAX_LEVEL + 1),
        resample_alpha=0.5,
        endpoints_num_filters=channels,
        stem=Stem.UNSHUFFLE,
        stem_filters=channels,
        link_style=LinkStyle.LEAN,
        head=Head(num_convs=0, num_filters=channels, num_classes=NUM_CLASSES + 1, num_anchors=1),
        norm=Norm.GROUP,
        expansion=EXPANSION,
    )


MINIATURE = miniature_scaling(WIDTH)
"""96 channels everywhere; bottlenecks 96-48-48-96; one box a cell, straight from a 3x3."""


@lru_cache(maxsize=512)
def miniature(arch: Architecture, width: int = WIDTH) -> Architecture:
    """The blocks, order and links of `arch` at the miniature scale.

    The shipped weights are for the usual `width`. A miniature of another width keeps it.

    Ids are the places in the order, which is what the shared parameters are addressed by
    (`places` says which id a block had). Every block becomes a bottleneck that resamples its
    parents; those of the fixed stem on L1 and L2, and what reads the image's stem, become single
    1x1 convolutions. Repeats and widths of blocks are left out.

    >>> from explorer.architecture.example import small
    >>> [(block.id, str(block.op), block.level) for block in miniature(small()).blocks][:3]
    [(0, 'pointwise', 2), (1, 'pointwise', 2), (2, 'bottleneck', 3)]
    """
    own = arch.scaling.filters[0]
    scaling = miniature_scaling(own)
    if width != WIDTH or arch.scaling != scaling:
        scaling = miniature_scaling(width)
    place = places(arch)
    blocks: list[Block] = []
    stem: set[int] = set()
    for block in arch.blocks:
        parents = tuple(place[parent] for parent in block.parents if parent in place)
        in_stem = block.in_stem and block.level <= STEM_LEVEL and stem.issuperset(parents)
        light = not parents or (in_stem and len(parents) == 1)
        if light:
            stem.add(place[block.id])
        blocks.append(
            replace(
                block,
                id=place[block.id],
                op=Op.POINTWISE if light else Op.BOTTLENECK,
                level=max(block.level, STEM_LEVEL) if light else block.level,
                is_output=block.is_output and block.level in scaling.output_levels,
                parents=parents,
                resampled=not light,
                repeats=None,
                width=scaling.stem_filters if light else None,
            )
        )
    return Architecture(f"{arch.name}, miniature", tuple(blocks), scaling)


def places(arch: Architecture) -> Mapping[int, int]:
    """The id of each block at the miniature scale, by the id that it has in `arch`.

    >>> from explorer.architecture.example import small
    >>> places(small())[4]
    4
    """
    return {block.id: place for place, block in enumerate(arch.blocks)}
