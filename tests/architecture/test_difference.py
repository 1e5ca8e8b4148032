"""What differs between two architectures."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from explorer.architecture.block import Op
from explorer.architecture.difference import difference
from explorer.architecture.edits import Follow, add, move, remove, rewire, set_level
from explorer.architecture.example import small
from explorer.architecture.links import Link, LinkKind
from tests.architecture.networks import spinenet_49s
from tests.random_architectures import random_architecture
from tests.random_edits import random_step


def test_one_level_is_one_field() -> None:
    found = difference(small(), set_level(small(), 4, 6))
    assert [change.fields for change in found.blocks_changed] == [("level",)]
    assert found.distance == 1


def test_a_rewired_slot_is_one_changed_link() -> None:
    found = difference(small(), rewire(small(), 4, 1, 1))
    assert [(change.before.parent, change.after.parent) for change in found.links_changed] == [
        (3, 1)
    ]
    assert found.distance == 1


def test_an_unread_block_that_joins_is_an_added_link() -> None:
    before = spinenet_49s()
    joined = Link(11, 14, 2, LinkKind.JOINED)
    later = rewire(before, 15, 0, 11)
    assert difference(before, later).links_removed == (), "block 14 is built before 15 reads 11"
    earlier = rewire(before, 12, 0, 11)
    assert difference(before, earlier).links_removed == (joined,)
    assert difference(earlier, before).links_added == (joined,)


def test_added_removed_and_moved_blocks_are_named() -> None:
    found = difference(small(), add(remove(small(), 2), Op.RESIDUAL, 6, (3,)))
    assert [b.id for b in found.blocks_removed] == [2]
    assert [b.id for b in found.blocks_added] == [5]
    loose = rewire(rewire(small(), 4, 0, 0), 4, 1, 1)
    assert difference(loose, move(loose, 4, 2)).moved == (4,)
    assert difference(loose, move(loose, 4, 2, Follow.PLACE)).moved == (4,)


def test_a_changed_scaling_is_named() -> None:
    after = replace(small(), scaling=replace(small().scaling, block_repeats=2))
    assert difference(small(), after).scaling_changed == ("block_repeats",)


@pytest.mark.parametrize("seed", range(20))
def test_distance_is_a_metric_along_edits(seed: int) -> None:
    rng = Random(seed)
    first = random_architecture(seed)
    second = random_step(first, rng)[1]
    third = random_step(second, rng)[1]
    for one in (first, second, third):
        assert difference(one, replace(one, name="other")).distance == 0
        for two in (first, second, third):
            assert difference(one, two).distance == difference(two, one).distance
            assert (difference(one, two).distance == 0) == (one.blocks == two.blocks)
