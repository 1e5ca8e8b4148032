"""The wires of a drawing: between blocks, from the image, to the outputs."""

from __future__ import annotations

from typing import NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block
from explorer.architecture.links import Link, LinkKind, links
from explorer.cost.cost import Cost
from explorer.drawing.colouring import Changes, Paint
from explorer.drawing.drawing import Lane, Node, Outline, Point, Terminal, Wire, WireKind
from explorer.drawing.routing import Floor, Stop, route
from explorer.drawing.wording import link_lines

PITCH = 56.0
"""From one place in the order to the next."""
TRACK = 5.0
"""From one track to the next."""


class Places(NamedTuple):
    """What stands in a drawing before wires run."""

    lanes: tuple[Lane, ...]
    image: Terminal
    nodes: tuple[Node, ...]
    outputs: tuple[Terminal, ...]


def wires(
    arch: Architecture,
    places: Places,
    colours: Paint,
    counted: Cost | None,
    changes: Changes | None,
) -> tuple[Wire, ...]:
    """Every wire, routed: links first, then those from the image, then those to outputs."""
    by_id = {node.id: node for node in places.nodes}
    first = tuple(block for block in arch.blocks if not block.parents)
    at = {node.id: node.position + 1 for node in places.nodes}
    last = len(places.nodes) + 1
    ends = [(at[link.parent], at[link.child]) for link in links(arch)]
    ends += [(0, at[block.id]) for block in first]
    ends += [
        (at[end.block], last + place)
        for place, end in enumerate(places.outputs)
        if end.block is not None
    ]
    ways = iter(route(_stops(places), ends, Floor(_tracks(places.lanes), PITCH)))
    tallies = {}
    if counted is not None:
        tallies = {(one.link.child, one.link.slot): (one.macs, one.params) for one in counted.links}
    found = [
        _link_wire(arch, link, next(ways), by_id, colours, tallies, changes) for link in links(arch)
    ]
    found += [_stem_wire(block, next(ways), by_id[block.id], places.image) for block in first]
    found += [_output_wire(end, next(ways)) for end in places.outputs if end.block is not None]
    return tuple(found)


def _stops(places: Places) -> list[Stop]:
    image = places.image
    stops = [Stop(0, image.x, image.y, image.width, image.height, Outline.BOX)]
    stops += [
        Stop(node.position + 1, node.x, node.y, node.width, node.height, node.outline)
        for node in places.nodes
    ]
    last = len(stops)
    ends = places.outputs
    return stops + [Stop(last, e.x, e.y, e.width, e.height, Outline.BOX) for e in ends]


def _tracks(lanes: tuple[Lane, ...]) -> tuple[float, ...]:
    """Heights on which wires may run: the middle of each lane, and on from there."""
    found: list[float] = []
    for lane in lanes:
        steps = int((lane.bottom - lane.top) / 2 / TRACK)
        found += [lane.middle + step * TRACK for step in range(-steps, steps + 1)]
    return tuple(found)


def _link_wire(
    arch: Architecture,
    link: Link,
    points: tuple[Point, ...],
    by_id: dict[int, Node],
    colours: Paint,
    tallies: dict[tuple[int, int], tuple[int, int]],
    changes: Changes | None,
) -> Wire:
    parent, child = by_id[link.parent], by_id[link.child]
    spot = (link.child, link.slot)
    return Wire(
        parent=link.parent,
        child=link.child,
        slot=link.slot,
        kind=WireKind(link.kind.value),
        points=points,
        colour=colours.wires.get(spot),
        dashed=link.kind is LinkKind.JOINED,
        dead=child.dead or parent.dead,
        changed=changes is not None and spot in changes.links,
        problem=child.position <= parent.position,
        tooltip=link_lines(arch, link, (parent.level, child.level), tallies.get(spot)),
    )


def _stem_wire(block: Block, points: tuple[Point, ...], node: Node, image: Terminal) -> Wire:
    return Wire(
        parent=None,
        child=block.id,
        slot=0,
        kind=WireKind.STEM,
        points=points,
        colour=None,
        dashed=False,
        dead=node.dead,
        changed=False,
        problem=False,
        tooltip=(f"image → {block.label}", *image.tooltip[1:]),
    )


def _output_wire(end: Terminal, points: tuple[Point, ...]) -> Wire:
    return Wire(
        parent=end.block,
        child=None,
        slot=end.level,
        kind=WireKind.OUTPUT,
        points=points,
        colour=end.fill,
        dashed=False,
        dead=False,
        changed=False,
        problem=False,
        tooltip=end.tooltip,
    )
