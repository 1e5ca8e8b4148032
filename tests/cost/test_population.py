"""A population costs what its architectures cost one at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ArchitectureError, SizeError
from explorer.architecture.links import LinkKind, dead_blocks, links
from explorer.architecture.rules import problems
from explorer.catalog.resolve import resolve
from explorer.cost.cost import cost
from explorer.cost.population import population_cost
from explorer.cost.population_rows import Population, population
from tests.random_architectures import Family, random_architecture

SPINENET = resolve("spinenet-49")


def _alike(name: str, family: Family, blocks: int) -> list[Architecture]:
    """Random legal ones with the stem and the scaling of a named network."""
    named = resolve(name)
    stem = tuple(block for block in named.blocks if block.in_stem)
    found = []
    for seed in range(250):
        drawn = random_architecture(seed, family=family, blocks=blocks)
        rest = tuple(block for block in drawn.blocks if not block.in_stem)
        arch = replace(drawn, blocks=(*stem, *rest), scaling=named.scaling)
        if not problems(arch) and all(b.resampled and b.repeats is None for b in rest):
            found.append(arch)
    return found


@pytest.mark.parametrize("head", [False, True])
@pytest.mark.parametrize(
    ("name", "family", "blocks"),
    [
        ("spinenet-49", Family.SPINENET, 15),
        ("spinenet-49s", Family.SPINENET, 4),
        ("spinenet-96", Family.MIXED, 6),
        ("mobile-spinenet-49", Family.MOBILE, 9),
    ],
)
def test_as_one_at_a_time(name: str, family: Family, blocks: int, head: bool) -> None:
    archs = _alike(name, family, blocks)
    assert len(archs) > 20
    stem = tuple(block for block in archs[0].blocks if block.in_stem)
    found = population_cost(population(archs), stem, archs[0].scaling, 256, head)
    one_by_one = [cost(arch, 256, head) for arch in archs]
    assert found.macs.tolist() == [one.macs for one in one_by_one]
    assert found.params.tolist() == [one.params for one in one_by_one]


def test_dead_and_joined_blocks_are_among_them() -> None:
    archs = _alike("spinenet-49", Family.SPINENET, 15)
    assert any(dead_blocks(arch) for arch in archs)
    assert any(link.kind is LinkKind.JOINED for arch in archs for link in links(arch))


def test_the_published_network() -> None:
    found = population_cost(
        population([SPINENET]), SPINENET.blocks[:2], SPINENET.scaling, 640, True
    )
    assert found == ([85281555200], [28543383])


def _changed(**changes: object) -> Population:
    return population([SPINENET] * 3)._replace(**changes)


def test_illegal_rows_are_named() -> None:
    start = population([SPINENET] * 3)
    late, coarse, two = start.parents.copy(), start.levels.copy(), start.outputs.copy()
    late[1, 3, 0] = 5
    coarse[2, 0] = 8
    two[1, 0:2] = True  # b2 on L2 and b3 on L4: the second output of that level
    for rows, text in (
        (_changed(parents=late), "Architecture 1 .* does not come earlier"),
        (_changed(levels=coarse), "Architecture 2 .* another level"),
        (_changed(outputs=two), "Architecture 1 .* two outputs"),
        (_changed(outputs=np.zeros_like(two)), "Architecture 0 .* no output"),
        (_changed(parents=np.full_like(late, -1)), "Architecture 0 .* without parents"),
        (_changed(ops=start.ops + 3), "Architecture 0 .* op"),
    ):
        with pytest.raises(ArchitectureError, match=text):
            population_cost(rows, SPINENET.blocks[:2], SPINENET.scaling)


def test_sizes_that_do_not_halve_evenly_are_refused() -> None:
    with pytest.raises(SizeError, match="multiple of 128"):
        population_cost(population([SPINENET]), SPINENET.blocks[:2], SPINENET.scaling, 200)


def test_what_is_no_row_is_refused() -> None:
    with pytest.raises(ValueError, match="equally many"):
        population([SPINENET, resolve("r23-sp30")])
    with pytest.raises(ValueError, match="resample"):
        population([resolve("resnet-50")])
