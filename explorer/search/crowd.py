"""An architecture's place in the crowd: its percentiles among random ones of its space."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.architecture.architecture import Architecture
from explorer.architecture.paths import output_paths
from explorer.cost.cost import cost
from explorer.cost.population import population_cost
from explorer.search.population_paths import population_paths
from explorer.search.space import Space, architecture, sample, space_of

COUNT = 10_000
MEMORY_COUNT = 300
"""Memory is counted one architecture at a time, so for fewer of them."""


class Standing(NamedTuple):
    """One measure: the architecture's own value, and where it lies among random ones."""

    name: str
    value: float
    percentile: float
    """Per cent of the crowd with a smaller value, half of those with an equal one included."""
    median: float
    of: int
    """How many random architectures were counted."""


class Crowd(NamedTuple):
    """Random architectures of one space, measured."""

    space: Space
    macs: NDArray[np.int64]
    params: NDArray[np.int64]
    paths: NDArray[np.int64]
    """To the finest output."""
    shortest: NDArray[np.int64]
    bottleneck: NDArray[np.int64]
    """Of the finest output."""


@lru_cache(maxsize=8)
def crowd(space: Space, count: int = COUNT, size: int = 640, seed: int = 0) -> Crowd:
    """`count` random architectures of a space with their costs, without a head, and paths.

    >>> from explorer.architecture.example import small
    >>> len(crowd(space_of(small()), 20, 128).macs)
    20
    """
    rows = sample(space, count, seed)
    counted = population_cost(rows, space.stem, space.scaling, size)
    measured = population_paths(rows, space.stem, space.scaling)
    finest = min(space.output_levels)
    return Crowd(
        space,
        counted.macs,
        counted.params,
        measured.at_output(finest, measured.paths),
        measured.at_output(finest, measured.shortest),
        measured.at_output(finest, measured.bottleneck),
    )


@lru_cache(maxsize=8)
def memory(space: Space, count: int, size: int, seed: int = 0) -> NDArray[np.int64]:
    """Peak bytes of a float32 forward of the first networks of the same crowd."""
    rows = sample(space, count, seed)
    some = (architecture(space, rows, i, f"random {i}") for i in range(min(count, MEMORY_COUNT)))
    return np.array([cost(arch, size).peak_nbytes for arch in some], np.int64)


def standings(
    arch: Architecture,
    count: int = COUNT,
    size: int = 640,
    seed: int = 0,
    with_memory: bool = True,
) -> tuple[Standing, ...]:
    """Where an architecture stands in its space, measure by measure.

    Memory takes the longest and can be left out. Raises ArchitectureError where it has no space
    (`space_of`).

    >>> from explorer.architecture.example import small
    >>> [one.name for one in standings(small(), 20, 128)][:2]
    ['MACs', 'parameters']
    """
    space = space_of(arch)
    around = crowd(space, count, size, seed)
    counted, way = cost(arch, size), output_paths(arch)[0]
    finest = arch.scaling.output_name(way.level)
    rows = [
        ("MACs", counted.macs, around.macs),
        ("parameters", counted.params, around.params),
        (f"paths to {finest}", way.paths, around.paths),
        (f"shortest path to {finest}", way.shortest, around.shortest),
        (f"bottleneck level of {finest}", way.bottleneck_level or 0, around.bottleneck),
    ]
    if with_memory:
        rows.append(("peak memory", counted.peak_nbytes, memory(space, count, size, seed)))
    return tuple(_standing(name, value, others) for name, value, others in rows)


def _standing(name: str, value: int, others: NDArray[np.int64]) -> Standing:
    below, equal = np.count_nonzero(others < value), np.count_nonzero(others == value)
    percentile = 100 * (below + equal / 2) / len(others)
    return Standing(name, value, float(percentile), float(np.median(others)), len(others))
