"""Which architecture a training step runs: catalog orders, their neighbours, and random ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.miniature import miniature
from explorer.catalog import entry

CATALOG_ORDERS = ("spinenet-49", "r0-sp53", "r23-sp30", "resnet-50-fpn", "mobile-spinenet-49")
"""The different orders of the catalog; the others are these at other widths or lengths."""
LEVELS = (2, 3, 4, 5, 6, 7)
LEVEL_SHARES = (0.09, 0.22, 0.34, 0.20, 0.09, 0.06)
"""How often each level is drawn where levels are free: about as SpineNet-49 has them."""
OUTPUT_LEVELS = (3, 4, 5, 6, 7)
INTERMEDIATE = 10
WINDOW = 5
"""The paper's search lets intermediate blocks read the last five blocks."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How often each kind is drawn; what is left goes to fully random ones."""

    catalog: float = 0.4
    neighbour: float = 0.25
    warm_up: float = 0.06
    """This part of the training rotates over the catalog's orders alone."""


@lru_cache(maxsize=1)
def catalog_orders() -> tuple[Architecture, ...]:
    """The catalog's orders at the miniature scale.

    >>> [len(arch.blocks) for arch in catalog_orders()]
    [17, 17, 17, 24, 18]
    """
    return tuple(miniature(entry(name).architecture) for name in CATALOG_ORDERS)


def sample(
    rng: np.random.Generator, step: int, progress: float, shares: Shares = Shares()
) -> Architecture:
    """The architecture of one step, at the miniature scale. `progress` goes from 0 to 1."""
    orders = catalog_orders()
    if progress < shares.warm_up:
        return orders[step % len(orders)]
    drawn = rng.random()
    if drawn < shares.catalog:
        return orders[int(rng.integers(len(orders)))]
    if drawn < shares.catalog + shares.neighbour:
        return neighbour(rng, orders[int(rng.integers(len(orders)))])
    if rng.random() < 0.5:
        return random_permutation(rng)
    return random_network(rng)


def random_permutation(rng: np.random.Generator) -> Architecture:
    """SpineNet-49's blocks in a random order with random parents: what the targets are about.

    Intermediate blocks are permuted among themselves, and outputs among themselves (paper, section
    3.1); each reads two different blocks of those before it.
    """
    levels = [block.level for block in catalog_orders()[0].blocks[2:]]
    inner, outputs = levels[:INTERMEDIATE], levels[INTERMEDIATE:]
    rng.shuffle(inner)
    rng.shuffle(outputs)
    return _network("random permutation", [*inner, *outputs], rng, window=None)


def random_network(rng: np.random.Generator) -> Architecture:
    """Free levels, now and then another number of blocks, parents near or anywhere."""
    count = INTERMEDIATE if rng.random() < 0.6 else int(rng.integers(5, 18))
    inner = [int(level) for level in rng.choice(LEVELS, size=count, p=LEVEL_SHARES)]
    outputs = [int(level) for level in rng.permutation(OUTPUT_LEVELS)]
    return _network("random", [*inner, *outputs], rng, WINDOW if rng.random() < 0.5 else None)


def neighbour(rng: np.random.Generator, arch: Architecture) -> Architecture:
    """A catalog order after one to four small edits: parents, levels, exchanged levels."""
    blocks = list(arch.blocks)
    free = [i for i, block in enumerate(blocks) if block.resampled]
    for _ in range(int(rng.integers(1, 5))):
        i = int(rng.choice(free))
        kind = rng.random()
        if kind < 0.5:
            parents = list(blocks[i].parents)
            parents[int(rng.integers(len(parents)))] = int(rng.integers(i))
            blocks[i] = replace(blocks[i], parents=tuple(dict.fromkeys(parents)))
        elif kind < 0.75 and not blocks[i].is_output:
            level = int(rng.choice(LEVELS, p=LEVEL_SHARES))
            blocks[i] = replace(blocks[i], level=level)
        else:
            alike = [j for j in free if blocks[j].is_output == blocks[i].is_output]
            j = int(rng.choice(alike))
            one, other = blocks[i].level, blocks[j].level
            blocks[i], blocks[j] = replace(blocks[i], level=other), replace(blocks[j], level=one)
    return replace(arch, name=f"near {arch.name}", blocks=tuple(blocks))


def _network(
    name: str, levels: list[int], rng: np.random.Generator, window: int | None
) -> Architecture:
    stem = catalog_orders()[0].blocks[:2]
    blocks = list(stem)
    first_output = len(levels) + 2 - len(OUTPUT_LEVELS)
    for i, level in enumerate(levels, start=2):
        lowest = max(0, i - window) if window and i < first_output else 0
        one, two = sorted(int(p) for p in rng.choice(np.arange(lowest, i), 2, replace=False))
        blocks.append(Block(i, Op.BOTTLENECK, level, (one, two), i >= first_output))
    return Architecture(name, tuple(blocks), catalog_orders()[0].scaling)
