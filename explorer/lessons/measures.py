"""What lessons may measure: functions that their expressions call, by name.

Each takes an architecture, or the name of one in the catalog, and gives a number.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any, NamedTuple

from explorer.architecture.architecture import Architecture, positions
from explorer.architecture.block import Op
from explorer.architecture.difference import difference
from explorer.architecture.edits import set_scaling, swap
from explorer.architecture.errors import FormatError
from explorer.architecture.layers import LayerKind
from explorer.architecture.links import dead_blocks, links
from explorer.architecture.path_levels import PathLevels, path_levels
from explorer.architecture.paths import OutputPaths, output_paths
from explorer.architecture.receptive_field import receptive_fields
from explorer.architecture.route import route
from explorer.catalog import Published, entry
from explorer.cost.cost import cost
from explorer.lessons.finding import stored
from explorer.search.crowd import Standing, standings
from explorer.search.space import factors, space_of
from explorer.search.space import size as space_size

Arch = Architecture | str
Number = int | float
FACTS = Path(__file__).parent / "data" / "facts.json"


def macs(arch: Arch, size: int = 640, head: bool = False) -> int:
    """Multiply-adds for one square image.

    >>> macs("spinenet-49")
    28261990400
    """
    return cost(_of(arch), size, head).macs


def params(arch: Arch, head: bool = False) -> int:
    """Trainable parameters."""
    return cost(_of(arch), 640, head).params


def nbytes(arch: Arch, size: int = 640) -> int:
    """Bytes that a forward holds at most."""
    return cost(_of(arch), size).peak_nbytes


def part_macs(arch: Arch, part: str) -> int:
    """Multiply-adds of `stem`, `blocks`, `links`, `endpoints` or, counted with it, `head`."""
    return cost(_of(arch), 640, part == "head").by_part[part].macs


def block_macs(arch: Arch, block: int) -> int:
    """Multiply-adds of one block's body."""
    return cost(_of(arch)).blocks[block].macs


def link_macs(arch: Arch, parent: int, child: int) -> int:
    """Multiply-adds of the links from one block to another."""
    found = cost(_of(arch)).links
    return sum(one.macs for one in found if (one.link.parent, one.link.child) == (parent, child))


def resizing(arch: Arch) -> int:
    """How many feature-map elements are made by resizing up: work that no table of MACs shows."""
    return cost(_of(arch)).by_class[LayerKind.RESIZE]


def paths(arch: Arch, output: int) -> int:
    """How many paths lead from the first block to the output of a level."""
    return _way(arch, output).paths


def shortest(arch: Arch, output: int) -> int:
    """Blocks on the shortest path to an output, both ends counted."""
    return _way(arch, output).shortest


def longest(arch: Arch, output: int) -> int:
    """Blocks on the longest path to an output."""
    return _way(arch, output).longest


def bottleneck(arch: Arch, output: int) -> int:
    """The bottleneck level of an output: smallest, over paths, of the coarsest level before it.

    >>> bottleneck("resnet-50-fpn", 3), bottleneck("resnet-50-fpn", 6)
    (3, 5)
    """
    return _way(arch, output).bottleneck_level or 0


def field(arch: Arch, output: int) -> int:
    """The receptive field of an output, in pixels."""
    return _way(arch, output).receptive_field


def block_field(arch: Arch, block: int) -> int:
    """The receptive field of a block, in pixels; 0 where it is dead."""
    return receptive_fields(_of(arch)).get(block, 0)


def share_passing(arch: Arch, output: int, level: int) -> float:
    """The share of paths to an output that pass a level on the way; 0 where none lead there."""
    return _levels(arch, output).share_passing(level)


def share_fine(arch: Arch, output: int, level: int) -> float:
    """The share of paths to an output that meet nothing coarser than a level on the way.

    >>> round(share_fine("resnet-50-fpn", 3, 3), 3)
    0.333
    """
    return _levels(arch, output).share_no_coarser(level)


def blocks(arch: Arch) -> int:
    """How many blocks there are."""
    return len(_of(arch).blocks)


def links_of(arch: Arch, at_least: int = 0) -> int:
    """How many links there are whose ends are at least so many levels apart."""
    here = _of(arch)
    gaps = [abs(here.block(a.parent).level - here.block(a.child).level) for a in links(here)]
    return sum(gap >= at_least for gap in gaps)


def links_up(arch: Arch) -> int:
    """How many links lead from a coarser to a finer level."""
    here = _of(arch)
    return sum(here.block(a.parent).level > here.block(a.child).level for a in links(here))


def outputs(arch: Arch) -> int:
    """How many outputs there are."""
    return len(_of(arch).outputs)


def same_outputs(one: Arch, other: Arch) -> bool:
    """Whether two networks have outputs on the same levels."""
    return [b.level for b in _of(one).outputs] == [b.level for b in _of(other).outputs]


def dead(arch: Arch) -> int:
    """How many blocks no output reads."""
    return len(dead_blocks(_of(arch)))


def level(arch: Arch, block: int) -> int:
    """The level of a block; 0 where it is gone."""
    return next((b.level for b in _of(arch).blocks if b.id == block), 0)


def depth(arch: Arch, block: int) -> int:
    """The place of a block in the order, from 1; 0 where it is gone."""
    found = [place for place, b in enumerate(_of(arch).blocks, 1) if b.id == block]
    return found[0] if found else 0


def ops(arch: Arch, op: str) -> int:
    """How many blocks compute this."""
    return sum(block.op is Op(op) for block in _of(arch).blocks)


def side(level: int, size: int = 640) -> int:
    """The side of a level's map for a square image, in cells.

    >>> side(3), side(7)
    (80, 5)
    """
    return -(-size // (1 << level))


def cells(pixels: int, level: int) -> float:
    """How many cells of a level a thing so many pixels wide covers, in one direction."""
    return pixels / (1 << level)


def without_long(arch: Arch) -> Architecture:
    """The network with the farther of two inputs cut, at every block that has two or more."""
    return _cut(_of(arch), nearest=True)


def without_short(arch: Arch) -> Architecture:
    """The network with only the farthest input left at every block."""
    return _cut(_of(arch), nearest=False)


def _cut(arch: Architecture, nearest: bool) -> Architecture:
    place = positions(arch)
    choose = max if nearest else min
    return replace(
        arch,
        blocks=tuple(
            replace(block, parents=(choose(block.parents, key=place.__getitem__),))
            if block.resampled and len(block.parents) > 1
            else block
            for block in arch.blocks
        ),
    )


def swapped(arch: Arch, a: int, b: int) -> Architecture:
    """The network with two blocks swapped; links stay with the place."""
    return swap(_of(arch), a, b)


def recast(arch: Arch, setting: str, value: Number) -> Architecture:
    """The network with another value of one setting, such as `resample_alpha`."""
    return set_scaling(_of(arch), setting, str(value))


def repeats(arch: Arch) -> int:
    """How many copies of each block run in a row."""
    return _of(arch).scaling.block_repeats


def widening(arch: Arch) -> float:
    """How many times the usual channels its maps have."""
    return _of(arch).scaling.filter_size_scale


def distance(one: Arch, other: Arch) -> int:
    """How many single things differ."""
    return difference(_of(one), _of(other)).distance


def edits(one: Arch, other: Arch) -> int:
    """How many edits a route takes."""
    return len(route(_of(one), _of(other)).steps)


def moved(one: Arch, other: Arch) -> int:
    """How many blocks stand in another place of the order."""
    return len(difference(_of(one), _of(other)).moved)


def levels_changed(one: Arch, other: Arch) -> int:
    """How many blocks that both have are on another level."""
    return sum("level" in found.fields for found in difference(_of(one), _of(other)).blocks_changed)


def ops_changed(one: Arch, other: Arch) -> int:
    """How many blocks that both have compute something else."""
    return sum("op" in found.fields for found in difference(_of(one), _of(other)).blocks_changed)


def ap(name: str, protocol: str, split: str = "val2017", size: int = 0) -> float:
    """Published AP, in per cent.

    >>> ap("spinenet-49", "B")
    42.8
    """
    return published(name, protocol, split, size).ap or 0.0


def flops(name: str, protocol: str, split: str = "val2017", size: int = 0) -> float:
    """Published FLOPs: billions of multiply-adds, with the head."""
    return published(name, protocol, split, size).flops_b or 0.0


def published_size(name: str, protocol: str, split: str = "val2017") -> int:
    """The side in pixels of the images of a published result."""
    return published(name, protocol, split, 0).size


def space(arch: Arch) -> int:
    """How many architectures the search space holds."""
    return space_size(space_of(_of(arch)))


def factor(arch: Arch, name: str) -> int:
    """How many choices one decision of the search space has."""
    return next(one.choices for one in factors(space_of(_of(arch))) if one.name == name)


def percentile(arch: Arch, name: str) -> float:
    """Where an architecture stands in its space by one measure, in per cent."""
    return next(one.percentile for one in _standings(_of(arch)) if one.name == name)


def small_ap(finest: int, coarsest: int) -> float:
    """Median AP of small objects of the measured permutations with a bottleneck in this range."""
    found = stored()
    rows = found.rows if found else ()
    values = [row.ap_small for row in rows if finest <= row.bottleneck <= coarsest]
    return median(values) if values else 0.0


def measured(finest: int, coarsest: int) -> int:
    """How many of the measured permutations have a bottleneck in this range."""
    found = stored()
    return sum(finest <= row.bottleneck <= coarsest for row in (found.rows if found else ()))


def fine_wins() -> float:
    """Of pairs of measured permutations, one with a fine path and one without: how often it wins.

    A fine path is a bottleneck level of L2 or L3; to win is the greater AP of small objects.
    """
    rows = found.rows if (found := stored()) else ()
    fine = [row.ap_small for row in rows if row.bottleneck <= 3]
    blind = [row.ap_small for row in rows if row.bottleneck > 3]
    won = [one > other for one in fine for other in blind]
    return sum(won) / max(len(won), 1)


@lru_cache(maxsize=64)
def _standings(arch: Architecture) -> tuple[Standing, ...]:
    return standings(arch, with_memory=False)


def fact(key: str) -> Number:
    """A number that was published and cannot be counted; `facts.json` has it with its source."""
    if key not in facts():
        raise FormatError(f"Facts: found none called {key[:60]!r}. Add it with its source.")
    return facts()[key].value


class Fact(NamedTuple):
    """A published number that cannot be counted, and where it stands."""

    value: Number
    source: str


@cache
def facts() -> Mapping[str, Fact]:
    """Every such number by its key."""
    rows = json.loads(FACTS.read_text(encoding="utf-8"))
    return MappingProxyType({key: Fact(row["value"], row["source"]) for key, row in rows.items()})


def _of(arch: Arch) -> Architecture:
    return entry(arch).architecture if isinstance(arch, str) else arch


def _way(arch: Arch, output: int) -> OutputPaths:
    found = [way for way in output_paths(_of(arch)) if way.level == output]
    if not found:
        raise FormatError(f"{_of(arch).name}: found no output on L{output}. Mark one.")
    return found[0]


def _levels(arch: Arch, output: int) -> PathLevels:
    nothing: Mapping[int, int] = MappingProxyType({})
    none = PathLevels(output, -1, 0, nothing, nothing)
    return next((way for way in path_levels(_of(arch)) if way.level == output), none)


def published(name: str, protocol: str, split: str, size: int) -> Published:
    """The published row that a lesson's number is read from; size 0 takes the first one."""
    for row in entry(name).published:
        first = row.protocol.startswith(f"{protocol}:")
        if row.ap is not None and first and row.split == split and size in (0, row.size):
            return row
    raise FormatError(f"{name}: found no AP of protocol {protocol} on {split}.")


MEASURES: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            macs, params, nbytes, part_macs, block_macs, link_macs, resizing, paths, shortest,
            longest, bottleneck, field, block_field, share_passing, share_fine, blocks, links_of,
            links_up, outputs, same_outputs, dead, level, depth, ops, side, cells, distance, edits,
            moved, levels_changed, ops_changed, ap, flops, published_size, space, factor,
            percentile, fact, small_ap, measured, fine_wins, without_long,
            without_short, swapped, recast, repeats, widening, round, abs, min, max,
        )
    }
)  # fmt: skip
"""Every function of the lessons' expressions by its name."""
