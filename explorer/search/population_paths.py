"""Path measures of many architectures at once: the numbers that `output_paths` gives one by one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.architecture.block import MAX_LEVEL, Block
from explorer.architecture.scaling import Scaling
from explorer.cost.population_rows import OPS, Population

Ints = NDArray[np.int64]
FAR = 99
"""A level coarser than any: where no path leads."""


class PopulationPaths(NamedTuple):
    """By architecture and place after the stem, (P, N); only outputs' places mean outputs."""

    paths: Ints
    shortest: Ints
    longest: Ints
    bottleneck: Ints
    """The smallest, over paths, of the coarsest level before the block."""
    levels: Ints
    outputs: NDArray[np.bool_]

    def at_output(self, level: int, measure: Ints) -> Ints:
        """A measure at the output of a level, (P,)."""
        found = (self.levels == level) & self.outputs
        return np.asarray(np.where(found, measure, 0).sum(axis=1), np.int64)


def population_paths(
    rows: Population, stem: tuple[Block, ...], scaling: Scaling
) -> PopulationPaths:
    """Paths from the first block to every place, joined links included.

    `stem` is a plain chain. Counts are int64: enough for the 20 blocks of the published spaces.

    >>> from explorer.architecture.block import Op
    >>> one = Population(*(np.array([rows]) for rows in ([3], [0], [[0, 1]], [True])))
    >>> chain = (Block(0, Op.BOTTLENECK, 2), Block(1, Op.BOTTLENECK, 2, (0,)))
    >>> found = population_paths(one, chain, Scaling())
    >>> found.paths.tolist(), found.bottleneck.tolist()
    ([[2]], [[2]])
    """
    count, length = rows.levels.shape
    first = len(stem)
    levels = np.empty((first + length, count), np.int64)
    levels[:first] = np.array([block.level for block in stem])[:, None]
    levels[first:] = rows.levels.T
    reads = _reads(rows, stem, scaling)  # (N, first + N, P)
    paths, shortest, longest, coarsest, before = (
        np.zeros((first + length, count), np.int64) for _ in range(5)
    )
    for place in range(first):
        paths[place] = 1
        shortest[place] = longest[place] = place + 1
        coarsest[place] = levels[: place + 1].max(axis=0)
    for n in range(length):
        here = first + n
        times = reads[n, :here]
        reached = (times > 0) & (paths[:here] > 0)
        paths[here] = (times * paths[:here]).sum(axis=0)
        known = paths[here] > 0
        longest[here] = np.where(reached, longest[:here], -1).max(axis=0) + 1
        shortest[here] = np.where(reached, shortest[:here], FAR).min(axis=0) + 1
        before[here] = np.where(reached, coarsest[:here], FAR).min(axis=0)
        coarsest[here] = np.maximum(before[here], levels[here])
        shortest[here] = np.where(known, shortest[here], 0)
    return PopulationPaths(
        paths[first:].T,
        shortest[first:].T,
        longest[first:].T,
        before[first:].T,
        rows.levels.astype(np.int64),
        rows.outputs,
    )


def _reads(rows: Population, stem: tuple[Block, ...], scaling: Scaling) -> Ints:
    """How often each place reads each earlier one, (N, first + N, P): declared and joined links."""
    count, length = rows.levels.shape
    first = len(stem)
    columns = np.arange(count)
    classes = _classes(scaling)
    kinds = np.empty((first + length, count), np.int64)
    kinds[:first] = np.array([classes[_code(block)] for block in stem])[:, None]
    codes = rows.ops.astype(np.int64) * (MAX_LEVEL + 1) + rows.levels
    kinds[first:] = classes[codes].T
    reads = np.zeros((length, first + length, count), np.int64)
    unread = np.ones((first + length, count), np.bool_)
    unread[: max(first - 1, 0)] = False
    for n in range(length):
        here = first + n
        for parent in rows.parents[:, n].T:
            there = parent >= 0
            at = np.maximum(parent, 0)
            np.add.at(reads[n], (at[there], columns[there]), 1)
            unread[at[there], columns[there]] = False
        joins = unread[:here] & (kinds[:here] == kinds[here]) & rows.outputs[:, n]
        reads[n, :here] += joins
        unread[:here] &= ~joins
    return reads


def _code(block: Block) -> int:
    return OPS.index(block.op) * (MAX_LEVEL + 1) + block.level


def _classes(scaling: Scaling) -> Ints:
    """One number for each level and number of channels, by code of op and level."""
    found: dict[tuple[int, int], int] = {}
    codes = []
    for op in OPS:
        for level in range(MAX_LEVEL + 1):
            channels = scaling.out_channels(op, level)
            codes.append(found.setdefault((level, channels), len(found)))
    return np.array(codes, np.int64)
