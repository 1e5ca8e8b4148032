"""Why one architecture costs more than another: causes that add up to the difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError
from explorer.architecture.layers import Size
from explorer.architecture.scaling import Scaling
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
    here, goal = start.architecture, after.scaling
    waiting: list[str] = []
    for field in fields(Scaling):
        old, new = getattr(here.scaling, field.name), getattr(goal, field.name)
        if old == new:
            continue
        here = replace(here, scaling=replace(here.scaling, **{field.name: new}))
        waiting.append(_setting(field.name, old, new))
        try:
            reached = cost(here, size, head)
        except ExplorerError:
            continue
        yield _between(", ".join(waiting), start, reached), reached
        start = reached
        waiting.clear()


def _setting(name: str, old: object, new: object) -> str:
    """`block_repeats 1 → 2`; a setting with parts tells the parts that differ."""
    if isinstance(old, str | int | float):
        return f"{name} {old} → {new}"
    if isinstance(old, tuple):
        return "widths by level"
    parts = (
        f"{field.name} {getattr(old, field.name)} → {getattr(new, field.name)}"
        for field in fields(old)  # type: ignore[arg-type]  # the head is a dataclass
        if getattr(old, field.name) != getattr(new, field.name)
    )
    return f"{name}: {', '.join(parts)}"


def _between(text: str, start: Cost, end: Cost) -> Cause:
    return Cause(text, end.macs - start.macs, end.params - start.params, (), Of.SCALING)


def _whole(start: Cost, end: Cost) -> Cause:
    """Where the blocks of one cannot take the settings of the other, there is one cause."""
    names = f"{start.architecture.name} → {end.architecture.name}"
    return _between(f"another network: {names}", start, end)
