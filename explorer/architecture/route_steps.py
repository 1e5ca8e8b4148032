"""What a route may do next: edits that bring an architecture nearer to a goal, and detours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace

from explorer.architecture.architecture import Architecture, blocks_by_id, positions
from explorer.architecture.block import Block, Op
from explorer.architecture.difference import longest_kept
from explorer.architecture.edits import Edit
from explorer.architecture.order_edits import Follow
from explorer.architecture.scaling import Head, Scaling

_MARKS = ("resampled", "in_stem")
"""Fields that are set at the end: what comes before may have to change them."""


class Goal:
    """Where a route leads, in the ids that the route uses: new blocks take the next free id."""

    def __init__(self, arch: Architecture, renamed: dict[int, int] | None = None) -> None:
        self.arch = arch
        self._renamed = renamed or {}

    @property
    def renamed(self) -> tuple[tuple[int, int], ...]:
        """Ids of the goal and of the route, where they differ."""
        return tuple(sorted((a, b) for a, b in self._renamed.items() if a != b))

    def after(self, edit: Edit, here: Architecture) -> Goal:
        """The goal after this edit: one that added a block settles what that block is called."""
        found = Goal(self.arch, dict(self._renamed))
        found.note(edit, here)
        return found

    def note(self, edit: Edit, here: Architecture) -> None:
        """Take down that this edit led to `here`."""
        if edit.name != "add":
            return
        new = max(block.id for block in here.blocks)
        known = {block.id for block in here.blocks}
        wanted = self._wanted(here, new)
        if wanted == new:
            return
        swap = {wanted: new, new: max(self._ids() | known) + 1}
        origin = {now: was for was, now in self._renamed.items()}
        for was, now in swap.items():
            if was in self._ids():
                self._renamed[origin.get(was, was)] = now
        blocks = tuple(
            replace(b, id=swap.get(b.id, b.id), parents=tuple(swap.get(p, p) for p in b.parents))
            for b in self.arch.blocks
        )
        self.arch = replace(self.arch, blocks=blocks)

    def _ids(self) -> set[int]:
        return {block.id for block in self.arch.blocks}

    def _wanted(self, here: Architecture, new: int) -> int:
        """The goal's id for the block that was just added: the missing one that looks like it."""
        known = {block.id for block in here.blocks} - {new}
        made = here.block(new)
        for block in self.arch.blocks:
            alike = (block.op, block.level, block.parents) == (made.op, made.level, made.parents)
            if block.id not in known and alike:
                return block.id
        return new


def left(here: Architecture, aim: Goal) -> int:
    """How much differs, without what is set at the end."""
    now, then = blocks_by_id(here), blocks_by_id(aim.arch)
    common = [block.id for block in here.blocks if block.id in then]
    count = len(now) + len(then) - 2 * len(common) + 4 * len(then.keys() - now.keys())
    count += len(common) - len(longest_kept(common, positions(aim.arch)))
    count += sum(_differs(now[i], then[i]) for i in common)
    return count + len(_settings(here.scaling, aim.arch.scaling))


def _differs(one: Block, other: Block) -> int:
    names = (f.name for f in fields(Block) if f.name not in ("id", "parents", *_MARKS))
    marks = [getattr(one, name) == getattr(other, name) for name in names].count(False)
    return marks + _slots(one, other)


def _slots(one: Block, other: Block) -> int:
    pairs = zip(one.parents, other.parents, strict=False)
    return max(len(one.parents), len(other.parents)) - [a == b for a, b in pairs].count(True)


def first_edits(here: Architecture, aim: Goal) -> Iterator[Edit]:
    """What unlocks the stem, where the goal has another one."""
    count = 0
    for one, other in zip(here.blocks, aim.arch.blocks, strict=False):
        if one != other or not one.in_stem:
            break
        count += 1
    ends = [sum(block.in_stem for block in arch.blocks) for arch in (here, aim.arch)]
    if count < ends[0]:
        yield Edit("set_stem", (count,))


def finishing_edits(here: Architecture, aim: Goal) -> Iterator[Edit]:
    """What is set once everything else is in place: plain inputs, then the stem."""
    then = blocks_by_id(aim.arch)
    for block in here.blocks:
        if block.resampled != then[block.id].resampled:
            yield Edit("set_resampled", (block.id, then[block.id].resampled))
    ends = [sum(block.in_stem for block in arch.blocks) for arch in (here, aim.arch)]
    if ends[0] != ends[1]:
        yield Edit("set_stem", (ends[1],))


def helpful_edits(here: Architecture, aim: Goal, moving: bool = True) -> Iterator[Edit]:
    """Edits after which less would differ, were they legal; the nicest to look at first."""
    now, then = blocks_by_id(here), blocks_by_id(aim.arch)
    for name, value in _settings(here.scaling, aim.arch.scaling):
        yield Edit("set_scaling", (name, value))
    for block in here.blocks:  # an output that can be had is had at once
        if block.id in then and then[block.id].is_output and not block.is_output:
            yield Edit("set_output", (block.id, True))
    read = {parent for block in here.blocks for parent in block.parents}
    for block in reversed(here.blocks):
        if block.id not in then and block.id not in read:
            yield Edit("remove", (block.id,))
    kept = longest_kept([b.id for b in here.blocks if b.id in then], positions(aim.arch))
    for block in aim.arch.blocks:
        if block.id not in now:
            if moving:
                yield from _adding(here, aim.arch, block)
            continue
        if moving and block.id not in kept:
            yield from _moving(here, aim.arch, block.id, kept)
        for edit in _changing(now[block.id], block):
            pyramid = edit.name == "set_op" and block.op.is_pyramid
            if not pyramid or _ready(here, aim.arch, block):
                yield edit


def _ready(here: Architecture, goal: Architecture, block: Block) -> bool:
    """Whether a block may become the part of an FPN that it is in the goal."""
    now = blocks_by_id(here)[block.id]
    if (now.level, now.parents) != (block.level, block.parents):
        return False
    known, then = blocks_by_id(here), blocks_by_id(goal)
    return all(_core(known.get(parent)) == _core(then[parent]) for parent in block.parents)


def _adding(here: Architecture, goal: Architecture, block: Block) -> Iterator[Edit]:
    place = positions(here)
    if all(parent in place for parent in block.parents):
        low, high = _room(place, goal, block.id, set(place), len(here.blocks))
        low = max([low, *(place[parent] + 1 for parent in block.parents)])
        if low <= high:
            yield Edit("add", (block.op, block.level, block.parents, low))


def _moving(
    here: Architecture, goal: Architecture, block_id: int, kept: set[int]
) -> Iterator[Edit]:
    rest = [block.id for block in here.blocks if block.id != block_id]
    place = {other: at for at, other in enumerate(rest)}
    low, high = _room(place, goal, block_id, kept, len(rest))
    for at in range(low, high + 1):
        yield Edit("move", (block_id, at, Follow.BLOCK))


def _room(
    place: Mapping[int, int], goal: Architecture, block_id: int, kept: set[int], end: int
) -> tuple[int, int]:
    """From which to which position a block may stand, between those that keep their order."""
    at = positions(goal)[block_id]
    order = [block.id for block in goal.blocks]
    before = [place[i] for i in order[:at] if i in kept and i in place]
    after = [place[i] for i in order[at + 1 :] if i in kept and i in place]
    return max(before, default=-1) + 1, min(after, default=end)


def _changing(now: Block, then: Block) -> Iterator[Edit]:
    for slot, parent in enumerate(then.parents):
        if slot >= len(now.parents) or now.parents[slot] != parent:
            yield Edit("rewire", (now.id, slot, parent))
    if len(now.parents) > len(then.parents):
        yield Edit("disconnect", (now.id, len(now.parents) - 1))
    if now.op is not then.op:
        yield Edit("set_op", (now.id, then.op))
    if now.level != then.level:
        yield Edit("set_level", (now.id, then.level))
    if now.is_output != then.is_output:
        yield Edit("set_output", (now.id, then.is_output))
    if now.repeats != then.repeats:
        yield Edit("set_repeats", (now.id, then.repeats))
    if now.width != then.width:
        yield Edit("set_width", (now.id, then.width))


def detours(here: Architecture, aim: Goal) -> Iterator[tuple[tuple[Edit, ...], bool]]:
    """Edits for when none helps, and whether from then on blocks are ordered from the first on."""
    then = blocks_by_id(aim.arch)
    for block in reversed(here.blocks):
        if block.op.is_pyramid and not _settled(here, aim.arch, block.id):
            wanted = then[block.id].op if block.id in then else Op.BOTTLENECK
            op = Op.BOTTLENECK if wanted.is_pyramid else wanted
            yield (Edit("set_op", (block.id, op)),), False
    for edits in _passing_outputs(here, aim.arch):
        yield edits, False
    for edit in _ordering(here, aim.arch):
        yield (edit,), True


def _settled(here: Architecture, goal: Architecture, block_id: int) -> bool:
    """Whether a block and what it reads are on their levels, with the goal's ops and links."""
    now, then = blocks_by_id(here), blocks_by_id(goal)

    def same(one: int) -> bool:
        ends = now.get(one), then.get(one)
        return None not in ends and _core(ends[0]) == _core(ends[1])

    return same(block_id) and all(map(same, then[block_id].parents))


def _core(block: Block | None) -> tuple[object, ...]:
    return () if block is None else (block.op, block.level, block.parents)


def _passing_outputs(here: Architecture, goal: Architecture) -> Iterator[tuple[Edit, ...]]:
    """Ways to free a level whose output stands in the way of the next one: it steps aside."""
    then = blocks_by_id(goal)
    holder = {block.level: block.id for block in here.blocks if block.is_output}
    free = [level for level in here.scaling.levels if level not in holder]
    free.sort(key=lambda level: (level in here.scaling.output_levels, abs(level - 2)))
    for block in here.blocks:
        aim = then.get(block.id)
        if aim is None or not (block.is_output or aim.is_output):
            continue
        other = holder.get(aim.level)
        if other is None or other == block.id:
            continue
        for edit in _changing(block, aim):
            if edit.name == "set_level" or edit.args == (block.id, True):
                for level in free:
                    yield Edit("set_level", (other, level)), edit
                for stand_in in here.blocks:
                    if stand_in.level in free and stand_in.level in here.scaling.output_levels:
                        aside = Edit("set_output", (other, False))
                        yield Edit("set_output", (stand_in.id, True)), aside, edit
                for level in (*free, block.level):
                    setting = "max_level" if level > aim.level else "min_level"
                    room = Edit("set_scaling", (setting, str(level)))
                    yield room, Edit("set_level", (other, level)), edit
                    yield room, Edit("set_output", (other, False)), edit


def _ordering(here: Architecture, goal: Architecture) -> Iterator[Edit]:
    """The next edit that puts blocks into the goal's order from the first on."""
    now = blocks_by_id(here)
    for place, block in enumerate(goal.blocks):
        if block.id not in now:
            yield Edit("add", (block.op, block.level, block.parents, place))
            return
        for edit in _changing(now[block.id], block):
            if edit.name in ("rewire", "disconnect"):
                yield edit
        if here.blocks[place].id != block.id:
            yield Edit("move", (block.id, place, Follow.BLOCK))
            return


def _settings(now: Scaling, then: Scaling) -> list[tuple[str, str]]:
    """Settings that differ, with the value that they shall have."""
    found = []
    for field in fields(Scaling):
        value = getattr(then, field.name)
        if getattr(now, field.name) == value:
            continue
        if isinstance(value, Head):
            inner = getattr(now, field.name)
            found += [
                (f"{field.name}.{part.name}", _text(getattr(value, part.name)))
                for part in fields(Head)
                if getattr(inner, part.name) != getattr(value, part.name)
            ]
        else:
            found.append((field.name, _text(value)))
    return found


def _text(value: object) -> str:
    return str(value) if isinstance(value, str) else json.dumps(value)
