"""What differs between two architectures, block by block and link by link."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from explorer.architecture.architecture import Architecture, positions
from explorer.architecture.block import Block
from explorer.architecture.links import Link, links
from explorer.architecture.scaling import Head, Scaling


@dataclass(frozen=True, slots=True)
class BlockChange:
    """A block that both have, with the names of the fields that differ (without its parents)."""

    before: Block
    after: Block
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A link in the same slot of the same block that now comes from elsewhere or in another way."""

    before: Link
    after: Link


@dataclass(frozen=True, slots=True)
class Difference:
    """From one architecture to another. Empty where both run alike, whatever their names."""

    blocks_added: tuple[Block, ...]
    blocks_removed: tuple[Block, ...]
    blocks_changed: tuple[BlockChange, ...]
    links_added: tuple[Link, ...]
    links_removed: tuple[Link, ...]
    links_changed: tuple[LinkChange, ...]
    moved: tuple[int, ...]
    """Ids of the fewest blocks that must move for the common ones to stand in the new order."""
    scaling_changed: tuple[str, ...]
    """Names of the scaling's fields that differ; `head.num_convs` is one of its head."""

    @property
    def distance(self) -> int:
        """How many single things differ: 0 for equal architectures.

        Each block added, removed or moved, each changed field of a block, each link added, removed
        or changed, and each changed field of the scaling counts one. A block that is added or
        removed also counts what it is: its level, its op, and each mark that most blocks do not
        have. With that it is a metric: symmetric, 0 only where both run alike, and no way over a
        third architecture is shorter.
        """
        changed = sum(len(change.fields) for change in self.blocks_changed)
        changed += sum(map(_own_fields, (*self.blocks_added, *self.blocks_removed)))
        rest = (
            self.blocks_added,
            self.blocks_removed,
            self.links_added,
            self.links_removed,
            self.links_changed,
            self.moved,
            self.scaling_changed,
        )
        return changed + sum(len(part) for part in rest)


def difference(before: Architecture, after: Architecture) -> Difference:
    """What changes from `before` to `after`; blocks are matched by id.

    >>> from explorer.architecture.block import Op
    >>> one = Architecture("one", (Block(0, Op.BOTTLENECK, 2, resampled=False),))
    >>> two = Architecture("two", (Block(0, Op.RESIDUAL, 2, resampled=False),))
    >>> difference(one, two).blocks_changed[0].fields
    ('op',)
    >>> difference(one, two).distance
    1
    """
    old = {block.id: block for block in before.blocks}
    new = {block.id: block for block in after.blocks}
    changed = tuple(
        BlockChange(block, new[block.id], names)
        for block in before.blocks
        if block.id in new and (names := _changed_fields(block, new[block.id]))
    )
    old_links = {(link.child, link.slot): link for link in links(before)}
    new_links = {(link.child, link.slot): link for link in links(after)}
    return Difference(
        blocks_added=tuple(b for b in after.blocks if b.id not in old),
        blocks_removed=tuple(b for b in before.blocks if b.id not in new),
        blocks_changed=changed,
        links_added=tuple(link for key, link in new_links.items() if key not in old_links),
        links_removed=tuple(link for key, link in old_links.items() if key not in new_links),
        links_changed=tuple(
            LinkChange(link, new_links[key])
            for key, link in old_links.items()
            if key in new_links and new_links[key] != link
        ),
        moved=_moved(before, after),
        scaling_changed=(
            *_other_fields("", before.scaling, after.scaling),
            *_other_fields("head.", before.scaling.head, after.scaling.head),
        ),
    )


def _other_fields(prefix: str, one: Scaling | Head, other: Scaling | Head) -> tuple[str, ...]:
    names = (field.name for field in fields(one) if field.name != "head")
    return tuple(f"{prefix}{n}" for n in names if getattr(one, n) != getattr(other, n))


_USUAL = {"is_output": False, "resampled": True, "in_stem": False}
"""Fields of a block that say nothing where they have this value; the others where they are None."""


def _own_fields(block: Block) -> int:
    """How many fields tell something of a block that the other side does not have."""
    names = (field.name for field in fields(Block) if field.name not in ("id", "parents"))
    return sum(getattr(block, name) != _USUAL.get(name) for name in names)


def _changed_fields(before: Block, after: Block) -> tuple[str, ...]:
    names = (field.name for field in fields(Block) if field.name != "parents")
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def _moved(before: Architecture, after: Architecture) -> tuple[int, ...]:
    """Common blocks outside a longest run that keeps its order."""
    place = positions(after)
    common = [block.id for block in before.blocks if block.id in place]
    kept = longest_kept(common, place)
    return tuple(block_id for block_id in common if block_id not in kept)


def longest_kept(ids: Sequence[int], place: Mapping[int, int]) -> set[int]:
    """A longest run of ids whose places grow (patience sorting).

    >>> sorted(longest_kept([5, 6, 7], {5: 2, 6: 0, 7: 1}))
    [6, 7]
    """
    tails: list[int] = []
    ends: list[int] = []
    previous: dict[int, int | None] = {}
    for block_id in ids:
        at = bisect_left(tails, place[block_id])
        previous[block_id] = ends[at - 1] if at else None
        tails[at : at + 1] = [place[block_id]]
        ends[at : at + 1] = [block_id]
    kept: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        kept.add(last)
        last = previous[last]
    return kept
