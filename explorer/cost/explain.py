"""Why one architecture costs more than another: causes that add up to the difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError
from explorer.architecture.layers import Size
from explorer.architecture.scaling import Head, Scaling
from explorer.cost.block_causes import block_causes
from explorer.cost.causes import Cause, Of, largest_first
from explorer.cost.cost import Cost, cost

MOST = 8
"""Causes told one by one before the rest is merged."""


def explain(
    before: Architecture,
    after: Architecture,
    size: int | Size = 640,
    head: bool = False,
    most: int = MOST,
) -> tuple[Cause, ...]:
    """What makes the difference in cost from `before` to `after`, the largest first.

    Their sums are exactly the differences in multiply-adds and in parameters. Blocks are matched by
    id. Settings of the scaling are changed first, one by one in the order of its fields, so that
    each is told what it adds on top of those before; then blocks and links.

    Parameters
    ----------
    size, head: as in `explorer.cost.cost.cost`.
    most: how many causes stand for themselves; smaller ones are merged by part.

    Raises
    ------
    ArchitectureError, SizeError: where one of the two cannot be counted.

    >>> from explorer.architecture.block import Block, Op
    >>> first = Block(0, Op.BOTTLENECK, 2, resampled=False)
    >>> last = Block(1, Op.BOTTLENECK, 3, (0,), is_output=True)
    >>> bottleneck = Architecture("one", (first, last))
    >>> residual = Architecture("two", (first, replace(last, op=Op.RESIDUAL)))
    >>> [cause.text for cause in explain(bottleneck, residual)]
    ['P3 endpoint now reads 128 channels', 'b1 now residual', 'link b0→b1 of another width']
    """
    start, end = cost(before, size, head), cost(after, size, head)
    causes = []
    for cause, reached in _scaling_steps(start, after, size, head):
        if cause.macs or cause.params:
            causes.append(cause)
        start = reached
    if start.architecture.scaling == after.scaling:
        causes += block_causes(start, end)
    else:
        causes.append(_whole(start, end))
    return largest_first(causes, most)


def _scaling_steps(
    start: Cost, after: Architecture, size: int | Size, head: bool
) -> Iterator[tuple[Cause, Cost]]:
    """One setting after the other; those that cannot be counted alone go with the next."""
    here = start.architecture
    waiting: list[str] = []
    for name, scaling in _settings(here.scaling, after.scaling):
        here = replace(here, scaling=scaling)
        waiting.append(name)
        try:
            reached = cost(here, size, head)
        except ExplorerError:
            continue
        yield _between(", ".join(waiting), start, reached), reached
        start = reached
        waiting.clear()


def _settings(here: Scaling, goal: Scaling) -> Iterator[tuple[str, Scaling]]:
    """`block_repeats 1 → 2` and the scaling with it, for each setting that differs."""
    for field in fields(Scaling):
        old, new = getattr(here, field.name), getattr(goal, field.name)
        if old == new:
            continue
        if isinstance(old, Head):
            for part in fields(Head):
                was, becomes = getattr(old, part.name), getattr(new, part.name)
                if was != becomes:
                    here = replace(here, head=replace(here.head, **{part.name: becomes}))
                    yield f"head {part.name} {was} → {becomes}", here
        else:
            here = replace(here, **{field.name: new})
            values = "by level" if isinstance(old, tuple) else f"{old} → {new}"
            yield f"{field.name} {values}", here


def _between(text: str, start: Cost, end: Cost) -> Cause:
    return Cause(text, end.macs - start.macs, end.params - start.params, (), Of.SCALING)


def _whole(start: Cost, end: Cost) -> Cause:
    """Where the blocks of one cannot take the settings of the other, there is one cause."""
    names = f"{start.architecture.name} → {end.architecture.name}"
    return _between(f"another network: {names}", start, end)
