"""Shares of paths by level, against walking every path of random architectures."""

from __future__ import annotations

import pytest

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ArchitectureError
from explorer.architecture.example import small_with
from explorer.architecture.links import links_into
from explorer.architecture.path_levels import path_levels
from explorer.architecture.paths import block_path_counts, output_paths
from explorer.catalog import entry
from tests.random_architectures import random_architecture

SMALL = [
    (seed, arch)
    for seed in range(420)
    for arch in (random_architecture(seed, narrow=True),)
    if sum(block_path_counts(arch).values()) < 3_000
][:200]


def walks(arch: Architecture, block: int) -> list[list[int]]:
    """The levels along every path from the first block to this one, its own last."""
    level = arch.block(block).level
    if block == arch.blocks[0].id:
        return [[level]]
    into = links_into(arch)[block]
    return [[*walk, level] for link in into for walk in walks(arch, link.parent)]


def test_there_are_200_small_ones() -> None:
    assert len(SMALL) == 200


@pytest.mark.parametrize(("seed", "arch"), SMALL, ids=[str(seed) for seed, _ in SMALL])
def test_levels_and_measures_are_those_of_every_path_walked(seed: int, arch: Architecture) -> None:
    for way, measured in zip(path_levels(arch), output_paths(arch), strict=True):
        found = walks(arch, way.block)
        assert way.paths == measured.paths == len(found)
        assert measured.shortest == min(map(len, found), default=0)
        assert measured.longest == max(map(len, found), default=0)
        before = [walk[:-1] for walk in found if len(walk) > 1]
        assert measured.bottleneck_level == min(map(max, before), default=None)
        assert min(way.coarsest, default=None) == measured.bottleneck_level
        for level in range(1, 10):
            assert way.passing.get(level, 0) == sum(level in walk for walk in before)
            assert way.coarsest.get(level, 0) == sum(max(walk) == level for walk in before)


def test_an_fpn_gives_its_finest_output_one_path_in_three_that_stays_fine() -> None:
    way = path_levels(entry("resnet-50-fpn").architecture)[0]
    assert dict(way.coarsest) == {3: 1, 4: 1, 5: 1}
    assert way.share_no_coarser(3) == pytest.approx(1 / 3)
    assert way.share_passing(2) == 1.0


def test_a_network_with_problems_is_refused() -> None:
    with pytest.raises(ArchitectureError):
        path_levels(small_with(2, parents=(0, 4)))
