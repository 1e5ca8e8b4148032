"""Content-addressed execution: equal to a fresh run, and no more work than an edit asks for."""

from __future__ import annotations

import threading
from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import MAX_LEVEL, Op
from explorer.architecture.edits import Edit, Follow, rewire, set_level
from explorer.architecture.errors import EditError, SizeError
from explorer.architecture.links import LinkKind, links
from explorer.architecture.plan import plan
from explorer.cost.cost import supports_head
from explorer.network.budget import Budget, BudgetError
from explorer.network.build import build
from explorer.network.execution import Executor, StoppedError
from explorer.network.weights import Weights
from tests.network.parity import fixture
from tests.random_architectures import random_architecture

IMAGE = torch.randn(1, 3, 128, 128, generator=torch.Generator().manual_seed(7))
ROOMY = Budget(max_nbytes=1 << 33)


def tiny() -> Architecture:
    return fixture("retinanet_spinenet_tiny").architecture


def random_edit(rng: Random, arch: Architecture) -> Edit:
    """An edit that may or may not be possible."""
    ids = [block.id for block in arch.blocks]
    one, two = rng.choice(ids), rng.choice(ids)
    free = [Op.BOTTLENECK, Op.RESIDUAL, Op.MBCONV]
    return rng.choice(
        [
            Edit("set_level", (one, rng.randint(1, MAX_LEVEL))),
            Edit("swap", (one, two, rng.choice(list(Follow)))),
            Edit("move", (one, rng.randrange(len(ids)), rng.choice(list(Follow)))),
            Edit("rewire", (one, rng.randint(0, 2), two)),
            Edit("disconnect", (one, rng.randint(0, 2))),
            Edit("set_op", (one, rng.choice(free))),
            Edit("set_output", (one, rng.random() < 0.5)),
            Edit("set_repeats", (one, rng.choice([None, 1, 2]))),
            Edit("add", (rng.choice(free), rng.randint(2, 6), (one, two))),
            Edit("remove", (one,)),
        ]
    )


def assert_equals_a_fresh_run(executor: Executor, arch: Architecture) -> None:
    head = supports_head(arch) and arch.scaling.head.num_filters < 12
    found = executor.run(arch, IMAGE, "noise", head=head)
    network = build(arch, head=head)
    with torch.no_grad():
        maps = network.maps(IMAGE)
        heads = network.forward_head(maps.outputs) if head else {}
    assert list(found.blocks) == list(maps.blocks)
    assert list(found.outputs) == list(maps.outputs)
    for block, x in maps.blocks.items():
        assert torch.equal(found.blocks[block], x), block
    for level, x in maps.outputs.items():
        assert torch.equal(found.outputs[level], x), level
    assert list(found.heads) == list(heads)
    for level, pair in heads.items():
        assert all(torch.equal(*two) for two in zip(found.heads[level], pair, strict=True))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), max_nbytes=st.sampled_from([1 << 30, 300_000, 0]))
def test_it_equals_a_fresh_full_run_over_random_edits(seed: int, max_nbytes: int) -> None:
    """Also where the caches are so small that they drop what is still needed."""
    rng = Random(seed)
    executor = Executor(max_nbytes, max_nbytes, ROOMY)
    visited = [random_architecture(seed)]
    for _ in range(6):
        if len(visited) > 1 and rng.random() < 0.3:
            arch = rng.choice(visited)
        else:
            try:
                arch = random_edit(rng, visited[-1]).apply(visited[-1])
            except EditError:
                continue
        visited.append(arch)
        assert_equals_a_fresh_run(executor, arch)
        assert executor.activations.nbytes <= max_nbytes


def test_the_first_run_computes_each_unit_once() -> None:
    arch = tiny()
    run = Executor().run(arch, IMAGE, "noise", head=True)
    network = plan(arch, 128, 128)
    expected = ["stem"]
    for step in network.blocks.values():
        expected += [wire.unit.name for wire in step.links if wire.unit.layers]
        expected.append(step.body.name)
    expected += [unit.name for unit in network.endpoints.values()]
    expected += [f"head.{tower}.{level}" for level in range(3, 8) for tower in ("class", "box")]
    assert list(run.executed) == expected
    assert run.reused == 0


def downstream(block: int, *archs: Architecture) -> set[int]:
    """The block and all that reads it, directly or through others, in any of these."""
    found = {block}
    for arch in archs:
        for link in links(arch):
            if link.parent in found:
                found.add(link.child)
    return found


@pytest.mark.parametrize("block", [2, 4, 5, 8, 9, 10, 11])
def test_after_a_level_changes_only_what_lies_downstream_runs(block: int) -> None:
    """Block 11 was joined to block 14: elsewhere it is dead, and block 14 changes."""
    before = tiny()
    executor = Executor()
    executor.run(before, IMAGE, "noise")
    after = set_level(before, block, 3 if before.block(block).level == 2 else 2)
    run = executor.run(after, IMAGE, "noise")
    touched = downstream(block, before, after)
    expected = []
    for step in plan(after, 128, 128).blocks.values():
        for wire in step.links:
            moved = step.block.id == block or wire.link.parent in touched
            if moved and wire.link.kind is LinkKind.RESAMPLE:
                expected.append(wire.unit.name)
        if step.block.id in touched:
            expected.append(step.body.name)
    expected += [f"endpoints.{block.level}" for block in after.outputs if block.id in touched]
    assert sorted(run.executed) == sorted(expected)
    assert run.reused > 0


def test_a_link_from_an_untouched_parent_into_a_touched_block_is_not_run_again() -> None:
    executor = Executor()
    executor.run(tiny(), IMAGE, "noise")
    run = executor.run(rewire(tiny(), 16, 1, 13), IMAGE, "noise")
    assert run.executed == ("blocks.16.resample1", "blocks.16.body", "endpoints.6")


def test_undo_and_a_second_look_execute_nothing() -> None:
    executor = Executor()
    first = executor.run(tiny(), IMAGE, "noise")
    executor.run(set_level(tiny(), 4, 4), IMAGE, "noise")
    again = executor.run(tiny(), IMAGE, "noise")
    assert again.executed == ()
    assert all(again.outputs[level] is first.outputs[level] for level in first.outputs)


def test_only_the_blocks_that_are_wanted_come_back() -> None:
    run = Executor().run(tiny(), IMAGE, "noise", blocks=(4, 99))
    assert list(run.blocks) == [4]
    assert list(run.outputs) == [3, 4, 5, 6, 7]


def test_another_image_seed_or_weights_is_another_answer() -> None:
    executor = Executor()
    arch = tiny()
    runs = [
        executor.run(arch, IMAGE, "noise"),
        executor.run(arch, IMAGE + 1, "brighter"),
        executor.run(arch, IMAGE, "noise", seed=1),
        executor.run(arch, IMAGE, "noise", weights=Weights(fixture(FIXTURE).weights())),
    ]
    assert all(run.reused == 0 for run in runs)
    for i, one in enumerate(runs):
        for two in runs[:i]:
            assert not torch.equal(one.outputs[5], two.outputs[5])


FIXTURE = "retinanet_spinenet_tiny"


def test_given_weights_are_used_where_they_fit() -> None:
    one = fixture(FIXTURE)
    weights = Weights(one.weights())
    found = Executor().run(one.architecture, one.image, "x", head=True, weights=weights)
    expected = torch.from_numpy(one.expected["class_P3"])
    error = (found.heads[3][0] - expected).abs().max() / expected.abs().max()
    assert error <= 1e-4


def test_threads_that_ask_for_the_same_share_the_work() -> None:
    executor, arch = Executor(), tiny()
    gate = threading.Barrier(4)
    runs = []

    def ask() -> None:
        gate.wait()
        runs.append(executor.run(arch, IMAGE, "noise"))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = Executor().run(arch, IMAGE, "noise")
    names = [name for run in runs for name in run.executed]
    assert sorted(names) == sorted(alone.executed)
    assert all(torch.equal(run.outputs[3], alone.outputs[3]) for run in runs)


def test_a_stopped_run_keeps_what_it_had_finished() -> None:
    executor, arch = Executor(), tiny()
    seen: list[str] = []

    def note(done: int, count: int, name: str) -> None:
        assert done == len(seen) < count
        seen.append(name)

    with pytest.raises(StoppedError, match="stopped after 10 of"):
        executor.run(arch, IMAGE, "noise", progress=note, should_stop=lambda: len(seen) == 10)
    rest = executor.run(arch, IMAGE, "noise")
    assert rest.reused == 10
    assert set(seen).isdisjoint(rest.executed)


def test_what_is_beyond_the_budget_is_refused_before_anything_is_made() -> None:
    for budget in (Budget(max_macs=10**6), Budget(max_nbytes=10**5)):
        executor = Executor(budget=budget)
        with pytest.raises(BudgetError, match="Choose a smaller image"):
            executor.run(tiny(), IMAGE, "noise")
        assert len(executor.activations) == len(executor.modules) == 0


def test_an_image_of_another_kind_is_refused() -> None:
    with pytest.raises(SizeError, match=r"\(3, 128, 128\), expected \(N, 3, height, width\)"):
        Executor().run(tiny(), IMAGE[0], "noise")
