"""What lessons draw beside their network, as data: each chart is counted from the network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from explorer.architecture.architecture import Architecture
from explorer.architecture.links import dead_blocks
from explorer.architecture.path_levels import path_levels
from explorer.architecture.paths import output_paths
from explorer.architecture.receptive_field import receptive_fields
from explorer.catalog import entry
from explorer.cost.cost import cost
from explorer.drawing.bars import Bar, Bars, Part
from explorer.lessons.lesson import Figure
from explorer.lessons.measures import cells, without_long, without_short
from explorer.search.crowd import crowd
from explorer.search.space import space_of

SMALL, LARGE = 24, 96
"""Widths in pixels of the two stickers that a lesson follows."""
FAMILY = ("spinenet-49s", "spinenet-49", "spinenet-96", "spinenet-143", "spinenet-190")
BINS = 14


def figure(kind: Figure, arch: Architecture) -> Bars | None:
    """The chart of a kind about a network; None for the kinds that are no bar charts.

    Raises an ExplorerError where the network cannot be counted.

    >>> from explorer.architecture.example import small
    >>> figure(Figure.PATHS, small()).alt
    'Paths by the coarsest level before the output: P3: 1 L2, 2 L3. P4: 5 L3.'
    """
    made = _KINDS.get(kind)
    return None if made is None else made(arch)


def _paths(arch: Architecture) -> Bars:
    name = arch.scaling.output_name
    rows = [(name(way.level), way) for way in path_levels(arch)]
    words = ". ".join(
        f"{label}: " + ", ".join(f"{count} L{level}" for level, count in way.coarsest.items())
        for label, way in rows
    )
    return Bars(
        "Paths to each output, by the coarsest level that they meet before it",
        "share of paths, %",
        tuple(
            Bar(
                f"{label} ({way.paths})",
                tuple(
                    Part(f"L{level}", 100 * count / way.paths, level)
                    for level, count in way.coarsest.items()
                ),
            )
            for label, way in rows
            if way.paths
        ),
        f"Paths by the coarsest level before the output: {words}.",
    )


def _costs(arch: Architecture) -> Bars:
    counted = cost(arch)
    level = {block.id: block.level for block in arch.blocks}
    blocks, links = defaultdict[int, int](int), defaultdict[int, int](int)
    for block_id, tally in counted.blocks.items():
        blocks[level[block_id]] += tally.macs
    for found in counted.links:
        links[level[found.link.child]] += found.macs
    ends = {at: tally.macs for at, tally in counted.endpoints.items()}
    stacks = {"blocks": blocks, "links into": links, "endpoints": ends}
    words = ", ".join(f"{label} {sum(of.values()) / 1e9:.2f} G" for label, of in stacks.items())
    return Bars(
        "Where the multiply-adds are, by level",
        "G MACs",
        tuple(
            Bar(label, tuple(Part(f"L{at}", of[at] / 1e9, at) for at in sorted(of)))
            for label, of in stacks.items()
        ),
        f"Multiply-adds at 640 pixels: {words}.",
    )


def _cells(arch: Architecture) -> Bars:
    del arch
    rows = [(level, cells(SMALL, level), cells(LARGE, level)) for level in range(2, 8)]
    words = ". ".join(f"L{level}: {small:g} and {large:g}" for level, small, large in rows)
    return Bars(
        "Cells in a row that a sticker covers",
        "cells",
        tuple(
            Bar(
                f"L{level}",
                (Part(f"{SMALL} px wide", small), Part(f"{LARGE} px wide", large)),
            )
            for level, small, large in rows
        ),
        f"Cells that stickers of {SMALL} and {LARGE} pixels cover. {words}.",
        grouped=True,
        logarithmic=True,
        note="Below 1 a sticker shares its only cell with what stands beside it.",
    )


def _links(arch: Architecture) -> Bars:
    level = {block.id: block.level for block in arch.blocks}
    rows = [one for one in cost(arch).links if one.macs]
    most = max(rows, key=lambda one: one.macs, default=None)
    words = f"{len(rows)} links with multiply-adds" + (
        f"; the dearest is b{most.link.parent} to b{most.link.child}, {most.macs / 1e6:.0f} M"
        if most
        else ""
    )
    return Bars(
        "Each link's multiply-adds, coloured by the level that it comes from",
        "M MACs",
        tuple(
            Bar(
                f"{one.link.parent}→{one.link.child}",
                (Part(f"from L{level[one.link.parent]}", one.macs / 1e6, level[one.link.parent]),),
            )
            for one in rows
        ),
        f"Multiply-adds of links: {words}.",
    )


def _fields(arch: Architecture) -> Bars:
    found = receptive_fields(arch)
    rows = [(block, found[block.id]) for block in arch.blocks if block.id in found]
    words = ", ".join(f"{block.label} {side}" for block, side in rows)
    return Bars(
        "How far each block sees, in the order of the blocks",
        "pixels",
        tuple(Bar(b.label, (Part(f"on L{b.level}", side, b.level),)) for b, side in rows),
        f"Receptive fields in pixels: {words}.",
    )


def _crowd(arch: Architecture) -> Bars:
    around = crowd(space_of(arch))
    macs = cost(arch).macs
    counts, edges = np.histogram(around.macs, BINS)
    here = int(np.clip(np.searchsorted(edges, macs) - 1, 0, BINS - 1))
    share = float((around.macs < macs).mean())
    return Bars(
        f"{len(around.macs):,} random networks of this space by multiply-adds",
        "networks",
        tuple(
            Bar(
                f"{(low + high) / 2e9:.1f} G", (Part("random networks", int(count)),), place == here
            )
            for place, (count, low, high) in enumerate(
                zip(counts, edges[:-1], edges[1:], strict=True)
            )
        ),
        f"This network has {macs / 1e9:.2f} G multiply-adds, more than {share:.0%} of "
        f"{len(around.macs)} random ones.",
        note="The outlined bar is where this network stands.",
    )


def _bottlenecks(arch: Architecture) -> Bars:
    around = crowd(space_of(arch))
    here = output_paths(arch)[0].bottleneck_level
    counts = {level: int((around.bottleneck == level).sum()) for level in range(2, 8)}
    words = ", ".join(f"L{level} {count}" for level, count in counts.items() if count)
    return Bars(
        f"Bottleneck level of P3 among {len(around.bottleneck):,} random networks of this space",
        "networks",
        tuple(
            Bar(f"L{level}", (Part("random networks", count, level),), level == here)
            for level, count in counts.items()
            if count
        ),
        f"Of random networks, by bottleneck level of P3: {words}. This one: L{here}.",
        note="The outlined bar is where this network stands. Counted, not trained.",
    )


def _family(arch: Architecture) -> Bars:
    del arch
    rows = []
    for name in FAMILY:
        one = entry(name)
        whole = cost(one.architecture, one.size, True)
        head = whole.by_part["head"].macs
        rows.append((f"{one.title} @{one.size}", whole.macs - head, head))
    words = ". ".join(f"{label}: {(body + head) / 1e9:.0f} G" for label, body, head in rows)
    return Bars(
        "The family at the image sizes that it is published for",
        "G MACs",
        tuple(
            Bar(label, (Part("backbone", body / 1e9), Part("head", head / 1e9)))
            for label, body, head in rows
        ),
        f"Multiply-adds, head included. {words}.",
    )


def _damage(arch: Architecture) -> Bars:
    kinds = {"whole": arch, "short cut": without_short(arch), "long cut": without_long(arch)}
    ways = {label: output_paths(one) for label, one in kinds.items()}
    words = ". ".join(
        f"{label}: {', '.join(f'P{way.level} {way.paths}' for way in found)}, "
        f"{len(dead_blocks(kinds[label]))} dead blocks"
        for label, found in ways.items()
    )
    return Bars(
        "Paths that are left to each output",
        "paths",
        tuple(
            Bar(
                arch.scaling.output_name(way.level),
                tuple(
                    Part(label, other.paths)
                    for label, found in ways.items()
                    for other in found
                    if other.level == way.level
                ),
            )
            for way in ways["whole"]
        ),
        f"Paths left. {words}.",
        grouped=True,
        logarithmic=True,
    )


_KINDS: Mapping[Figure, Callable[[Architecture], Bars]] = MappingProxyType(
    {
        Figure.PATHS: _paths,
        Figure.COSTS: _costs,
        Figure.CELLS: _cells,
        Figure.LINKS: _links,
        Figure.FIELDS: _fields,
        Figure.CROWD: _crowd,
        Figure.BOTTLENECKS: _bottlenecks,
        Figure.FAMILY: _family,
        Figure.DAMAGE: _damage,
    }
)
