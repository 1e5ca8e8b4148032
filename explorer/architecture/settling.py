"""What follows every edit: misfitting plain blocks start to resample, and nothing new is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from explorer.architecture.architecture import Architecture, blocks_by_id
from explorer.architecture.block import Block
from explorer.architecture.errors import EditError, Problem
from explorer.architecture.rules import ids_text, plain_step_fits, problems, stage


def settle(before: Architecture, blocks: tuple[Block, ...], doing: str) -> Architecture:
    """`before` with these blocks instead, as an edit may leave it; `before` itself if they agree.

    The rule for plain blocks: one that takes its input as it is (ResNet), and whose input no longer
    fits because of the edit (a level gap other than 0 or 1, or several parents), resamples its
    parents from then on. So the blocks of a ResNet can be permuted too.

    Raises
    ------
    EditError: where the result has a problem that `before` does not have. An architecture that has
        problems already may be edited as long as none is added. `doing` begins the text.

    >>> from explorer.architecture.block import Op
    >>> chain = (Block(0, Op.RESIDUAL, 2, (), resampled=False),
    ...          Block(1, Op.RESIDUAL, 3, (0,), True, resampled=False))
    >>> lifted = replace(chain[1], level=6)
    >>> settle(Architecture("two", chain), (chain[0], lifted), "b1 to L6").blocks[1].resampled
    True
    """
    if blocks == before.blocks:
        return before
    after = replace(before, blocks=_resampling_where_needed(before, blocks))
    added = _first_new_problem(before, after)
    if added is not None:
        raise EditError(f"{doing}: {added}")
    return after


def _resampling_where_needed(before: Architecture, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    if all(block.resampled or block.in_stem or block.op.is_pyramid for block in blocks):
        return blocks
    level_of_stem = before.scaling.stem_level
    old = blocks_by_id(before)
    new = {block.id: block for block in blocks}
    settled = []
    for block in blocks:
        plain = not (block.resampled or block.in_stem or block.op.is_pyramid)
        if plain and block.parents and not plain_step_fits(block, new, level_of_stem):
            was = old.get(block.id)
            if was != block or plain_step_fits(was, old, level_of_stem):
                block = replace(block, resampled=True)
        settled.append(block)
    return tuple(settled)


def _first_new_problem(before: Architecture, after: Architecture) -> Problem | None:
    """A problem counts as the same where its code and its place are.

    Rules come in stages, and a later stage is not asked while an earlier one fails: reaching a
    later stage is progress, whatever comes to light there.
    """
    found = problems(after)
    if not found:
        return None
    known = problems(before)
    if known and stage(found[0]) > stage(known[0]):
        return None
    if known and stage(found[0]) == stage(known[0]):
        left = Counter((problem.code, problem.place) for problem in known)
        for problem in found:
            left[problem.code, problem.place] -= 1
            if left[problem.code, problem.place] < 0:
                return problem
        return None
    return found[0]


def with_block(arch: Architecture, changed: Block, doing: str) -> Architecture:
    """`arch` with this block instead of the one of its id, settled.

    >>> from explorer.architecture.example import small
    >>> with_block(small(), replace(small().block(3), level=5), "b3 to L5").block(3).level
    5
    """
    blocks = tuple(changed if block.id == changed.id else block for block in arch.blocks)
    return settle(arch, blocks, doing)


def editable(arch: Architecture, block_id: int, doing: str) -> Block:
    """The block of this id. Raises EditError where there is none, and where it is of the stem.

    >>> from explorer.architecture.example import small
    >>> editable(small(), 3, "Remove b3").label
    'b3'
    """
    known = blocks_by_id(arch)
    if len(known) < len(arch.blocks):
        raise refusal(
            doing,
            "The architecture",
            "blocks of the same id",
            "one block per id",
            "Give each block an id of its own first.",
        )
    block = known.get(block_id)
    if block is None or block.in_stem:
        free = ids_text(b for b in arch.blocks if not b.in_stem)
        raise refusal(
            doing,
            f"Block {block_id}",
            "no block of this id"
            if block is None
            else "a block that belongs to the stem, which stays as it is",
            f"one of {free}" if free else "a block after the stem, and there is none",
            "Choose one of these blocks." if free else "Add a block.",
        )
    return block


def check_position(arch: Architecture, position: int, last: int, doing: str) -> None:
    """None where a block may stand at this position. Raises EditError for the stem's, and outside.

    >>> from explorer.architecture.example import small
    >>> check_position(small(), 2, 4, "Move b4")
    """
    first = sum(block.in_stem for block in arch.blocks)
    if not first <= position <= last:
        of_stem = 0 <= position < first
        raise refusal(
            doing,
            "The order",
            f"position {position}" + (", which belongs to the stem" if of_stem else ""),
            f"{first} to {last}",
            "Choose a position in this range.",
        )


def refusal(doing: str, place: str, found: str, expected: str, mend: str) -> EditError:
    """An error that begins with the edit it is about, and says how to mend it.

    >>> str(refusal("Remove b9", "Block 9", "no block of this id", "2 to 4", "Choose one."))
    'Remove b9: Block 9: found no block of this id, expected 2 to 4. Choose one.'
    """
    return EditError(f"{doing}: {Problem('edit', place, found, expected, mend)}")
