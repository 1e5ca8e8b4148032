"""Costs of many architectures at once: numpy over a whole population, integers as one at a time.

A search asks for thousands of costs. Here its architectures are rows of arrays that share a
scaling and a stem; what a part costs is asked once from `cost`, then looked up. Sets of blocks (who
is read, who is alive) are the bits of one integer for each architecture.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.architecture.block import Block
from explorer.architecture.errors import SizeError
from explorer.architecture.scaling import Scaling
from explorer.cost.parts import EVEN
from explorer.cost.population_rows import Population, check
from explorer.cost.population_tables import LEVELS, NO_BODY, NO_LINK, TYPES, Ints, Tables

AT_ONCE = 8192
"""Rows worked on together, so that they stay in the processor's cache."""


class PopulationCost(NamedTuple):
    """Multiply-adds and parameters of each architecture, (P,)."""

    macs: Ints
    params: Ints


def population_cost(
    population: Population,
    stem: tuple[Block, ...],
    scaling: Scaling,
    size: int = 640,
    head: bool = False,
) -> PopulationCost:
    """What each architecture costs on a square image: the integers that `cost` gives.

    Parameters
    ----------
    stem: the plain blocks that all begin with, one after the other.
    size: a multiple of 128.
    head: also the RetinaNet head on every endpoint.

    Raises
    ------
    ArchitectureError: where a row is no legal architecture; it names the first one.
    SizeError: where `size` is not a multiple of 128.

    >>> from explorer.architecture.block import Op
    >>> one = Population(*(np.array([rows]) for rows in ([3], [0], [[1, 0]], [True])))
    >>> first = Block(0, Op.BOTTLENECK, 2, (), resampled=False, in_stem=True)
    >>> second = Block(1, Op.BOTTLENECK, 2, (0,), resampled=False, in_stem=True)
    >>> population_cost(one, (first, second), Scaling(), 128).macs
    array([320077824])
    """
    if size < EVEN or size % EVEN:
        raise SizeError(f"The image: found {size} pixels, expected a multiple of {EVEN}.")
    check(population, len(stem), scaling)
    tables = Tables(stem, scaling, size, head)
    count = len(population.levels)
    macs, params = np.empty(count, np.int64), np.empty(count, np.int64)
    for start in range(0, count, AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        macs[rows], params[rows] = _count(population.rows(rows), tables)
    return PopulationCost(macs, params)


def _count(rows: Population, tables: Tables) -> tuple[Ints, ...]:
    """Macs and params of each row; arrays are turned so that a block is one contiguous line."""
    first = len(tables.stem_types)
    count, length = rows.levels.shape
    types = np.empty((first + length, count), np.int64)
    types[:first] = tables.stem_types[:, None]
    types[first:] = (rows.ops.astype(np.int64) * LEVELS + rows.levels).T
    parents = np.ascontiguousarray(rows.parents.transpose(1, 2, 0).astype(np.int64))  # (N, K, P)
    pairs = _pairs(types, parents, first)
    tables.need(types, pairs)
    marked = np.ascontiguousarray(rows.outputs.T)
    ends = marked & np.isin(rows.levels.T, [*tables.scaling.output_levels])
    alive = _alive(types, parents, marked, ends, tables)

    runs = (alive >> np.arange(first + length)[:, None] & 1).astype(np.bool_)
    bodies = np.where(runs[first:], types[first:] + TYPES * ends, NO_BODY)
    wires = np.where(runs[first:, None, :], pairs, NO_LINK)
    stems = runs[:first].T.astype(np.int64)
    return tuple(
        always + stems @ stem + body.take(bodies).sum(axis=0) + link.take(wires).sum(axis=(0, 1))
        for always, stem, body, link in zip(
            tables.always, tables.stem_bodies, tables.bodies, tables.links, strict=True
        )
    )


def _pairs(types: Ints, parents: Ints, first: int) -> Ints:
    """The type of each link, (N, K, P): parent's type and child's; NO_LINK without a parent."""
    found = np.full_like(parents, NO_LINK)
    columns = np.arange(types.shape[1])
    for n, slots in enumerate(parents):
        for k, parent in enumerate(slots):
            pair = types[np.maximum(parent, 0), columns] * TYPES + types[first + n]
            np.copyto(found[n, k], pair, where=parent >= 0)
    return found


def _alive(
    types: Ints, parents: Ints, marked: NDArray[np.bool_], ends: NDArray[np.bool_], tables: Tables
) -> Ints:
    """A bit for each block from which an endpoint can be reached, in the order of `links._joined`.

    First forwards: who reads whom, and which unread blocks join each output. Then backwards.
    """
    first, columns = len(tables.stem_types), np.arange(types.shape[1])
    members = np.zeros((TYPES, types.shape[1]), np.int64)
    read = np.full(types.shape[1], (1 << first - 1) - 1, np.int64)
    for place in range(first):
        members[tables.classes[types[place]], columns] |= 1 << place
    reads = []
    for n in range(len(marked)):
        mine = tables.classes[types[first + n]]
        bits = np.zeros(types.shape[1], np.int64)
        for parent in parents[n]:
            bits |= np.where(parent >= 0, 1 << np.maximum(parent, 0), 0)
        read |= bits
        if marked[n].any():
            joined = np.where(marked[n], members[mine, columns] & ~read, 0)
            read |= joined
            bits |= joined
        members[mine, columns] |= 1 << first + n
        reads.append(bits)
    alive = np.zeros(types.shape[1], np.int64)
    for n in reversed(range(len(marked))):
        place = first + n
        alive |= ends[n].astype(np.int64) << place
        alive |= reads[n] * (alive >> place & 1)
    for place in reversed(range(1, first)):
        alive |= (alive >> place & 1) << place - 1
    return alive
