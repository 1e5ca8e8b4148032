"""The links of an architecture, declared and derived, and which blocks are dead."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
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
    """
    known = blocks_by_id(arch)
    joined = _joined(arch)
    found: list[Link] = []
    for block in arch.blocks:
        first, others = _kinds(block)
        for slot, parent in enumerate(block.parents):
            if parent in known:
                found.append(Link(parent, block.id, slot, others if slot else first))
        for slot, parent in enumerate(joined.get(block.id, ()), len(block.parents)):
            found.append(Link(parent, block.id, slot, LinkKind.JOINED))
    return tuple(found)


@lru_cache(maxsize=512)
def links_into(arch: Architecture) -> Mapping[int, tuple[Link, ...]]:
    """The links into every block, by slot; blocks that read the stem have none."""
    found: dict[int, tuple[Link, ...]] = dict.fromkeys((block.id for block in arch.blocks), ())
    for child, into in groupby(links(arch), key=attrgetter("child")):
        found[child] = (*found[child], *into)
    return MappingProxyType(found)


@lru_cache(maxsize=512)
def dead_blocks(arch: Architecture) -> frozenset[int]:
    """Ids of the blocks from which no endpoint can be reached: neither run nor counted."""
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
    read: set[int] = set()
    joined: dict[int, tuple[int, ...]] = {}
    for place, block in enumerate(arch.blocks):
        read.update(block.parents)
        if not (block.is_output and block.resampled) or block.op in PYRAMID_OPS:
            continue
        unread = tuple(
            earlier.id
            for earlier in arch.blocks[:place]
            if earlier.id not in read
            and earlier.level == block.level
            and width(earlier.op, earlier.level) == width(block.op, block.level)
        )
        read.update(unread)
        if unread:
            joined[block.id] = unread
    return joined
