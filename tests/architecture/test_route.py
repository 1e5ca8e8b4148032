"""Routes are legal at every step and end where they should; the distance is a metric."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.difference import difference
from explorer.architecture.edits import Edit, Follow, swap
from explorer.architecture.errors import ArchitectureError, EditError
from explorer.architecture.example import small, small_with
from explorer.architecture.history import History, history_from_json, history_to_json
from explorer.architecture.paths import output_paths
from explorer.architecture.route import Route, reached, route
from explorer.architecture.rules import problems
from explorer.catalog import entry, names
from tests.random_architectures import Family, random_architecture

SHOWPIECE = ("resnet-50-fpn", "r23-sp30", "r0-sp53", "spinenet-49")
SEEDS = st.integers(0, 10**6)
FAMILIES = st.sampled_from([None, *Family])


def check(found: Route) -> None:
    here = found.start
    for step in found.steps:
        here = step.edit.apply(here)
        assert here == step.architecture
        assert problems(here) == ()
    assert reached(found)


def drawn(seed: int, family: Family | None, blocks: int | None = None) -> Architecture:
    return random_architecture(seed, family=family, blocks=blocks)


@pytest.mark.parametrize("name", names())
def test_there_is_a_route_between_all_of_the_catalog(name: str) -> None:
    for other in names():
        found = route(entry(name).architecture, entry(other).architecture)
        check(found)
        assert len(found.edits) <= found.distance


def showpiece() -> list[Route]:
    legs: list[Route] = []
    here = entry(SHOWPIECE[0]).architecture
    for name in SHOWPIECE[1:]:
        legs.append(route(here, entry(name).architecture))
        here = legs[-1].architectures[-1]
    return legs


def test_the_showpiece_ends_in_spinenet_49_itself() -> None:
    for found, name in zip(showpiece(), SHOWPIECE[1:], strict=True):
        goal = entry(name).architecture
        check(found)
        here = found.architectures[-1]
        assert (here.blocks, here.scaling) == (goal.blocks, goal.scaling)
        assert found.renamed == ()


def test_the_showpiece_finds_things_at_every_stop() -> None:
    """A level has one output, so that one that passes to another block is missing for a stop."""
    stops = [arch for leg in showpiece() for arch in leg.architectures]
    outputs = [[block.level for block in arch.outputs] for arch in stops]
    assert min(map(len, outputs)) >= 3
    assert sum(levels != [3, 4, 5, 6, 7] for levels in outputs) <= 11
    for arch in stops:
        assert all(way.paths > 0 for way in output_paths(arch))


def every_edit(arch: Architecture) -> Iterator[Edit]:
    """Edits of all kinds with many of their arguments."""
    ids = [block.id for block in arch.blocks]
    for block in arch.blocks:
        b, slots = block.id, range(len(block.parents))
        yield from (Edit("set_level", (b, level)) for level in range(2, 8))
        yield from (Edit("set_op", (b, op)) for op in (Op.BOTTLENECK, Op.RESIDUAL))
        yield from (Edit("set_output", (b, mark)) for mark in (True, False))
        yield from (Edit("disconnect", (b, slot)) for slot in slots)
        earlier = ids[: arch.position(b)]
        yield from (
            Edit("rewire", (b, slot, parent)) for slot in (*slots, len(slots)) for parent in earlier
        )
        for follow in Follow:
            yield from (Edit("swap", (b, other, follow)) for other in ids if other > b)
            yield from (Edit("move", (b, place, follow)) for place in range(len(ids)))
        yield from (
            Edit(name, (b, value)) for name, value in (("set_repeats", 2), ("set_width", 9))
        )
        yield Edit("remove", (b,))
        yield Edit("add", (Op.RESIDUAL, 6, (b,)))


def neighbours(arch: Architecture) -> dict[tuple[Block, ...], Architecture]:
    """Every architecture that one of these edits makes of it."""
    found = {}
    for edit in every_edit(arch):
        with suppress(EditError):
            made = edit.apply(arch)
            found[made.blocks] = made
    found.pop(arch.blocks, None)
    return found


def test_what_is_one_edit_away_is_one_edit_away() -> None:
    """A swap moves two blocks and all that read them: ten things differ, one edit does it."""
    for start in (small(), entry("spinenet-49").architecture):
        near = neighbours(start)
        assert len(near) > 50
        for goal in Random(1).sample(list(near.values()), 60):
            assert len(route(start, goal).edits) == 1


def test_routes_are_as_short_as_a_search_in_all_directions_finds_them() -> None:
    """Every architecture that two edits make of a small one: how long is the route there?"""
    near = neighbours(small())
    far: dict[tuple[Block, ...], Architecture] = {}
    for arch in near.values():
        far |= neighbours(arch)
    for known in (small().blocks, *near):
        far.pop(known, None)
    goals = Random(2).sample(list(far.values()), 400)
    longer = sum(len(route(small(), goal).edits) > 2 for goal in goals)
    assert longer <= 0.05 * len(goals)


@given(SEEDS, SEEDS, FAMILIES, FAMILIES)
@settings(max_examples=80, deadline=None)
def test_random_pairs_have_a_legal_route(
    one: int, two: int, kind: Family | None, other: Family | None
) -> None:
    check(route(drawn(one, kind), drawn(two, other)))


@given(SEEDS, SEEDS)
@settings(max_examples=40, deadline=None)
def test_in_one_space_each_edit_pays_for_itself(one: int, two: int) -> None:
    """Same stem and settings: only outputs that pass their levels on may cost an edit more."""
    start = drawn(one, Family.SPINENET, 10)
    goal = replace(drawn(two, Family.SPINENET, 10), scaling=start.scaling)
    stem = sum(block.in_stem for block in start.blocks)
    if problems(goal) or goal.blocks[:stem] != start.blocks[:stem]:
        return
    found = route(start, goal)
    check(found)
    assert len(found.edits) <= found.distance + 2


def test_two_outputs_that_change_levels_need_one_edit_more_than_differs() -> None:
    start = entry("spinenet-49").architecture
    levels = {12: 3, 13: 4}
    goal = replace(
        start, blocks=tuple(replace(b, level=levels.get(b.id, b.level)) for b in start.blocks)
    )
    found = route(start, goal)
    check(found)
    assert len(found.edits) == 3
    assert {step.edit.name for step in found.steps} == {"set_level"}


def test_nothing_is_done_where_nothing_differs() -> None:
    assert route(small(), replace(small(), name="other")).steps == ()


def test_new_blocks_take_the_next_ids() -> None:
    """They cannot take the goal's: the route says which of its blocks stands for which."""
    ids = {2: 40, 3: 30, 4: 20}
    goal = replace(
        small(),
        blocks=tuple(
            replace(b, id=ids.get(b.id, b.id), parents=tuple(ids.get(p, p) for p in b.parents))
            for b in small().blocks
        ),
    )
    found = route(small(), goal)
    check(found)
    assert sorted(dict(found.renamed)) == [20, 30, 40]
    assert len(set(dict(found.renamed).values())) == 3


def test_a_route_is_a_history_that_can_be_kept() -> None:
    found = route(entry("resnet-50-fpn").architecture, entry("r23-sp30").architecture)
    history = History.start(found.start)
    for edit in found.edits:
        history = history.apply(edit)
    assert history_from_json(history_to_json(history)) == history


def test_architectures_with_problems_have_no_route() -> None:
    with pytest.raises(ArchitectureError):
        route(small(), small_with(4, parents=(9,)))


@given(SEEDS, SEEDS, SEEDS, FAMILIES, st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_distance_is_a_metric(
    one: int, two: int, three: int, kind: Family | None, same_size: bool
) -> None:
    blocks = 6 if same_size else None
    a, b, c = (drawn(seed, kind, blocks) for seed in (one, two, three))

    def apart(x: Architecture, y: Architecture) -> int:
        return difference(x, y).distance

    assert apart(a, b) == apart(b, a)
    assert apart(a, c) <= apart(a, b) + apart(b, c)
    assert apart(a, replace(a, name="other")) == 0
    assert (apart(a, b) == 0) == ((a.blocks, a.scaling) == (b.blocks, b.scaling))


def test_a_detour_over_a_network_without_the_block_is_no_shorter() -> None:
    from explorer.architecture.edits import remove, set_level, set_op, set_output

    far = set_output(set_op(set_level(small(), 3, 6), 3, small().block(2).op), 3, False)
    without = remove(small(), 3)
    way = difference(small(), without).distance + difference(without, far).distance
    assert difference(small(), far).distance <= way


def test_the_distance_tells_orders_apart() -> None:
    assert difference(small(), swap(small(), 2, 3)).distance > 0
