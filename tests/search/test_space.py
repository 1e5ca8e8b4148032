"""The search space: its size is the published one, and what is drawn from it is legal."""

from __future__ import annotations

from math import prod
from time import perf_counter

import numpy as np
import pytest

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ArchitectureError
from explorer.architecture.paths import output_paths
from explorer.architecture.rules import problems
from explorer.catalog import entry
from explorer.cost.cost import cost
from explorer.search.crowd import crowd, standings
from explorer.search.population_paths import population_paths
from explorer.search.space import Space, architecture, factors, sample, size, space_of

SPACED = ("spinenet-49", "r0-sp53", "r23-sp30", "spinenet-190", "mobile-spinenet-49")


def arch_of(name: str) -> Architecture:
    return entry(name).architecture


def test_the_sizes_are_those_derived_from_the_paper() -> None:
    """facts: 10! 5! = 4.3546e8; windowed pairs 1.8e8 and 5.9027e9; 4^10; 2^15; 1.249e40."""
    space = space_of(arch_of("spinenet-49"))
    found = {one.name: one.choices for one in factors(space)}
    assert found["order of intermediate blocks"] * found["order of outputs"] == 435_456_000
    assert found["parents of intermediate blocks"] == 180_000_000
    assert found["parents of outputs"] == pytest.approx(5.9027e9, rel=1e-4)
    assert (found["levels"], found["types"]) == (4**10, 2**15)
    whole = Space(space.stem, space.scaling, offsets=space.offsets, ops=space.ops, window=None)
    assert size(whole) == pytest.approx(1.249e40, rel=1e-3)
    assert size(space) == prod(found.values())


def test_a_network_without_adjustments_has_the_smaller_space() -> None:
    space = space_of(arch_of("r0-sp53"))
    assert space.offsets == (0,)
    assert [one.choices for one in factors(space)][-2:] == [1, 1]


@pytest.mark.parametrize("name", SPACED)
def test_what_is_drawn_is_legal_and_measured_as_one_by_one(name: str) -> None:
    space = space_of(arch_of(name))
    rows = sample(space, 60, seed=5)
    measured = population_paths(rows, space.stem, space.scaling)
    for row in range(60):
        arch = architecture(space, rows, row, "drawn")
        assert problems(arch) == ()
        assert sorted(b.level for b in arch.outputs) == sorted(space.output_levels)
        for way in output_paths(arch):
            for measure, value in (
                (measured.paths, way.paths),
                (measured.shortest, way.shortest),
                (measured.longest, way.longest),
                (measured.bottleneck, way.bottleneck_level),
            ):
                assert measured.at_output(way.level, measure)[row] == value


def test_parents_are_two_different_ones_of_the_window() -> None:
    space = space_of(arch_of("spinenet-49"))
    rows = sample(space, 500)
    places = np.arange(2, 17)
    assert (rows.parents[..., 0] < rows.parents[..., 1]).all()
    assert (rows.parents[..., 1] < places).all()
    assert (rows.parents[:, :10, 0] >= places[:10] - 5).all()
    assert rows.parents[:, 14, 0].min() == 0


def test_a_sample_depends_on_its_seed_alone() -> None:
    space = space_of(arch_of("r0-sp53"))
    assert (sample(space, 9, 1).parents == sample(space, 9, 1).parents).all()
    assert (sample(space, 9, 1).parents != sample(space, 9, 2).parents).any()


def test_ten_thousand_take_seconds_and_say_what_one_by_one_says() -> None:
    arch = arch_of("spinenet-49")
    start = perf_counter()
    found = {one.name: one for one in standings(arch, seed=77)}
    assert perf_counter() - start < 20
    around = crowd(space_of(arch), 10_000, 640, 77)
    rows = sample(around.space, 10_000, 77)
    for row in range(0, 10_000, 1999):
        drawn = architecture(around.space, rows, row, "drawn")
        assert cost(drawn).macs == around.macs[row]
        assert cost(drawn).params == around.params[row]
    assert found["MACs"].value == cost(arch).macs
    assert all(0 <= one.percentile <= 100 for one in found.values())
    assert found["bottleneck level of P3"].percentile < 50


@pytest.mark.parametrize("name", ["resnet-50-fpn", "resnet-50"])
def test_a_scale_decreased_network_has_no_space(name: str) -> None:
    with pytest.raises(ArchitectureError, match="no permuted blocks"):
        space_of(arch_of(name))
