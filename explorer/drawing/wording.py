"""What a drawing says in words: tooltips and the picture as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block
from explorer.architecture.links import Link, LinkKind, dead_blocks, links, links_into
from explorer.architecture.receptive_field import receptive_fields
from explorer.cost.cost import Cost, cost
from explorer.cost.units import macs_text, params_text
from explorer.drawing.colouring import OP_NAMES

Size = tuple[int, int]
LISTED = 60
"""How many blocks a sentence lists before it sums up."""


def map_text(level: int, size: Size) -> str:
    """Height and width of a level's feature map.

    >>> map_text(4, (640, 1024))
    '40×64'
    """
    stride = 2**level
    return f"{-(-size[0] // stride)}×{-(-size[1] // stride)}"


def block_lines(
    arch: Architecture, block: Block, size: Size, channels: int | None, counted: Cost | None
) -> tuple[str, ...]:
    """What there is to say about a block, a line each; the first is its title."""
    lines = [f"{block.label} · {OP_NAMES[block.op]} · L{block.level}, stride {_stride(block)}"]
    if channels:
        lines.append(f"gives {channels} channels × {map_text(block.level, size)}")
    repeats = block.repeats or arch.scaling.block_repeats
    if repeats > 1:
        lines.append(f"{repeats} copies in sequence")
    into = links_into(arch)[block.id]
    lines.append("reads " + (", ".join(f"b{link.parent}" for link in into) or "the stem"))
    if counted is not None and block.id not in dead_blocks(arch):
        tally = counted.blocks[block.id]
        lines.append(_cost_line("block", tally.macs, tally.params))
        into_cost = _links_in(arch, counted.size).get(block.id, (0, 0))
        if any(into_cost):
            lines.append(_cost_line("links in", *into_cost))
        lines.append(f"receptive field {receptive_fields(arch)[block.id]:,} px")
    if block.in_stem:
        lines.append("belongs to the stem")
    if block in arch.outputs:
        lines.append(f"feeds {arch.scaling.output_name(block.level)}")
    if counted is not None and block.id in dead_blocks(arch):
        lines.append("dead: no output reads it, so it is neither run nor counted")
    return tuple(lines)


@lru_cache(maxsize=64)
def _links_in(arch: Architecture, size: Size) -> Mapping[int, tuple[int, int]]:
    """Multiply-adds and parameters of all links into each block that has any."""
    found: dict[int, tuple[int, int]] = {}
    for link, macs, params in cost(arch, size).links:
        before = found.get(link.child, (0, 0))
        found[link.child] = before[0] + macs, before[1] + params
    return found


def link_lines(
    arch: Architecture, link: Link, levels: tuple[int, int], tally: tuple[int, int] | None
) -> tuple[str, ...]:
    """What there is to say about a link between blocks of two levels, a line each."""
    parent, child = levels
    lines = [f"b{link.parent} → b{link.child} · {_kind_text(link, arch)}"]
    if parent == child:
        lines.append(f"stays on L{child}")
    else:
        way = "down" if child > parent else "up"
        lines.append(f"L{parent} → L{child}, {way} ×{2 ** min(abs(child - parent), 9)}")
    if tally is not None:
        lines.append(_cost_line("link", *tally) if any(tally) else "costs no multiply-adds")
    return tuple(lines)


def _kind_text(link: Link, arch: Architecture) -> str:
    if link.kind is LinkKind.JOINED:
        output = arch.scaling.output_name(arch.block(link.child).level)
        return f"joined: b{link.parent} is otherwise unread, so {output} takes it in"
    return {
        LinkKind.PLAIN: "straight in",
        LinkKind.RESAMPLE: f"input {link.slot + 1}, resampled",
        LinkKind.LATERAL: "lateral, 1×1 convolution",
        LinkKind.TOP_DOWN: "top-down, nearest neighbour",
    }[link.kind]


def _cost_line(what: str, macs: int, params: int) -> str:
    return f"{what}: {macs_text(macs)} multiply-adds, {params_text(params)} parameters"


def _stride(block: Block) -> str:
    return str(2**block.level) if 0 <= block.level < 16 else "?"


def alt_text(arch: Architecture) -> str:
    """The picture in words: order, levels, outputs, and what is out of the ordinary.

    >>> from explorer.architecture.example import small
    >>> alt_text(small())[:76]
    'small: 5 blocks in the order in which they run. Levels: b0 L2, b1 L2, b2 L3,'
    """
    blocks = arch.blocks
    levels = ", ".join(f"{block.label} L{block.level}" for block in blocks[:LISTED])
    more = f" and {len(blocks) - LISTED} more" if len(blocks) > LISTED else ""
    outputs = ", ".join(
        f"{arch.scaling.output_name(block.level)} from {block.label}" for block in arch.outputs
    )
    text = (
        f"{arch.name}: {_count(len(blocks), 'block')} in the order in which they run. "
        f"Levels: {levels}{more}. {_count(len(links(arch)), 'link')}. "
        f"Outputs: {outputs or 'none'}."
    )
    dead = sorted(dead_blocks(arch)) if arch.outputs else []
    if dead:
        verb = "is" if len(dead) == 1 else "are"
        text += f" {', '.join(f'b{i}' for i in dead[:LISTED])} {verb} dead."
    joined = [link for link in links(arch) if link.kind is LinkKind.JOINED]
    if joined:
        text += f" Joined: {', '.join(f'b{j.parent} to b{j.child}' for j in joined[:LISTED])}."
    return text


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
