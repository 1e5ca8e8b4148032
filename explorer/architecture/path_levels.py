"""Which levels the paths to an output pass: where fine detail can survive, and where it cannot.

A map at level L has a value for each `2**L` pixels. A path that has passed level 5 can carry
nothing finer than 32 pixels from there on, whatever level it ends on.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block
from explorer.architecture.errors import ArchitectureError
from explorer.architecture.links import links_into
from explorer.architecture.rules import problems


class PathLevels(NamedTuple):
    """The paths from the first block to one output, sorted by levels met before that output block.

    `passing[L]` are the paths that meet level L at least once; a path may meet several.
    `coarsest[L]` are the paths whose coarsest level is L; together they are all paths (but for a
    path that consists of the output alone).
    """

    level: int
    block: int
    paths: int
    passing: Mapping[int, int]
    coarsest: Mapping[int, int]

    def share_passing(self, level: int) -> float:
        """The share of paths that meet this level, 0 to 1; 0 where there is no path."""
        return self.passing.get(level, 0) / self.paths if self.paths else 0.0

    def share_no_coarser(self, level: int) -> float:
        """The share of paths that never meet a level coarser than this one."""
        if not self.paths:
            return 0.0
        return 1 - sum(n for found, n in self.coarsest.items() if found > level) / self.paths


@lru_cache(maxsize=128)
def path_levels(arch: Architecture) -> tuple[PathLevels, ...]:
    """The levels that the paths to every output pass, finest output first.

    Counts are exact, and cost one walk over the links for each level that occurs. Joined links
    count like others. Raises ArchitectureError where `arch` has problems.

    >>> from explorer.architecture.example import small
    >>> way = path_levels(small())[1]
    >>> way.paths, dict(way.passing), dict(way.coarsest)
    (5, {2: 5, 3: 5}, {3: 5})
    """
    found = problems(arch)
    if found:
        raise ArchitectureError(found)
    levels = sorted({block.level for block in arch.blocks})
    every = _ways(arch, set(levels))
    avoiding = {level: _ways(arch, set(levels) - {level}) for level in levels}
    below = {level: _ways(arch, {other for other in levels if other <= level}) for level in levels}
    return tuple(_of_output(arch, block, every, avoiding, below, levels) for block in arch.outputs)


def _of_output(
    arch: Architecture,
    block: Block,
    every: Mapping[int, int],
    avoiding: Mapping[int, Mapping[int, int]],
    below: Mapping[int, Mapping[int, int]],
    levels: list[int],
) -> PathLevels:
    parents = [link.parent for link in links_into(arch)[block.id]]

    def into(ways: Mapping[int, int]) -> int:
        return sum(ways[parent] for parent in parents)

    all_ways = into(every)
    passing = {level: all_ways - into(avoiding[level]) for level in levels}
    coarsest, finer = {}, 0
    for level in levels:
        coarsest[level] = into(below[level]) - finer
        finer = into(below[level])
    return PathLevels(
        block.level,
        block.id,
        all_ways if block.id != arch.blocks[0].id else 1,
        MappingProxyType({level: count for level, count in passing.items() if count}),
        MappingProxyType({level: count for level, count in coarsest.items() if count}),
    )


def _ways(arch: Architecture, allowed: set[int]) -> Mapping[int, int]:
    """How many paths lead from the first block to each block over blocks of these levels alone."""
    into = links_into(arch)
    known: dict[int, int] = {}
    for place, block in enumerate(arch.blocks):
        if block.level not in allowed:
            known[block.id] = 0
        elif place == 0:
            known[block.id] = 1
        else:
            known[block.id] = sum(known[link.parent] for link in into[block.id])
    return known
