"""Rules about an architecture as a whole: its size, its name, its scaling, its ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import COARSEST_LEVEL, MAX_LEVEL, MIN_LEVEL, PYRAMID_OPS
from explorer.architecture.errors import Problem
from explorer.architecture.scaling import LinkStyle

MAX_BLOCKS = 2000
MAX_REPEATS = 64
MAX_NAME = 200
MAX_CHANNELS = 65536
MAX_EXPANSION = 16


def size(arch: Architecture) -> Iterator[Problem]:
    """No block, or too many.

    >>> [problem.found for problem in size(Architecture("nothing", ()))]
    ['0 blocks']
    """
    count = len(arch.blocks)
    if not 1 <= count <= MAX_BLOCKS:
        yield Problem(
            "block-count",
            "The architecture",
            f"{count} blocks",
            f"1 to {MAX_BLOCKS}",
            "Add a block." if count == 0 else "Remove blocks, or split the network.",
        )


def name(arch: Architecture) -> Iterator[Problem]:
    """A name that cannot be shown on one line.

    >>> [problem.place for problem in name(Architecture("long" * 99, ()))]
    ['The architecture, name']
    """
    if len(arch.name) > MAX_NAME or not arch.name.isprintable():
        yield Problem(
            "name-text",
            "The architecture, name",
            f"{ascii(arch.name)[:40]}",
            f"at most {MAX_NAME} printable characters",
            "Choose a name that fits on one line.",
        )


def scaling_ranges(arch: Architecture) -> Iterator[Problem]:
    """Settings out of range, and settings that leave a part without channels.

    >>> from explorer.architecture.scaling import Scaling
    >>> none = Architecture("none", (), Scaling(block_repeats=0))
    >>> [problem.place for problem in scaling_ranges(none)]
    ['Scaling, block_repeats']
    """
    scaling, head = arch.scaling, arch.scaling.head
    wholes = {
        "block_repeats": (scaling.block_repeats, MAX_REPEATS),
        "endpoints_num_filters": (scaling.endpoints_num_filters, MAX_CHANNELS),
        "stem_filters": (scaling.stem_filters, MAX_CHANNELS),
        "head.num_convs": (head.num_convs, 64),
        "head.num_filters": (head.num_filters, MAX_CHANNELS),
        "head.num_classes": (head.num_classes, MAX_CHANNELS),
        "head.num_anchors": (head.num_anchors, 1024),
    }
    for name, (value, most) in wholes.items():
        least = 0 if name == "head.num_convs" else 1
        if not least <= value <= most:
            yield _out_of_range(name, value, f"{least} to {most}")
    for name, factor in (
        ("filter_size_scale", scaling.filter_size_scale),
        ("resample_alpha", scaling.resample_alpha),
        ("head.anchor_size", head.anchor_size),
    ):
        if not 0.0 < factor <= 64.0:
            yield _out_of_range(name, factor, "above 0, to 64")
    if not 1 <= scaling.expansion <= MAX_EXPANSION:
        yield _out_of_range("expansion", scaling.expansion, f"1 to {MAX_EXPANSION}")
    if not 0.0 < scaling.norm_epsilon < 1.0:
        yield _out_of_range("norm_epsilon", scaling.norm_epsilon, "above 0, below 1")
    coarsest = scaling.levels[-1]
    if not MIN_LEVEL <= scaling.min_level <= scaling.max_level <= coarsest:
        yield _out_of_range(
            "min_level, max_level",
            f"{scaling.min_level}, {scaling.max_level}",
            f"{MIN_LEVEL} <= min_level <= max_level <= {coarsest}",
        )
    count = len(scaling.filters)
    if not MAX_LEVEL < count <= COARSEST_LEVEL + 1 or min(scaling.filters, default=0) < 1:
        yield _out_of_range(
            "filters",
            scaling.filters,
            f"{MAX_LEVEL + 1} widths of 1 or more, levels 0 to 7; up to {COARSEST_LEVEL + 1} with "
            "levels 8 and 9",
        )
    elif 0.0 < scaling.filter_size_scale <= 64.0:
        narrowest = min(scaling.width(level) for level in scaling.levels)
        if narrowest < 1 or max(scaling.filters) * scaling.filter_size_scale > MAX_CHANNELS:
            yield _out_of_range(
                "filter_size_scale",
                scaling.filter_size_scale,
                "a width of 1 to 65536 on each level",
            )
        elif scaling.link_style is not LinkStyle.SEPARABLE and 0.0 < scaling.resample_alpha <= 64.0:
            if any(block.op in PYRAMID_OPS for block in arch.blocks):
                narrowest = min(narrowest, scaling.endpoints_num_filters)
            own = (block.width for block in arch.blocks if block.width is not None)
            narrowest = min(narrowest, *(width for width in own if width > 0), narrowest)
            if int(narrowest * scaling.resample_alpha) < 1:
                yield _out_of_range(
                    "resample_alpha",
                    scaling.resample_alpha,
                    f"1 or more channels left of {narrowest}, so {1 / narrowest:.3g} or more",
                )


def _out_of_range(name: str, found: object, expected: str) -> Problem:
    return Problem(
        "scaling-range", f"Scaling, {name}", str(found), expected, "Choose another value."
    )


def unique_ids(arch: Architecture) -> Iterator[Problem]:
    """Ids that repeat or are negative.

    >>> from explorer.architecture.example import small_with
    >>> [problem.code for problem in unique_ids(small_with(4, id=-1))]
    ['id-negative']
    """
    ids = [block.id for block in arch.blocks]
    if len(set(ids)) == len(ids) and min(ids, default=0) >= 0:
        return
    for block_id, count in Counter(ids).items():
        if count > 1:
            yield Problem(
                "id-repeated",
                f"Block {block_id}",
                f"{count} blocks of this id",
                "one",
                "Give each block an id of its own.",
                block_id,
            )
        if block_id < 0:
            yield Problem(
                "id-negative",
                f"Block {block_id}",
                f"id {block_id}",
                "0 or more",
                "Number blocks from 0.",
                block_id,
            )
