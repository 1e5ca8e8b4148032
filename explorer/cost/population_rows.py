"""Many architectures as the rows of arrays, and what makes a row legal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import MAX_LEVEL, MIN_LEVEL, Op
from explorer.architecture.errors import ArchitectureError, Problem
from explorer.architecture.scaling import Scaling

OPS = (Op.BOTTLENECK, Op.RESIDUAL, Op.MBCONV)
"""Ops by their code in a population."""
MOST_BLOCKS = 62
"""With the stem: one bit for each in an int64."""


class Population(NamedTuple):
    """P architectures of N blocks after a common stem, in execution order.

    `ops` are codes of `OPS`. `parents` are places in the order, the stem's first; -1 is no parent.
    Every block resamples its parents and takes the scaling's repeats.
    """

    levels: NDArray[np.integer]  # (P, N)
    ops: NDArray[np.integer]  # (P, N)
    parents: NDArray[np.integer]  # (P, N, K)
    outputs: NDArray[np.bool_]  # (P, N)

    def rows(self, which: slice) -> Population:
        """A part of it; the arrays are shared."""
        return Population(
            self.levels[which], self.ops[which], self.parents[which], self.outputs[which]
        )


def population(architectures: Sequence[Architecture]) -> Population:
    """The rows of architectures that have equally many blocks behind equal stems.

    Blocks must resample and have no repeats of their own; where they do not, ValueError.

    >>> from explorer.architecture.block import Block
    >>> stem = Block(0, Op.BOTTLENECK, 2, resampled=False, in_stem=True)
    >>> one = Architecture("one", (stem, Block(1, Op.RESIDUAL, 3, (0,), is_output=True)))
    >>> population([one, one]).levels.tolist()
    [[3], [3]]
    """
    rows = [[b for b in arch.blocks if not b.in_stem] for arch in architectures]
    if len({len(row) for row in rows}) > 1:
        raise ValueError("Architectures of one population have equally many blocks.")
    if not all(b.resampled and b.repeats is None and b.op in OPS for row in rows for b in row):
        raise ValueError("Blocks of a population resample, and take the scaling's repeats.")
    most = max((len(block.parents) for row in rows for block in row), default=0)
    shape = (len(rows), len(rows[0]) if rows else 0)
    parents = np.full((*shape, most), -1, np.int64)
    for i, (arch, row) in enumerate(zip(architectures, rows, strict=True)):
        for n, block in enumerate(row):
            parents[i, n, : len(block.parents)] = [arch.position(p) for p in block.parents]
    return Population(
        np.array([[b.level for b in row] for row in rows], np.int64).reshape(shape),
        np.array([[OPS.index(b.op) for b in row] for row in rows], np.int64).reshape(shape),
        parents,
        np.array([[b.is_output for b in row] for row in rows], np.bool_).reshape(shape),
    )


def check(rows: Population, first: int, scaling: Scaling) -> None:
    """Raises ArchitectureError for the first row that is no legal architecture.

    `first` is the number of blocks in the stem.
    """
    for code, wrong, found, expected in _wrong(rows, first, scaling):
        bad = wrong.reshape(len(wrong), -1).any(axis=1)
        if bad.any():
            place = f"Architecture {int(bad.argmax())} of the population"
            mend = "Leave it out, or repair it."
            raise ArchitectureError((Problem(code, place, found, expected, mend),))


def _wrong(
    rows: Population, first: int, scaling: Scaling
) -> Iterator[tuple[str, NDArray[np.bool_], str, str]]:
    """Code, where it is wrong (P, …), what was found, what was expected."""
    count, length = rows.levels.shape
    most = MOST_BLOCKS - first
    too_long = np.full((count, 1), length > most)
    yield "block-count", too_long, f"{length} blocks after the stem", f"at most {most}"
    levels, ops, parents = rows.levels, rows.ops, rows.parents
    outside = (levels < MIN_LEVEL) | (levels > MAX_LEVEL)
    yield "level-range", outside, "another level", f"{MIN_LEVEL} to {MAX_LEVEL}"
    outside = (ops < 0) | (ops >= len(OPS))
    yield "op-range", outside, "another op's code", f"0 to {len(OPS) - 1}"
    places = first + np.arange(length)[:, None]
    late = (parents < -1) | (parents >= places)
    yield "parent-later", late, "a parent that does not come earlier", "an earlier place, or -1"
    alone = (parents >= 0).sum(axis=2) < 1
    yield "parent-count", alone, "a block without parents", "one parent or more"
    marks = np.where(rows.outputs, 1 << levels.astype(np.int64), 0)
    either = np.bitwise_or.reduce(marks, axis=1, keepdims=True)
    # A power of two that stands there twice makes the sum larger than the union.
    twice = marks.sum(axis=1, keepdims=True) != either
    yield "output-repeated", twice, "two outputs of one level", "one"
    inside = sum(1 << level for level in scaling.output_levels)
    none = (either & inside) == 0
    yield "output-missing", none, "no output", "one on a level that has an endpoint"
