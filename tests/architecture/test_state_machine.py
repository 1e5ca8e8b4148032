"""Any row of edits ends in a legal network or in an error that says how to mend it."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Op
from explorer.architecture.codec import from_json, from_token, to_json, to_token
from explorer.architecture.edits import Edit, Follow
from explorer.architecture.errors import EditError
from explorer.architecture.history import History, history_from_json, history_to_json
from explorer.architecture.links import dead_blocks, links
from explorer.architecture.paths import output_paths
from explorer.architecture.plan import plan
from explorer.architecture.rules import problems
from tests.random_architectures import random_architecture

MAX_BLOCKS = 22
FOLLOW = st.sampled_from(Follow)


class Editing(RuleBasedStateMachine):
    """A person who edits, undoes and redoes; `trail` is what undo has to give back."""

    steps: ClassVar[int] = 0
    edits: ClassVar[int] = 0

    history: History
    trail: list[Architecture]

    @initialize(seed=st.integers(0, 10**6))
    def start(self, seed: int) -> None:
        self.history = History.start(random_architecture(seed))
        self.trail = [self.history.current]

    def edit(self, name: str, *args: object) -> None:
        Editing.steps += 1
        before, known = self.history, to_json(self.history.current)
        try:
            edit = Edit(name, args)
            after = edit.apply(before.current)
        except EditError as error:
            assert ": found " in str(error) and ", expected " in str(error)
            assert str(error).endswith((".", "?")) and "\n" not in str(error)
            assert to_json(self.history.current) == known
            return
        self.history = before.apply(edit)
        assert self.history.current == after
        assert to_json(before.current) == known, "an edit leaves the old value alone"
        self.check_ids(name, before.current, after, args)
        if after != before.current:
            Editing.edits += 1
            del self.trail[before.cursor + 1 :]
            self.trail.append(after)

    def check_ids(
        self, name: str, before: Architecture, after: Architecture, args: tuple[object, ...]
    ) -> None:
        old = {block.id: block for block in before.blocks}
        new = {block.id: block for block in after.blocks}
        if name == "add":
            assert set(new) - set(old) == {max(old) + 1} and set(old) <= set(new)
        elif name == "remove":
            assert set(old) - set(new) == {args[0]} and set(new) <= set(old)
        else:
            assert set(new) == set(old)
        stem = [block for block in before.blocks if block.in_stem]
        assert list(after.blocks[: len(stem)]) == stem
        if name in ("swap", "move"):
            for block_id, block in new.items():
                was = old[block_id]
                assert (block.op, block.level, block.repeats) == (was.op, was.level, was.repeats)
                assert block.is_output == was.is_output
                if args[-1] is Follow.BLOCK:
                    assert block.parents == was.parents

    def block(self, data: st.DataObject) -> int:
        """The id of a block, now and then one that may not be edited or is not there."""
        ids = [block.id for block in self.history.current.blocks]
        return data.draw(st.sampled_from([*ids[::-1], max(ids) + 1]), label="block")

    def slots(self, block: int) -> int:
        known = {b.id: b for b in self.history.current.blocks}
        return len(known[block].parents) if block in known else 0

    @rule(data=st.data(), level=st.integers(0, 8))
    def set_level(self, data: st.DataObject, level: int) -> None:
        self.edit("set_level", self.block(data), level)

    @rule(data=st.data(), follow=FOLLOW)
    def swap(self, data: st.DataObject, follow: Follow) -> None:
        self.edit("swap", self.block(data), self.block(data), follow)

    @rule(data=st.data(), position=st.integers(0, MAX_BLOCKS), follow=FOLLOW)
    def move(self, data: st.DataObject, position: int, follow: Follow) -> None:
        self.edit("move", self.block(data), position, follow)

    @rule(data=st.data())
    def rewire(self, data: st.DataObject) -> None:
        block = self.block(data)
        slot = data.draw(st.integers(-1, self.slots(block) + 1), label="slot")
        self.edit("rewire", block, slot, self.block(data))

    @rule(data=st.data())
    def disconnect(self, data: st.DataObject) -> None:
        block = self.block(data)
        self.edit("disconnect", block, data.draw(st.integers(0, self.slots(block))))

    @rule(data=st.data(), op=st.sampled_from(Op))
    def set_op(self, data: st.DataObject, op: Op) -> None:
        self.edit("set_op", self.block(data), op)

    @rule(data=st.data(), is_output=st.booleans())
    def set_output(self, data: st.DataObject, is_output: bool) -> None:
        self.edit("set_output", self.block(data), is_output)

    @rule(data=st.data(), repeats=st.none() | st.integers(0, 4))
    def set_repeats(self, data: st.DataObject, repeats: int | None) -> None:
        self.edit("set_repeats", self.block(data), repeats)

    @precondition(lambda self: len(self.history.current.blocks) < MAX_BLOCKS)
    @rule(
        data=st.data(),
        op=st.sampled_from([*Op][:3] * 3 + [*Op]),
        level=st.integers(1, 7),
        position=st.none() | st.integers(0, MAX_BLOCKS),
    )
    def add(self, data: st.DataObject, op: Op, level: int, position: int | None) -> None:
        parents = tuple(self.block(data) for _ in range(data.draw(st.integers(0, 3))))
        self.edit("add", op, level, parents, position)

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        self.edit("remove", self.block(data))

    @precondition(lambda self: self.history.can_undo)
    @rule()
    def undo(self) -> None:
        Editing.steps += 1
        self.history = self.history.undo()

    @precondition(lambda self: self.history.can_redo)
    @rule()
    def redo(self) -> None:
        Editing.steps += 1
        self.history = self.history.redo()

    @invariant()
    def it_is_legal_and_can_be_planned(self) -> None:
        arch = self.history.current
        assert problems(arch) == ()
        whole = plan(arch, 128, 128)
        assert set(whole.blocks) == {b.id for b in arch.blocks} - dead_blocks(arch)
        position = {block.id: place for place, block in enumerate(arch.blocks)}
        assert all(position[link.parent] < position[link.child] for link in links(arch))

    @invariant()
    def undo_gives_the_very_value(self) -> None:
        assert self.history.current == self.trail[self.history.cursor]
        assert hash(self.history.current) == hash(self.trail[self.history.cursor])

    @invariant()
    def it_comes_back_from_text_and_link(self) -> None:
        arch = self.history.current
        assert from_json(to_json(arch)) == arch
        assert from_token(to_token(arch)) == arch

    def teardown(self) -> None:
        if hasattr(self, "history"):
            assert history_from_json(history_to_json(self.history)) == self.history
            assert len(output_paths(self.history.current)) == len(self.history.current.outputs)


CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def run(machines: int, steps: int, seeded: bool) -> None:
    Editing.steps = Editing.edits = 0
    run_state_machine_as_test(
        Editing,
        settings=settings(
            max_examples=machines,
            stateful_step_count=steps,
            derandomize=seeded,
            deadline=None,
            suppress_health_check=CHECKS,
        ),
    )


def test_any_row_of_edits_is_safe() -> None:
    run(machines=40, steps=40, seeded=True)
    assert Editing.steps >= 1000 and Editing.edits >= 250


@pytest.mark.long
def test_any_row_of_100000_edits_is_safe() -> None:
    run(machines=1400, steps=100, seeded=False)
    assert Editing.steps >= 100_000
