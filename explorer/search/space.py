"""The search space of SpineNet: how many architectures there are, and random ones of them.

Source: Du et al., "SpineNet", CVPR 2020, sections 3.1 to 3.3 and 5.1. Three decisions: the order of
the levels (intermediate blocks among themselves, outputs among themselves), two parents for each
block, and, for SpineNet alone, level and type adjustments. Intermediate blocks choose their parents
among the last five blocks, outputs among all.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, factorial, prod

import numpy as np
from numpy.typing import NDArray

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.errors import ArchitectureError, Problem
from explorer.architecture.scaling import Scaling
from explorer.cost.population_rows import OPS, Population

PUBLISHED_LEVELS = (2, 3, 3, 3, 4, 4, 4, 4, 4, 5)
"""Levels of the ten intermediate blocks before adjustment (R0-SP53 and SpineNet-49)."""
OFFSETS = (-1, 0, 1, 2)
"""What an intermediate block's level may be adjusted by."""
WINDOW = 5
"""Among how many of the last blocks an intermediate block chooses its parents."""
PARENTS = 2


@dataclass(frozen=True, slots=True)
class Space:
    """Everything that a search may choose from, behind one fixed stem."""

    stem: tuple[Block, ...]
    scaling: Scaling
    levels: tuple[int, ...] = PUBLISHED_LEVELS
    """Of the intermediate blocks, in any order."""
    output_levels: tuple[int, ...] = (3, 4, 5, 6, 7)
    offsets: tuple[int, ...] = (0,)
    ops: tuple[Op, ...] = (Op.BOTTLENECK,)
    window: int | None = WINDOW
    """None: intermediate blocks choose among all earlier ones too."""

    @property
    def blocks(self) -> int:
        """How many blocks follow the stem."""
        return len(self.levels) + len(self.output_levels)


@dataclass(frozen=True, slots=True)
class Factor:
    """One decision: how many choices it has, and how that number comes about."""

    name: str
    choices: int
    formula: str


def space_of(arch: Architecture) -> Space:
    """The space that an architecture is one point of: its own stem, scaling and kinds of choice.

    With residual blocks, or with levels that only an adjustment gives, it is the space with
    adjustments. A network with another number of intermediate blocks permutes its own levels.

    Raises ArchitectureError where no stem or no output is followed by permuted blocks.

    >>> from explorer.architecture.example import small
    >>> space_of(small()).levels, space_of(small()).output_levels
    ((3,), (3, 4))
    """
    stem = tuple(block for block in arch.blocks if block.in_stem)
    free = [block for block in arch.blocks if not block.in_stem]
    outputs = tuple(sorted(block.level for block in free if block.is_output))
    if not stem or not outputs or any(block.op.is_pyramid for block in free):
        raise ArchitectureError((_no_space(arch),))
    levels = tuple(sorted(block.level for block in free if not block.is_output))
    if len(levels) != len(PUBLISHED_LEVELS):
        ops = tuple(op for op in OPS if any(block.op is op for block in free))
        return Space(stem, arch.scaling, levels, outputs, ops=ops)
    mobile = all(block.op is Op.MBCONV for block in free)
    adjusted = levels != PUBLISHED_LEVELS or len({block.op for block in free}) > 1
    return Space(
        stem,
        arch.scaling,
        PUBLISHED_LEVELS,
        outputs,
        OFFSETS if adjusted else (0,),
        (Op.MBCONV,) if mobile else (Op.BOTTLENECK, Op.RESIDUAL) if adjusted else (free[0].op,),
    )


def _no_space(arch: Architecture) -> Problem:
    return Problem(
        "space-shape",
        arch.name,
        "no permuted blocks behind a stem",
        "a stem, then blocks that resample their parents, outputs among them",
        "Choose a scale-permuted network such as R0-SP53 or SpineNet-49.",
    )


def factors(space: Space) -> tuple[Factor, ...]:
    """Every decision of the space; the product of their choices is its size.

    Blocks of equal level count as different, as in section 3.1 of the paper.

    >>> from explorer.architecture.block import Block
    >>> stem = (Block(0, Op.BOTTLENECK, 2), Block(1, Op.BOTTLENECK, 2))
    >>> [f"{one.choices:.4g}" for one in factors(Space(stem, Scaling()))]
    ['3.629e+06', '120', '1.8e+08', '5.903e+09', '1', '1']
    """
    inner, outer, stem = len(space.levels), len(space.output_levels), len(space.stem)
    earlier = range(stem, stem + inner + outer)
    seen = [
        n if space.window is None or i >= inner else min(n, space.window)
        for i, n in enumerate(earlier)
    ]
    pairs = [comb(n, PARENTS) if n >= PARENTS else 1 for n in seen]
    window = "all earlier blocks" if space.window is None else f"the last {space.window} blocks"
    return (
        Factor("order of intermediate blocks", factorial(inner), f"{inner}!"),
        Factor("order of outputs", factorial(outer), f"{outer}!"),
        Factor("parents of intermediate blocks", prod(pairs[:inner]), f"2 of {window} each"),
        Factor("parents of outputs", prod(pairs[inner:]), "2 of all earlier blocks each"),
        Factor("levels", len(space.offsets) ** inner, f"{len(space.offsets)}^{inner}"),
        Factor("types", len(space.ops) ** (inner + outer), f"{len(space.ops)}^{inner + outer}"),
    )


def size(space: Space) -> int:
    """How many architectures the space holds.

    >>> stem = (Block(0, Op.BOTTLENECK, 2), Block(1, Op.BOTTLENECK, 2))
    >>> f"{size(Space(stem, Scaling(), window=None)):.3e}"
    '3.636e+29'
    """
    return prod(factor.choices for factor in factors(space))


def sample(space: Space, count: int, seed: int = 0) -> Population:
    """`count` architectures of the space, each as likely as any other, as rows of arrays.

    >>> stem = (Block(0, Op.BOTTLENECK, 2), Block(1, Op.BOTTLENECK, 2))
    >>> sample(Space(stem, Scaling()), 4).levels.shape
    (4, 15)
    """
    rng = np.random.default_rng(seed)
    inner, outer, first = len(space.levels), len(space.output_levels), len(space.stem)

    def shuffled(values: tuple[int, ...]) -> NDArray[np.int64]:
        return rng.permuted(np.tile(np.array(values, np.int64), (count, 1)), axis=1)

    moved = rng.choice(np.array(space.offsets), size=(count, inner))
    low, high = space.scaling.levels[0], space.scaling.levels[-1]
    levels = np.hstack([np.clip(shuffled(space.levels) + moved, low, high),
                        shuffled(space.output_levels)])  # fmt: skip
    codes = np.array([OPS.index(op) for op in space.ops])
    ops = rng.choice(codes, size=levels.shape)
    parents = np.empty((count, inner + outer, PARENTS), np.int64)
    for place in range(inner + outer):
        earlier = first + place
        start = 0 if space.window is None or place >= inner else max(0, earlier - space.window)
        one = rng.integers(start, earlier, count)
        other = rng.integers(start, max(earlier - 1, start + 1), count)
        if earlier - start > 1:
            pair = np.stack([one, np.where(other >= one, other + 1, other)], axis=1)
            parents[:, place] = np.sort(pair, axis=1)
        else:
            parents[:, place] = start, -1
    outputs = np.zeros(levels.shape, np.bool_)
    outputs[:, inner:] = True
    return Population(levels, ops, parents, outputs)


def architecture(space: Space, rows: Population, row: int, name: str) -> Architecture:
    """One row of a population as an architecture, with ids in the order of the blocks.

    >>> from explorer.architecture.rules import problems
    >>> stem = (Block(0, Op.BOTTLENECK, 2, resampled=False, in_stem=True),)
    >>> space = Space(stem, Scaling(), window=2)
    >>> problems(architecture(space, sample(space, 1), 0, "one"))
    ()
    """
    first = len(space.stem)
    ids = {block.id: place for place, block in enumerate(space.stem)}
    stem = tuple(
        Block(place, block.op, block.level, tuple(ids[p] for p in block.parents),
              block.is_output, block.resampled, block.in_stem, block.repeats)
        for place, block in enumerate(space.stem)
    )  # fmt: skip
    free = tuple(
        Block(
            first + n,
            OPS[int(rows.ops[row, n])],
            int(rows.levels[row, n]),
            tuple(int(p) for p in rows.parents[row, n] if p >= 0),
            bool(rows.outputs[row, n]),
        )
        for n in range(rows.levels.shape[1])
    )
    return Architecture(name, stem + free, space.scaling)
