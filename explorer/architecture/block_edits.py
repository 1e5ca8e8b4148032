"""Edits of one block: its level, its op, its marks, whether it is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.settling import check_position, editable, refusal, settle, with_block


def set_level(arch: Architecture, block: int, level: int) -> Architecture:
    """`arch` with the block on another pyramid level.

    Raises EditError where the level is out of range, taken by another output, or nothing an FPN
    part could work on.

    >>> from explorer.architecture.example import small
    >>> set_level(small(), 3, 5).block(3).level
    5
    """
    doing = f"Put b{block} on L{level}"
    changed = editable(arch, block, doing)
    fine, coarse = arch.scaling.levels[0], arch.scaling.levels[-1]
    if not fine <= level <= coarse:
        raise refusal(
            doing,
            f"Block {block}",
            f"level {level}",
            f"{fine} to {coarse}",
            "Choose a level in this range.",
        )
    return with_block(arch, replace(changed, level=level), doing)


def set_op(arch: Architecture, block: int, op: Op) -> Architecture:
    """`arch` with the block computing something else.

    Raises EditError where an FPN part cannot work on the block's parents.

    >>> from explorer.architecture.example import small
    >>> str(set_op(small(), 3, Op.RESIDUAL).block(3).op)
    'residual'
    """
    doing = f"Make b{block} a {op} block"
    changed = editable(arch, block, doing)
    resampled = changed.resampled and not op.is_pyramid
    return with_block(arch, replace(changed, op=op, resampled=resampled), doing)


def set_output(arch: Architecture, block: int, is_output: bool) -> Architecture:
    """`arch` with the block marked, or no longer marked, as the output of its level.

    Raises EditError where the level has another output, or where no output would be left.

    >>> from explorer.architecture.example import small
    >>> [b.id for b in set_output(small(), 3, False).outputs]
    [4]
    """
    doing = f"Make b{block} an output" if is_output else f"Take the output mark off b{block}"
    return with_block(arch, replace(editable(arch, block, doing), is_output=is_output), doing)


def set_repeats(arch: Architecture, block: int, repeats: int | None) -> Architecture:
    """`arch` with the block repeated so many times; None takes the scaling's `block_repeats`.

    >>> from explorer.architecture.example import small
    >>> set_repeats(small(), 3, 2).block(3).repeats
    2
    """
    doing = f"Repeat b{block} {'as the scaling says' if repeats is None else f'{repeats} times'}"
    return with_block(arch, replace(editable(arch, block, doing), repeats=repeats), doing)


def add(
    arch: Architecture, op: Op, level: int, parents: Iterable[int], position: int | None = None
) -> Architecture:
    """`arch` with a new block, at the end of the order or at a position.

    Its id is the greatest so far plus one. It is no output, and resamples its parents unless it is
    a part of an FPN. Nothing reads it yet.

    >>> from explorer.architecture.example import small
    >>> add(small(), Op.RESIDUAL, 5, (2, 3)).blocks[-1].id
    5
    """
    doing = f"Add a {op} block on L{level}"
    here = len(arch.blocks) if position is None else position
    check_position(arch, here, len(arch.blocks), doing)
    new_id = max((block.id for block in arch.blocks), default=-1) + 1
    new = Block(new_id, op, level, tuple(parents), resampled=not op.is_pyramid)
    return settle(arch, (*arch.blocks[:here], new, *arch.blocks[here:]), doing)


def remove(arch: Architecture, block: int) -> Architecture:
    """`arch` without the block.

    The rule for its readers: each slot that read it now reads its first parent that the reader does
    not read already; where there is none, the slot goes.

    >>> from explorer.architecture.example import small
    >>> remove(small(), 2).block(4).parents
    (0, 3)
    """
    doing = f"Remove b{block}"
    gone = editable(arch, block, doing)
    blocks = tuple(
        _bypassing(other, gone) if block in other.parents else other
        for other in arch.blocks
        if other.id != block
    )
    return settle(arch, blocks, doing)


def _bypassing(reader: Block, gone: Block) -> Block:
    parents: list[int] = []
    for slot, parent in enumerate(reader.parents):
        if parent != gone.id:
            parents.append(parent)
            continue
        taken = {*parents, *reader.parents[slot:]}
        parents += [heir for heir in gone.parents if heir not in taken][:1]
    return replace(reader, parents=tuple(parents))
