"""Paths through a network: how many ways lead to each output, and what they pass through."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ArchitectureError
from explorer.architecture.links import links_into
from explorer.architecture.receptive_field import receptive_fields
from explorer.architecture.rules import problems


class BlockPaths(NamedTuple):
    """All paths from the first block to one block. A path is a row of links.

    `shortest` and `longest` count blocks, both ends included; 0 where no path leads here.
    `coarsest` is the smallest, over paths, of the coarsest level on the path, this block included;
    0 where no path leads here.
    """

    paths: int
    shortest: int
    longest: int
    coarsest: int


class OutputPaths(NamedTuple):
    """All paths from the first block to one output.

    `bottleneck_level` is the smallest, over paths, of the coarsest level that a path meets before
    the output block itself; None where no path passes another block. `receptive_field` is in input
    pixels, a side of a square.
    """

    level: int
    block: int
    paths: int
    shortest: int
    longest: int
    bottleneck_level: int | None
    receptive_field: int


@lru_cache(maxsize=128)
def block_paths(arch: Architecture) -> Mapping[int, BlockPaths]:
    """The paths to every block, dead ones included, by id in execution order.

    Joined links count like others; a parent that is read twice is two paths. Raises
    ArchitectureError where `arch` has problems.

    >>> from explorer.architecture.example import small
    >>> block_paths(small())[4]
    BlockPaths(paths=5, shortest=3, longest=5, coarsest=4)
    """
    found = problems(arch)
    if found:
        raise ArchitectureError(found)
    into = links_into(arch)
    known: dict[int, BlockPaths] = {}
    for place, block in enumerate(arch.blocks):
        if place == 0:
            known[block.id] = BlockPaths(1, 1, 1, block.level)
            continue
        ways = [known[link.parent] for link in into[block.id]]
        ways = [way for way in ways if way.paths]
        known[block.id] = BlockPaths(
            paths=sum(way.paths for way in ways),
            shortest=min((way.shortest + 1 for way in ways), default=0),
            longest=max((way.longest + 1 for way in ways), default=0),
            coarsest=max(block.level, min(way.coarsest for way in ways)) if ways else 0,
        )
    return MappingProxyType(known)


def block_path_counts(arch: Architecture) -> Mapping[int, int]:
    """How many paths lead from the first block to every block, by id.

    Raises ArchitectureError where `arch` has problems.

    >>> from explorer.architecture.example import small
    >>> dict(block_path_counts(small()))
    {0: 1, 1: 1, 2: 2, 3: 3, 4: 5}
    """
    return MappingProxyType({block_id: way.paths for block_id, way in block_paths(arch).items()})


def output_paths(arch: Architecture) -> tuple[OutputPaths, ...]:
    """The paths to every output, finest level first.

    Raises ArchitectureError where `arch` has problems.

    >>> from explorer.architecture.example import small
    >>> [(way.level, way.paths, way.bottleneck_level) for way in output_paths(small())]
    [(3, 3, 2), (4, 5, 3)]
    """
    known, into, fields = block_paths(arch), links_into(arch), receptive_fields(arch)
    found = []
    for block in arch.outputs:
        way = known[block.id]
        before = [known[link.parent] for link in into[block.id]]
        met = [parent.coarsest for parent in before if parent.paths]
        found.append(
            OutputPaths(
                block.level,
                block.id,
                way.paths,
                way.shortest,
                way.longest,
                min(met, default=None) if block.id != arch.blocks[0].id else None,
                fields[block.id],
            )
        )
    return tuple(found)
