"""Explanations add up, and say what a person would say."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Op
from explorer.architecture.rules import problems
from explorer.catalog.entries import names
from explorer.catalog.resolve import resolve
from explorer.cost.causes import Of, difference_text
from explorer.cost.cost import cost, supports_head
from explorer.cost.explain import MOST, explain
from tests.random_architectures import random_architecture

SPINENET = resolve("spinenet-49")


def _with(arch: Architecture, block_id: int, **changes: object) -> Architecture:
    blocks = tuple(
        replace(block, **changes) if block.id == block_id else block for block in arch.blocks
    )
    return replace(arch, blocks=blocks)


def _adds_up(before: Architecture, after: Architecture, size: int, most: int = MOST) -> None:
    head = supports_head(before) and supports_head(after)
    causes = explain(before, after, size, head, most)
    one, two = cost(before, size, head), cost(after, size, head)
    assert sum(cause.macs for cause in causes) == two.macs - one.macs
    assert sum(cause.params for cause in causes) == two.params - one.params
    assert all(a.weight >= b.weight for a, b in pairwise(causes))
    assert len(causes) <= most + len(Of)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 12))
@settings(deadline=None)
def test_any_two_architectures(one: int, two: int, most: int) -> None:
    _adds_up(random_architecture(one), random_architecture(two), 128, most)


@given(st.integers(0, 10**6), st.data())
@settings(deadline=None)
def test_after_a_change_of_one_block(seed: int, data: st.DataObject) -> None:
    before = random_architecture(seed)
    block = data.draw(st.sampled_from(before.blocks))
    earlier = [b.id for b in before.blocks[: before.position(block.id)]]
    changed = {
        "level": data.draw(st.integers(1, 7)),
        "op": data.draw(st.sampled_from([Op.BOTTLENECK, Op.RESIDUAL, Op.MBCONV])),
        "is_output": data.draw(st.booleans()),
    }
    if earlier and block.resampled:
        changed["parents"] = tuple(
            data.draw(st.lists(st.sampled_from(earlier), min_size=1, max_size=4))
        )
    after = _with(before, block.id, **changed)
    if not problems(after):
        _adds_up(before, after, 128)


@pytest.mark.parametrize("name", names())
def test_every_named_network_against_spinenet_49(name: str) -> None:
    _adds_up(SPINENET, resolve(name), 640)
    _adds_up(resolve(name), SPINENET, 640)


def test_nothing_changed() -> None:
    assert explain(SPINENET, SPINENET) == ()
    assert explain(SPINENET, replace(SPINENET, name="a copy")) == ()
    assert difference_text(()) == "no change"


def test_another_level() -> None:
    causes = explain(SPINENET, _with(SPINENET, 6, level=4))
    assert [cause.text for cause in causes] == [
        "b6 now on L4",
        "link b6→b8 now down ×2",
        "link b6→b9 now down ×8",
        "link b3→b6 now on one level",
        "link b5→b6 now on one level",
    ]
    assert causes[0].blocks == (6,)
    assert causes[1].blocks == (6, 8)
    assert difference_text(causes).startswith("+1.96 G = +1.77 G b6 now on L4, +108.13 M link")


def test_another_parent() -> None:
    (cause,) = explain(SPINENET, _with(SPINENET, 5, parents=(2, 3)))
    assert cause.text == "link b3→b5 in place of b4"
    assert cause.macs < 0


def test_a_block_that_is_read_no_more_is_joined_or_dead() -> None:
    joined = explain(SPINENET, _with(SPINENET, 12, parents=(5, 9)))
    assert [cause.text for cause in joined] == [
        "link b9→b12 in place of b10",
    ]
    rewired = _with(
        _with(_with(SPINENET, 11, parents=(8, 9)), 12, parents=(5, 9)), 13, parents=(4, 9)
    )
    rewired = _with(rewired, 14, parents=(8, 13))
    texts = [cause.text for cause in explain(SPINENET, rewired)]
    assert "link b10→b14 joined (unread block)" in texts
    dead = explain(SPINENET, _with(SPINENET, 11, op=Op.RESIDUAL))
    assert [cause.text for cause in dead] == ["b11 no longer reaches an output: dead"]


def test_an_output_less() -> None:
    causes = explain(SPINENET, _with(SPINENET, 12, is_output=False), head=True)
    assert [cause.text for cause in causes] == [
        "RetinaNet head on P4 removed",
        "P4 endpoint removed",
    ]


def test_settings_are_told_one_by_one() -> None:
    causes = explain(SPINENET, resolve("spinenet-190"), head=True)
    assert {cause.of for cause in causes} == {Of.SCALING}
    assert [cause.text for cause in causes][:2] == [
        "head num_filters 256 → 512",
        "block_repeats 1 → 4",
    ]


def test_parameters_where_no_work_changes() -> None:
    other = replace(SPINENET, scaling=replace(SPINENET.scaling, norm_epsilon=1e-5))
    assert explain(SPINENET, other) == ()
