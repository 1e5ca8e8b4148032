"""What each type of part costs, for populations: asked once from `cost`, then looked up."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import MAX_LEVEL, Block, Op
from explorer.architecture.scaling import Scaling
from explorer.cost.cost import NOTHING, Cost, cost
from explorer.cost.population_rows import OPS

LEVELS = MAX_LEVEL + 1
TYPES = len(OPS) * LEVELS
"""A block's type is its op and its level: `op * LEVELS + level`."""
NO_BODY = 2 * TYPES
NO_LINK = TYPES * TYPES
"""The code of a block that is dead, and of a link that is not there or into a dead block."""
Ints = NDArray[np.int64]

_PARENT, _BLOCK, _OUTPUT = 1000, 1001, 1002
"""Ids in the small architectures that parts are asked from."""


class Tables:
    """Costs by type, as pairs of macs and params: `bodies[0]` are macs, `bodies[1]` params.

    Rows are asked for the types that occur, from small architectures that have that part.
    """

    def __init__(self, stem: tuple[Block, ...], scaling: Scaling, size: int, head: bool) -> None:
        self.scaling = scaling
        chain = tuple(
            replace(block, id=place, parents=(place - 1,) if place else ())
            for place, block in enumerate(stem)
        )
        self.asked = (chain, scaling, size, head)
        self.bodies = np.zeros((2, NO_BODY + 1), np.int64)
        """By type, then by type with an endpoint (`TYPES +`), then nothing."""
        self.links = np.zeros((2, NO_LINK + 1), np.int64)
        """By `parent's type * TYPES + child's`, then nothing."""
        self.classes = np.array([_class(scaling, *_op_level(code)) for code in range(TYPES)])
        """Types that may join one another, those of one level and width, have one class."""
        self.known: tuple[set[int], set[int]] = (set(), {NO_LINK})
        whole = _probe(*self.asked, (), OPS[0], scaling.min_level)
        self.stem_types = np.array([_type(OPS.index(block.op), block.level) for block in stem])
        self.stem_bodies = np.array([whole.blocks[block.id] for block in chain], np.int64).T
        self.always = np.array(whole.by_part["stem"]) - self.stem_bodies.sum(axis=1)
        """The stem's convolution, and what a head's levels share."""
        self.always[1] += whole.head_shared_params

    def need(self, types: Ints, pairs: Ints) -> None:
        """Makes sure that these rows are there."""
        for code in _codes(types, TYPES) - self.known[0]:
            op, level = _op_level(code)
            found = _probe(*self.asked, (), op, level)
            body = np.array(found.blocks[_BLOCK])
            self.bodies[:, code] = self.bodies[:, TYPES + code] = body
            for ends in (found.endpoints, found.heads):
                self.bodies[:, TYPES + code] += ends.get(level, NOTHING)
            self.known[0].add(code)
        for pair in _codes(pairs, NO_LINK + 1) - self.known[1]:
            parent, child = divmod(pair, TYPES)
            found = _probe(*self.asked, _op_level(parent), *_op_level(child))
            wire = next(wire for wire in found.links if wire.link.child == _BLOCK)
            self.links[:, pair] = wire.macs, wire.params
            self.known[1].add(pair)


def _codes(found: Ints, many: int) -> set[int]:
    """Which codes below `many` occur; counting is faster than sorting."""
    return set(np.flatnonzero(np.bincount(found.ravel(), minlength=many)).tolist())


def _type(op: int, level: int) -> int:
    return op * LEVELS + level


def _op_level(code: int) -> tuple[Op, int]:
    return OPS[code // LEVELS], code % LEVELS


def _class(scaling: Scaling, op: Op, level: int) -> int:
    """The first type of this level and number of channels."""
    channels = scaling.out_channels(op, level)
    same = (i for i, other in enumerate(OPS) if scaling.out_channels(other, level) == channels)
    return _type(next(same), level)


@lru_cache(maxsize=4096)
def _probe(
    stem: tuple[Block, ...],
    scaling: Scaling,
    size: int,
    head: bool,
    parent: tuple[Op, int] | tuple[()],
    op: Op,
    level: int,
) -> Cost:
    """The cost of an architecture in which block _BLOCK is of this type, and reads that parent."""
    blocks, last = list(stem), stem[-1].id
    if parent:
        blocks.append(Block(_PARENT, parent[0], parent[1], (last,)))
        last = _PARENT
    out = level in scaling.output_levels
    blocks.append(Block(_BLOCK, op, level, (last,), is_output=out))
    if not out:
        blocks.append(Block(_OUTPUT, op, scaling.min_level, (_BLOCK,), is_output=True))
    return cost(Architecture("probe", tuple(blocks), scaling), size, head)
