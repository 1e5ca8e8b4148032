"""Drawings that stand side by side: one width for all, large words, and marks of what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from explorer.architecture.difference import Difference
from explorer.drawing.drawing import Drawing, Mark, Node, Point, Terminal, Wire
from explorer.drawing.geometry import outline
from explorer.drawing.looks import node_look, wire_colour
from explorer.drawing.palette import LIGHT, Theme
from explorer.drawing.svg_figure import label, path_data, polygon, rect, safe

WIDER, HIGHER = 1.3, 1.45
"""A drawing of half a page is small: its blocks fill more of their places, its lanes are higher."""
WORDS, NAMES = 23, 28
"""Sizes of labels, in drawing units."""
LANES_FROM = 46.0
MARGIN = 10.0
"""Room to the right of the outputs, for whoever chooses the width."""
THIN, THICK = 3.0, 7.0
GAP = 9.0
"""At least, between blocks side by side."""
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "+": "new",
        "−": "gone in the next",
        "↕": "another level",
        "↔": "moved in the order",
        "∗": "another type, input or mark",
    }
)
"""What stands at the corner of a block, and what it means."""


class Marks(NamedTuple):
    """What differs: a mark for each block that does, and the (child, slot) of new wires."""

    blocks: Mapping[int, str] = MappingProxyType({})
    wires: frozenset[tuple[int, int]] = frozenset()


def marks(since: Difference | None, until: Difference | None) -> Marks:
    """The marks of a network that stands between two others.

    Parameters
    ----------
    since: what differs from the one before, if there is one: new, moved and changed blocks, wires.
    until: what differs in the one after: blocks that are gone there.

    >>> from explorer.architecture.difference import difference
    >>> from explorer.architecture.edits import set_level
    >>> from explorer.architecture.example import small
    >>> dict(marks(difference(small(), set_level(small(), 2, 5)), None).blocks)
    {2: '↕'}
    """
    found: dict[int, str] = {}

    def add(block_id: int, mark: str) -> None:
        found[block_id] = found.get(block_id, "") + mark

    for block in since.blocks_added if since else ():
        add(block.id, "+")
    for change in since.blocks_changed if since else ():
        if "level" in change.fields:
            add(change.after.id, "↕")
        if set(change.fields) - {"level"}:
            add(change.after.id, "∗")
    for block_id in since.moved if since else ():
        add(block_id, "↔")
    for block in until.blocks_removed if until else ():
        add(block.id, "−")
    new = (*since.links_added, *(change.after for change in since.links_changed)) if since else ()
    return Marks(found, frozenset((link.child, link.slot) for link in new))


def beside(
    drawing: Drawing, width: float, found: Marks, theme: Theme = LIGHT, higher: float = HIGHER
) -> str:
    """The drawing as one SVG element that fills the width it is given.

    `width` is in drawing units: the same for all that stand side by side, so that they have one
    scale. Lanes are `higher` times as high as usual.

    >>> from explorer.architecture.example import small
    >>> from explorer.drawing.layout import layout
    >>> text = beside(layout(small()), 800, Marks({2: "↕"}, frozenset()))
    >>> text.count('class="block"'), text.count("↕")
    (5, 1)
    """
    shown = stretched(drawing, higher)
    wider = {
        one.id: (one.width - was.width) / 2
        for one, was in zip(shown.nodes, drawing.nodes, strict=True)
    }
    legend = [item for item in drawing.legend if item.mark is Mark.FILL]
    high = shown.height + (NAMES + 16 if legend else 0)
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {high:g}" '
            f'style="display:block;width:100%;height:auto" role="img" '
            f'aria-label="{safe(drawing.alt)}">',
            *_ground(shown, width, theme),
            *(_wire(one, found, wider.get(one.child or 0, 0.0), theme) for one in shown.wires),
            _image(shown.image, theme),
            *(_block(node, found.blocks.get(node.id, ""), theme) for node in shown.nodes),
            *(_output(end, theme) for end in shown.outputs),
            *_legend(shown, theme),
            "</svg>",
        )
    )


def stretched(drawing: Drawing, higher: float = HIGHER) -> Drawing:
    """The same drawing with wider blocks and higher lanes.

    >>> from explorer.architecture.example import small
    >>> from explorer.drawing.layout import layout
    >>> stretched(layout(small())).height > layout(small()).height
    True
    """

    def node(one: Node) -> Node:
        x, y, height = one.x, one.y * higher, one.height * higher
        width = min(one.width * WIDER, drawing.pitch - GAP)
        corners = outline(one.outline, x, y, width, height)
        return replace(one, y=y, width=width, height=height, corners=corners)

    def end(one: Terminal) -> Terminal:
        return replace(one, y=one.y * higher, height=one.height * higher)

    return replace(
        drawing,
        height=drawing.height * higher,
        lanes=tuple(
            replace(lane, top=lane.top * higher, bottom=lane.bottom * higher)
            for lane in drawing.lanes
        ),
        phases=tuple(replace(phase, y=phase.y * higher) for phase in drawing.phases),
        image=end(drawing.image),
        nodes=tuple(map(node, drawing.nodes)),
        outputs=tuple(map(end, drawing.outputs)),
        wires=tuple(
            replace(wire, points=tuple(Point(p.x, p.y * higher) for p in wire.points))
            for wire in drawing.wires
        ),
    )


def _ground(drawing: Drawing, width: float, theme: Theme) -> Iterator[str]:
    for lane in drawing.lanes:
        high = lane.bottom - lane.top
        if lane.shaded:
            yield rect(LANES_FROM, lane.top, width - LANES_FROM, high, theme.band)
        yield rect(LANES_FROM, lane.top, 7, high, lane.colour)
        yield label(LANES_FROM - 8, lane.middle + 9, lane.label, theme.ink, NAMES, "end", bold=True)
    for phase in drawing.phases:
        yield (
            f'<path d="M{phase.left:g} {phase.y + 7:g}v-7H{phase.right:g}v7" fill="none" '
            f'stroke="{theme.rule}" stroke-width="2"/>'
        )
        # Two blocks of a stem leave no room for the word; it then begins where the bracket does.
        yield label(phase.left, phase.y - 8, phase.label, theme.muted, WORDS, "start")


def _wire(wire: Wire, found: Marks, back: float, theme: Theme) -> str:
    """A wire; its tip stands `back` before its end, where its child has grown wider."""
    colour, path = wire_colour(wire, theme), path_data(wire.points)
    new = wire.child is not None and (wire.child, wire.slot) in found.wires
    thick = THICK if new else THIN
    dash = ' stroke-dasharray="11 7"' if wire.dashed else ""
    end = wire.points[-1]
    tip = (
        f'<path d="M{end.x - back - 1:.1f} {end.y:.1f}l-12 -7v14z" fill="{colour}"/>'
        if wire.child is not None
        else ""
    )
    title = safe("\n".join((*wire.tooltip, *(("rewired",) if new else ()))))
    return (
        f"<g><title>{title}</title>"
        f'<path d="{path}" fill="none" stroke="{theme.background}" stroke-width="{thick + 4:g}"/>'
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{thick:g}"{dash}/>{tip}</g>'
    )


def _image(image: Terminal, theme: Theme) -> str:
    left, top = image.x - image.width / 2, image.y - image.height / 2
    return (
        f'<g><title>{safe(chr(10).join(image.tooltip))}</title><rect x="{left:g}" y="{top:g}" '
        f'width="{image.width:g}" height="{image.height:g}" fill="{theme.background}" '
        f'stroke="{theme.wire}" stroke-width="2.5"/><text fill="{theme.muted}" '
        f'text-anchor="middle" style="font-size:16px" '
        f'transform="translate({image.x + 5:g} {image.y:g}) rotate(-90)">{image.label}</text></g>'
    )


def _block(node: Node, mark: str, theme: Theme) -> str:
    look = node_look(node, theme)
    border = 4.5 if node.badge else look.width
    told = (*node.tooltip, *(MEANINGS[one] for one in mark))
    wide = 15.0 * len(mark) + 11.0
    right, top = node.x + node.width / 2 + 7, node.y - node.height / 2 - 20
    pill = (
        f'<rect x="{right - wide:g}" y="{top:g}" width="{wide:g}" height="26" rx="13" '
        f'fill="{theme.ink}" stroke="{theme.background}" stroke-width="2"/>'
        + label(right - wide / 2, top + 20, mark, theme.background, WORDS - 2, bold=True)
        if mark
        else ""
    )
    colour = theme.muted if node.dead else node.text
    return (
        f'<g class="block"><title>{safe(chr(10).join(told))}</title>'
        f"{polygon(node.corners, look.fill, look.border, border)}"
        f"{label(node.x, node.y + 8, node.label, colour, WORDS)}{pill}</g>"
    )


def _output(end: Terminal, theme: Theme) -> str:
    return (
        f"<g><title>{safe(chr(10).join(end.tooltip))}</title>"
        f'<circle cx="{end.x:g}" cy="{end.y:g}" r="23" fill="{end.fill}" stroke="{theme.ink}" '
        f'stroke-width="4"/>{label(end.x, end.y + 8, end.label, end.text, WORDS, bold=True)}</g>'
    )


def _legend(drawing: Drawing, theme: Theme) -> Iterator[str]:
    """What colours mean, where they do not tell the level."""
    x, y = LANES_FROM + 12, drawing.height + NAMES
    for item in drawing.legend:
        if item.mark is Mark.FILL:
            yield rect(x, y - 18, 20, 20, item.colour or theme.muted)
            yield label(x + 30, y, item.label, theme.muted, WORDS, "start")
            x += 60 + 0.52 * WORDS * len(item.label)
