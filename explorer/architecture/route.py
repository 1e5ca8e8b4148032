"""A route: a short row of legal edits that leads from one architecture to another.

The distance counts what differs (`explorer.architecture.difference`). The route takes, again and
again, a legal edit that makes less differ; so each edit of it pays for itself. An edit that brings
several things into place at once, as a swap does, is taken first. Among the others those that keep
every output come first, so that the network on the way finds as much as it can.

Where none is legal it makes a detour: a block of a feature pyramid becomes a bottleneck before its
parents go, an output waits on a free level while others pass theirs on, or blocks are put into the
new order from the first one on, which is always possible because parents stand first. A link that
takes its input as it is may have to resample on the way, and is set back at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from explorer.architecture.architecture import Architecture, blocks_by_id, positions
from explorer.architecture.block import Block
from explorer.architecture.difference import difference
from explorer.architecture.edits import Edit
from explorer.architecture.errors import ArchitectureError, EditError
from explorer.architecture.route_leaps import leaps
from explorer.architecture.route_steps import (
    Goal,
    detours,
    finishing_edits,
    first_edits,
    helpful_edits,
    left,
)
from explorer.architecture.rules import problems

MOST_EDITS = 4_000


class RouteStep(NamedTuple):
    """One edit of a route, and the architecture after it."""

    edit: Edit
    architecture: Architecture


@dataclass(frozen=True, slots=True)
class Route:
    """A way from one architecture to another; every architecture on it is legal.

    The last one is `goal`, but for its name and for the ids of blocks that were added: a new block
    takes the next free id. `renamed` has the id in `goal` and the id on the route, where they
    differ.
    """

    start: Architecture
    goal: Architecture
    steps: tuple[RouteStep, ...]
    distance: int
    """How many single things differ between start and goal. The route is not longer, but for
    detours: two edits where the stem changes, one or two where outputs pass levels on, one for a
    plain block that had to resample on the way."""
    renamed: tuple[tuple[int, int], ...] = ()

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits alone."""
        return tuple(step.edit for step in self.steps)

    @property
    def architectures(self) -> tuple[Architecture, ...]:
        """Every stop, start and end included."""
        return (self.start, *(step.architecture for step in self.steps))


def route(start: Architecture, goal: Architecture) -> Route:
    """A route from `start` to `goal`. Blocks are matched by id.

    Raises
    ------
    ArchitectureError: where one of them has problems.
    EditError: where no route was found.

    >>> from explorer.architecture.edits import set_level
    >>> from explorer.architecture.example import small
    >>> [edit.text for edit in route(small(), set_level(small(), 2, 5)).edits]
    ['b2 to L5']
    """
    for arch in (start, goal):
        if problems(arch):
            raise ArchitectureError(problems(arch))
    aim = Goal(goal)
    steps = tuple(_walk(start, aim))
    return Route(start, goal, steps, difference(start, goal).distance, aim.renamed)


def _walk(here: Architecture, aim: Goal) -> Iterator[RouteStep]:
    for edit in first_edits(here, aim):
        here = edit.apply(here)
        yield RouteStep(edit, here)
    in_order, count = False, 0
    while remaining := left(here, aim):
        steps = _leap(here, aim, remaining, not in_order)
        steps = steps or _helpful(here, aim, remaining, not in_order)
        if not steps:
            steps, in_order = _detour(here, aim, in_order)
        for step in steps:
            aim.note(step.edit, step.architecture)
            yield step
        here, count = steps[-1].architecture, count + len(steps)
        if count > MOST_EDITS:
            raise _none(aim)
    for edit in finishing_edits(here, aim):
        here = edit.apply(here)
        yield RouteStep(edit, here)


def _none(aim: Goal) -> EditError:
    return EditError(f"A route to {aim.arch.name}: found none. Choose nearer architectures.")


def _leap(here: Architecture, aim: Goal, remaining: int, moving: bool) -> tuple[RouteStep, ...]:
    """The edit that brings most into place, where it is more than one thing."""
    best: tuple[RouteStep, ...] = ()
    least = remaining - 1
    for edit in leaps(here, aim.arch, moving):
        steps = _tried(here, (edit,))
        if steps and (after := left(steps[0].architecture, aim)) < least:
            best, least = steps, after
    return best


def _helpful(here: Architecture, aim: Goal, remaining: int, moving: bool) -> tuple[RouteStep, ...]:
    """A legal edit after which less differs; nothing where there is none.

    It is the first that costs no output. Where each costs one, it is the edit after which the most
    outputs can be had again at once.
    """
    costly = []
    for edit in helpful_edits(here, aim, moving):
        steps = _tried(here, (edit,))
        if steps and left(steps[0].architecture, aim.after(*steps[0])) < remaining:
            if len(steps[0].architecture.outputs) >= len(here.outputs):
                return steps
            costly.append(steps)
    return max(costly, key=lambda steps: _outputs_next(steps[0].architecture, aim), default=())


def _outputs_next(here: Architecture, aim: Goal) -> int:
    """How many outputs there are after one more edit that the goal asks for."""
    then = blocks_by_id(aim.arch)
    marks = (
        _tried(here, (Edit("set_output", (block.id, True)),))
        for block in here.blocks
        if block.id in then and then[block.id].is_output and not block.is_output
    )
    found = (len(steps[0].architecture.outputs) for steps in marks if steps)
    return max(found, default=len(here.outputs))


def _detour(here: Architecture, aim: Goal, in_order: bool) -> tuple[tuple[RouteStep, ...], bool]:
    for edits, ordering in detours(here, aim):
        steps = _tried(here, edits)
        if steps and steps[-1].architecture != here:
            return steps, in_order or ordering
    raise _none(aim)


def _tried(here: Architecture, edits: tuple[Edit, ...]) -> tuple[RouteStep, ...]:
    """These edits made one after the other; nothing where one of them cannot be made."""
    steps = []
    for edit in edits:
        try:
            here = edit.apply(here)
        except EditError:
            return ()
        steps.append(RouteStep(edit, here))
    return tuple(steps)


def reached(way: Route) -> bool:
    """Whether a route ends where it should: the goal, but for its name and the ids of new blocks.

    >>> from explorer.architecture.edits import remove
    >>> from explorer.architecture.example import small
    >>> reached(route(small(), remove(small(), 2)))
    True
    """
    end = way.architectures[-1]
    new = dict(way.renamed)
    same_ids = {new.get(block.id, block.id) for block in way.goal.blocks} == set(blocks_by_id(end))
    if end.scaling != way.goal.scaling or not same_ids:
        return False
    place_now, place_then = positions(end), positions(way.goal)
    return all(
        place_now[new.get(block.id, block.id)] == place_then[block.id]
        and _alike(block, end.block(new.get(block.id, block.id)), new)
        for block in way.goal.blocks
    )


def _alike(block: Block, now: Block, new: Mapping[int, int]) -> bool:
    parents = tuple(new.get(parent, parent) for parent in block.parents)
    return replace(block, id=now.id, parents=parents) == now
