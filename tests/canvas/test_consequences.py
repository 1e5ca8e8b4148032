"""What the canvas promises before a drop is what happens after it."""

import pytest

from explorer.architecture.edits import Edit, Follow, rewire, set_level
from explorer.architecture.errors import EditError
from explorer.canvas.consequences import (
    consequence,
    levels_of,
    moves_of,
    parents_of,
    readers_of,
    swaps_of,
    together_of,
)
from explorer.catalog import entry
from explorer.cost.cost import cost
from tests.random_architectures import random_architecture

SPINENET = entry("spinenet-49").architecture


@pytest.mark.parametrize("block", [2, 5, 6, 11, 14])
def test_each_lane_promises_the_cost_after_the_drop(block):
    table = levels_of(SPINENET, block, 640, True)
    assert set(table) == set(range(2, 8)) - {SPINENET.block(block).level}
    for level, promised in table.items():
        try:
            after = cost(set_level(SPINENET, block, level), 640, True)
        except EditError as error:
            assert promised.refused == str(error)
            continue
        before = cost(SPINENET, 640, True)
        assert not promised.refused
        assert promised.macs == after.macs - before.macs
        assert promised.params == after.params - before.params


def test_an_output_on_a_taken_lane_is_refused_with_a_mend():
    assert "block 12" in levels_of(SPINENET, 13)[4].refused


def test_losing_an_output_is_told():
    assert "P3 is lost" in levels_of(SPINENET, 13)[2].text


def test_a_block_that_nothing_reads_any_longer_is_told():
    """b9 has one reader: without it, b9 reaches no output."""
    after = parents_of(SPINENET, 10, 1)
    assert "b9 is dead" in after[3].text


def test_parents_that_come_later_are_refused():
    table = parents_of(SPINENET, 7, 0)
    assert {i for i, found in table.items() if found.refused} == set(range(7, 17))


def test_one_more_reader_is_what_rewiring_the_next_slot_gives():
    table = readers_of(SPINENET, 4)
    assert {i for i, found in table.items() if found.refused} == {2, 3}
    after = rewire(SPINENET, 16, 2, 4)
    assert table[16].macs == cost(after).macs - cost(SPINENET).macs > 0


@pytest.mark.parametrize("follow", Follow)
def test_swaps_and_moves_promise_what_the_edits_do(follow):
    tables = {"swap": swaps_of(SPINENET, 8, follow), "move": moves_of(SPINENET, 8, follow)}
    assert set(tables["swap"]) == set(range(2, 17)) - {8}
    assert set(tables["move"]) == set(range(2, 17)) - {8}
    for name, table in tables.items():
        for target, promised in table.items():
            try:
                after = Edit(name, (8, target, follow)).apply(SPINENET)
            except EditError as error:
                assert promised.refused == str(error)
                continue
            assert promised.macs == cost(after).macs - cost(SPINENET).macs


@pytest.mark.parametrize("seed", range(20))
def test_it_answers_for_any_architecture(seed):
    arch = random_architecture(seed)
    block = arch.blocks[-1].id
    for found in (*levels_of(arch, block, 128).values(), *parents_of(arch, block, 0, 128).values()):
        assert bool(found.refused) != bool(found.text)
        assert set(found.to_data()) == {"macs", "params", "text", "refused"}


def test_an_edit_that_changes_no_cost_says_so():
    swapped = Edit("swap", (15, 16, Follow.BLOCK))
    assert consequence(SPINENET, 640, False, swapped).text == "same MACs"


def test_several_blocks_promise_what_moving_all_of_them_does():
    table = together_of(SPINENET, 12, frozenset({13}))
    after = set_level(set_level(SPINENET, 13, 2), 12, 3)  # the other way round, both are on L3
    assert table[3].macs == cost(after).macs - cost(SPINENET).macs < 0
    assert "P4 is lost" in table[3].text
    assert "block 14" in table[5].refused.lower()
