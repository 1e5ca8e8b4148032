"""Edits one by one: what they do, and what they say where they cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import pytest

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.edits import (
    EDITS,
    Edit,
    Follow,
    add,
    disconnect,
    move,
    remove,
    rewire,
    set_level,
    set_op,
    set_output,
    set_repeats,
    swap,
)
from explorer.architecture.errors import EditError
from explorer.architecture.example import small, small_with
from explorer.architecture.rules import problems
from tests.architecture.networks import spinenet_49s
from tests.random_architectures import Family, random_architecture


def wires(arch: Architecture) -> dict[int, tuple[int, ...]]:
    return {block.id: block.parents for block in arch.blocks}


def chain(*levels: int) -> Architecture:
    """A plain chain, as a ResNet is; the last block is the output."""
    blocks = [
        Block(i, Op.RESIDUAL, level, (i - 1,) if i else (), i == len(levels) - 1, resampled=False)
        for i, level in enumerate(levels)
    ]
    return Architecture("chain", tuple(blocks))


def test_links_stay_with_the_place_when_blocks_swap() -> None:
    before = spinenet_49s()
    after = swap(before, 5, 9, Follow.PLACE)
    assert [b.id for b in after.blocks] == [*range(5), 9, 6, 7, 8, 5, *range(10, 17)]
    for old, new in zip(before.blocks, after.blocks, strict=True):
        there = {5: 9, 9: 5}
        assert new.parents == tuple(there.get(parent, parent) for parent in old.parents)
    five, nine = after.block(5), after.block(9)
    assert (five.level, five.op, nine.level) == (before.block(5).level, before.block(5).op, 7)
    assert swap(after, 5, 9) == before


def test_links_follow_the_block_when_blocks_swap() -> None:
    before = spinenet_49s()
    after = swap(before, 2, 3, Follow.BLOCK)
    assert wires(after) == wires(before)
    assert [b.id for b in after.blocks[2:4]] == [3, 2]
    with pytest.raises(EditError) as caught:
        swap(before, 5, 9, Follow.BLOCK)
    assert "Use links that stay with the place, or move block" in str(caught.value)


def test_a_block_moves_with_its_links_or_through_them() -> None:
    before = small()
    taken = move(before, 4, 3, Follow.PLACE)
    assert wires(taken) == {0: (), 1: (0,), 2: (0, 1), 4: (1, 2), 3: (2, 4)}
    with pytest.raises(EditError, match="block 3, which would come later"):
        move(before, 4, 3)
    free = rewire(rewire(before, 4, 1, 1), 4, 0, 0)
    assert [b.id for b in move(free, 4, 2).blocks] == [0, 1, 4, 2, 3]
    assert wires(move(free, 4, 2)) == wires(free)


def test_a_permuted_resnet_starts_to_resample() -> None:
    """The rule for plain blocks: only those resample whose input no longer fits."""
    before = chain(2, 3, 4, 5)
    after = set_level(before, 2, 7)
    assert [b.resampled for b in after.blocks] == [False, False, True, True]
    same = set_level(before, 2, 3)
    assert [b.resampled for b in same.blocks] == [False, False, False, True]
    two = rewire(before, 3, 1, 0)
    assert [b.resampled for b in two.blocks] == [False, False, False, True]
    away = remove(before, 1)
    assert wires(away) == {0: (), 2: (0,), 3: (2,)} and away.block(2).resampled
    swapped = swap(before, 0, 1)
    assert wires(swapped) == {1: (), 0: (1,), 2: (0,), 3: (2,)}
    assert [(b.id, b.resampled) for b in swapped.blocks] == [
        (1, False),
        (0, True),
        (2, True),
        (3, False),
    ]


def test_a_plain_block_at_the_stem_cannot_resample() -> None:
    with pytest.raises(EditError, match="a plain input from L2, the stem's"):
        set_level(chain(2, 3, 4), 0, 6)
    with pytest.raises(EditError, match="the stem's"):
        swap(chain(2, 3, 4, 5), 0, 3)


def test_the_part_of_a_pyramid_becomes_a_block_and_back() -> None:
    before = random_architecture(1, family=Family.PYRAMID)
    smooth = next(b for b in before.blocks if b.op is Op.SMOOTH)
    after = set_op(before, smooth.id, Op.BOTTLENECK)
    assert not after.block(smooth.id).resampled
    assert set_op(after, smooth.id, Op.SMOOTH) == before
    lateral = next(b for b in before.blocks if b.op is Op.LATERAL and len(b.parents) == 2)
    with pytest.raises(EditError, match="an FPN block coarser than"):
        set_op(before, lateral.parents[1], Op.RESIDUAL)


def test_a_removed_block_hands_its_readers_to_its_parents() -> None:
    assert wires(remove(small(), 2))[4] == (0, 3)
    doubled = rewire(small(), 4, 1, 2)
    assert wires(doubled)[4] == (2, 2)
    assert wires(remove(doubled, 2))[4] == (0, 1)
    full = rewire(rewire(small(), 4, 2, 0), 4, 3, 1)
    assert wires(full)[4] == (2, 3, 0, 1)
    assert wires(remove(full, 2))[4] == (3, 0, 1)


def test_a_new_block_has_a_new_id_for_ever() -> None:
    after = add(small(), Op.MBCONV, 6, (2,), 3)
    assert [b.id for b in after.blocks] == [0, 1, 2, 5, 3, 4]
    assert add(remove(after, 3), Op.RESIDUAL, 3, (2, 5)).blocks[-1].id == 6
    part = add(random_architecture(3, family=Family.PYRAMID), Op.LATERAL, 2, (0,))
    assert not part.blocks[-1].resampled


def test_an_edit_that_changes_nothing_gives_an_equal_value() -> None:
    arch = small()
    for edit in (
        Edit("set_level", (3, 3)),
        Edit("move", (3, 3)),
        Edit("move", (3, 3, "place")),
        Edit("rewire", (4, 0, 2)),
        Edit("set_op", (3, "residual")),
        Edit("set_output", (4, True)),
        Edit("set_repeats", (4, None)),
    ):
        assert edit.apply(arch) == arch


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "stem level": (
        lambda: set_level(small(), 0, 3),
        "Put b0 on L3: Block 0: found a block that belongs to the stem, which stays as it is, "
        "expected one of 2 to 4. Choose one of these blocks.",
    ),
    "stem swap": (lambda: swap(small(), 3, 1), "belongs to the stem, which stays as it is"),
    "stem move": (lambda: move(small(), 1, 3), "belongs to the stem, which stays as it is"),
    "into the stem": (
        lambda: move(small(), 3, 1),
        "found position 1, which belongs to the stem, expected 2 to 4",
    ),
    "stem rewire": (lambda: rewire(small(), 1, 0, 0), "belongs to the stem"),
    "stem disconnect": (lambda: disconnect(small(), 1, 0), "belongs to the stem"),
    "stem op": (lambda: set_op(small(), 1, Op.RESIDUAL), "belongs to the stem"),
    "stem output": (lambda: set_output(small(), 1, True), "belongs to the stem"),
    "stem repeats": (lambda: set_repeats(small(), 1, 2), "belongs to the stem"),
    "stem remove": (lambda: remove(small(), 1), "belongs to the stem"),
    "add into the stem": (
        lambda: add(small(), Op.RESIDUAL, 3, (0,), 0),
        "position 0, which belongs to the stem, expected 2 to 5",
    ),
    "no such block": (
        lambda: set_level(small(), 40, 3),
        "Block 40: found no block of this id, expected one of 2 to 4",
    ),
    "level": (lambda: set_level(small(), 3, 8), "found level 8, expected 1 to 7"),
    "huge level": (lambda: set_level(small(), 3, 10**9), "found level 1000000000"),
    "second output": (
        lambda: set_level(small(), 4, 3),
        "Block 4, output of L3: found a second output on this level, after block 3",
    ),
    "itself": (lambda: swap(small(), 3, 3), "found the same block twice"),
    "position": (lambda: move(small(), 3, 5), "found position 5, expected 2 to 4"),
    "slot": (lambda: rewire(small(), 4, 3, 0), "Block 4: found slot 3, expected slot 0 to 2"),
    "negative slot": (lambda: rewire(small(), 4, -1, 0), "found slot -1"),
    "slot to disconnect": (lambda: disconnect(small(), 4, 2), "found slot 2, expected slot 0 to 1"),
    "missing parent": (lambda: rewire(small(), 4, 0, 9), "found block 9, which is not there"),
    "own parent": (lambda: rewire(small(), 4, 0, 4), "found block 4 itself"),
    "later parent": (
        lambda: rewire(rewire(small(), 3, 1, 0), 2, 0, 3),
        "found block 3, which comes later in the order, expected an earlier block. Move block 3 "
        "before block 2",
    ),
    "cycle": (lambda: rewire(small(), 2, 0, 4), "a cycle"),
    "last parent": (
        lambda: disconnect(disconnect(small(), 4, 0), 4, 0),
        "found 0 parents, expected 1 to 16",
    ),
    "nothing to disconnect": (
        lambda: disconnect(chain(2, 3), 0, 0),
        "found slot 0, expected none. It has no parent to disconnect",
    ),
    "repeats": (lambda: set_repeats(small(), 3, 0), "found 0 repeats"),
    "many repeats": (lambda: set_repeats(small(), 3, 65), "found 65 repeats, expected 1 to 64"),
    "last output": (
        lambda: set_output(set_output(small(), 3, False), 4, False),
        "found no output, expected at least one on L3 to L7",
    ),
    "all outputs removed": (lambda: remove(remove(small(), 3), 4), "found no output"),
    "op": (lambda: set_op(small(), 3, Op.COARSE), "Block 3 (coarse): found 2 parents"),
    "add without parents": (lambda: add(small(), Op.RESIDUAL, 3, ()), "found 0 parents"),
    "add a missing parent": (lambda: add(small(), Op.RESIDUAL, 3, (9,)), "which is not there"),
    "same ids": (lambda: remove(small_with(4, id=3), 2), "Give each block an id of its own first"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_says_where_what_and_how_to_mend(case: str) -> None:
    call, text = REFUSED[case]
    with pytest.raises(EditError) as caught:
        call()
    message = str(caught.value)
    assert text in message
    assert ": found " in message and ", expected " in message and message.endswith(".")
    assert "\n" not in message


def test_a_network_in_construction_can_be_repaired_step_by_step() -> None:
    broken = replace(
        small_with(4, parents=(2, 77), is_output=False),
        blocks=tuple(
            replace(b, is_output=False)
            for b in small_with(4, parents=(2, 77), level=9, is_output=False).blocks
        ),
    )
    assert [p.code for p in problems(broken)] == ["level-range", "parent-missing"]
    with pytest.raises(EditError, match="block 4 itself"):
        rewire(broken, 4, 0, 4)
    with pytest.raises(EditError, match="which is not there"):
        rewire(broken, 3, 0, 78)
    level = set_level(broken, 4, 5)
    assert [p.code for p in problems(level)] == ["parent-missing"]
    wired = rewire(level, 4, 1, 3)
    assert [p.code for p in problems(wired)] == ["output-missing"], "came to light, is not new"
    with pytest.raises(EditError, match="which is not there"):
        rewire(wired, 4, 1, 99)
    assert problems(set_output(wired, 4, True)) == ()


def test_one_of_three_outputs_of_a_level_can_be_taken_off() -> None:
    three = replace(
        small(), blocks=tuple(replace(b, level=3, is_output=b.id > 1) for b in small().blocks)
    )
    three = replace(three, blocks=(*small().blocks[:2], *three.blocks[2:]))
    two = set_output(three, 2, False)
    assert len(problems(two)) == 1
    with pytest.raises(EditError, match="second output"):
        set_output(two, 2, True)


def test_an_edit_leaves_other_misfits_alone() -> None:
    misfit = replace(chain(2, 3, 4, 5), blocks=chain(2, 3, 6, 6).blocks)
    assert [p.block for p in problems(misfit)] == [2]
    after = set_repeats(misfit, 1, 2)
    assert not after.block(2).resampled
    assert set_level(misfit, 2, 7).block(2).resampled, "the edited one is mended"


def test_edits_are_values() -> None:
    assert (
        Edit("swap", (5, 9)) == Edit("swap", (5, 9, Follow.PLACE)) == Edit("swap", (5, 9, "place"))
    )
    assert hash(Edit("add", ("mbconv", 3, [0, 1]))) == hash(
        Edit("add", (Op.MBCONV, 3, (0, 1), None))
    )
    assert {Edit(name, args).text for name, args in EXAMPLES.items()} == {
        "b5 to L4",
        "swap b5 and b9, links stay with the place",
        "move b5 to position 7, links follow the block",
        "b5 reads b3 in slot 1",
        "disconnect slot 1 of b5",
        "b5 becomes a residual block",
        "b5 is no longer an output",
        "b5 repeats as the scaling says",
        "add a mbconv block on L3 at position 4, reading b0 and b1",
        "remove b5",
        "b5 takes its input as it is",
        "b5 24 wide",
        "the stem is the first 2 blocks",
        "block_repeats becomes 3",
    }
    assert set(EXAMPLES) == set(EDITS)


EXAMPLES: dict[str, tuple[object, ...]] = {
    "set_level": (5, 4),
    "swap": (5, 9),
    "move": (5, 7),
    "rewire": (5, 1, 3),
    "disconnect": (5, 1),
    "set_op": (5, "residual"),
    "set_output": (5, False),
    "set_repeats": (5, None),
    "add": ("mbconv", 3, (0, 1), 4),
    "remove": (5,),
    "set_resampled": (5, False),
    "set_width": (5, 24),
    "set_stem": (2,),
    "set_scaling": ("block_repeats", "3"),
}


@pytest.mark.parametrize(
    ("name", "args", "text"),
    [
        ("swop", (1, 2), "Did you mean swap?"),
        (["swap"], (1, 2), "expected one of set_level, swap"),
        ("__init__", (), "expected one of set_level, swap"),
        ("swap", (1,), "found 1 arguments, expected a, b, follow"),
        ("remove", (1, 2), "found 2 arguments"),
        ("set_level", ("5", 3), "block: found '5', expected a whole number"),
        ("set_level", (5, True), "level: found True, expected a whole number"),
        ("set_level", (5, 10**50), "expected a whole number"),
        ("set_output", (5, 1), "is_output: found 1, expected true or false"),
        ("set_op", (5, "conv"), "op: found 'conv', expected one of bottleneck, residual"),
        ("swap", (1, 2, "both"), "follow: found 'both', expected one of block, place"),
        ("add", ("residual", 3, 7), "parents: found 7, expected a list of whole numbers"),
        ("set_repeats", (3, 2.5), "expected a whole number or nothing"),
        ("set_scaling", (3, "2"), "setting: found 3, expected a line of text"),
    ],
)
def test_what_is_no_edit_is_refused(name: str, args: tuple[object, ...], text: str) -> None:
    with pytest.raises(EditError) as caught:
        Edit(name, args)
    assert text in str(caught.value)


def test_edits_are_fast() -> None:
    """Bounds five times what they take on a slow machine: about 0.3 ms, and 7 ms at 1,000."""
    for arch, seconds in (
        (spinenet_49s(), 0.003),
        (random_architecture(3, family=Family.SPINENET, blocks=1000), 0.1),
    ):
        first, second = arch.blocks[6].id, arch.blocks[-8].id
        calls = []
        for turn in range(7):
            fresh = replace(arch, name=f"turn {turn}")
            start = perf_counter()
            assert problems(swap(fresh, first, second)) == ()
            calls.append(perf_counter() - start)
        assert sorted(calls)[1] < seconds
