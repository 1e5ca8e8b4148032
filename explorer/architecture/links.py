"""The links of an architecture, declared and derived, and which blocks are dead."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

from explorer.architecture.architecture import Architecture, blocks_by_id
from explorer.architecture.block import PYRAMID_OPS, Block, Op


class LinkKind(StrEnum):
    """How a link carries features from parent to child."""

    PLAIN = "plain"
    """Unchanged, straight into the block (ResNet, and FPN's 3x3)."""
    RESAMPLE = "resample"
    """Rescaled and projected, then summed with the other parents (SpineNet)."""
    LATERAL = "lateral"
    """A 1x1 convolution into the pyramid (FPN)."""
    TOP_DOWN = "top-down"
    """Nearest-neighbour upsampling inside the pyramid (FPN)."""
    JOINED = "joined"
    """Derived: an unread block added as it is to the output block of its level."""


class Link(NamedTuple):
    """One wire. `slot` is its place among the child's parents; joined ones come after those."""

    parent: int
    child: int
    slot: int
    kind: LinkKind


@lru_cache(maxsize=512)
def links(arch: Architecture) -> tuple[Link, ...]:
    """Every link between blocks, by child in execution order, then by slot.

    Parents that do not exist are left out: an architecture with problems can still be drawn.

    >>> from explorer.architecture.example import small
    >>> [(link.parent, link.child, str(link.kind)) for link in links(small())][:2]
    [(0, 1, 'plain'), (0, 2, 'resample')]
    """
    return tuple(chain.from_iterable(links_into(arch).values()))


@lru_cache(maxsize=512)
def links_into(arch: Architecture) -> Mapping[int, tuple[Link, ...]]:
    """The links into every block, by slot; blocks that read the stem have none.

    >>> from explorer.architecture.example import small
    >>> [link.parent for link in links_into(small())[4]]
    [2, 3]
    """
    known = blocks_by_id(arch)
    joined = _joined(arch)
    found: dict[int, tuple[Link, ...]] = {}
    for block in arch.blocks:
        child, parents = block.id, block.parents
        first, others = _kinds(block)
        into = [
            Link(parent, child, slot, others if slot else first)
            for slot, parent in enumerate(parents)
            if parent in known
        ]
        if child in joined:
            into += (
                Link(parent, child, slot, LinkKind.JOINED)
                for slot, parent in enumerate(joined[child], len(parents))
            )
        found[child] = (*found.get(child, ()), *into)
    return MappingProxyType(found)


@lru_cache(maxsize=512)
def dead_blocks(arch: Architecture) -> frozenset[int]:
    """Ids of the blocks from which no endpoint can be reached: neither run nor counted.

    >>> from explorer.architecture.example import small
    >>> from explorer.architecture.edits import add
    >>> dead_blocks(add(small(), Op.RESIDUAL, 6, (4,)))
    frozenset({5})
    """
    into = links_into(arch)
    alive: set[int] = set()
    waiting = [block.id for block in arch.outputs]
    while waiting:
        block_id = waiting.pop()
        if block_id not in alive:
            alive.add(block_id)
            waiting += [link.parent for link in into[block_id]]
    return frozenset(block.id for block in arch.blocks if block.id not in alive)


def _kinds(block: Block) -> tuple[LinkKind, LinkKind]:
    """The kind of a block's first declared link, and that of its others."""
    if block.op is Op.LATERAL:
        return LinkKind.LATERAL, LinkKind.TOP_DOWN
    resampled = block.resampled and block.op not in PYRAMID_OPS
    kind = LinkKind.RESAMPLE if resampled else LinkKind.PLAIN
    return kind, kind


def _joined(arch: Architecture) -> dict[int, tuple[int, ...]]:
    """The official rule for unread blocks: which earlier blocks join each output block.

    When an output block is built, after its own parents are counted, every earlier block that has
    no reader so far, and whose level and channels equal the output block's input, is added to the
    sum, and then counts as read. The official code (`build_scale_permuted_network` in TF1's and
    TF2's spinenet.py) compares the maps' widths; levels say the same wherever every level has a
    width of its own.
    """
    width = arch.scaling.out_channels
    unread: dict[int, Block] = {}
    read: set[int] = set()
    joined: dict[int, tuple[int, ...]] = {}
    for block in arch.blocks:
        for parent in block.parents:
            read.add(parent)
            unread.pop(parent, None)
        has_width = 0 <= block.level < len(arch.scaling.filters)  # else a rule speaks of it
        if block.is_output and block.resampled and has_width and block.op not in PYRAMID_OPS:
            level, channels = block.level, width(block.op, block.level, block.width)
            joining = tuple(
                earlier.id
                for earlier in unread.values()
                if earlier.level == level and width(earlier.op, level, earlier.width) == channels
            )
            for parent in joining:
                read.add(parent)
                del unread[parent]
            if joining:
                joined[block.id] = joining
        if block.id not in read:
            unread[block.id] = block
    return joined
