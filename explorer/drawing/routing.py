"""Ways for wires: level runs on tracks that are free of blocks, joined by S-shaped bends.

As on a metro map: a wire leaves the right side of a stop, bends onto a track, runs along it, and
bends into the left side of another stop. Tracks fill the lanes and the gutters between them; a run
never crosses a stop, and keeps off runs of other wires where there is room. Short wires whose
straight S is free take that. The shortest wires choose first.
"""

from __future__ import annotations

from collections.abc import Sequence

from explorer.drawing.bends import backwards, bend_places, drawn
from explorer.drawing.drawing import Outline, Point
from explorer.drawing.ports import Way, level_with, ports_of, straightened
from explorer.drawing.traffic import Floor, Stop, Traffic

__all__ = ["Floor", "Outline", "Stop", "route"]


def route(
    stops: Sequence[Stop], wires: Sequence[tuple[int, int]], floor: Floor
) -> list[tuple[Point, ...]]:
    """A chain of curves for each wire, given as (index of source, index of target).

    >>> stops = [Stop(i, 50.0 * i, 50.0, 30, 30, Outline.BOX) for i in range(3)]
    >>> ways = route(stops, [(0, 1), (0, 2)], Floor(tuple(range(0, 100, 5)), 50.0))
    >>> min(p.y for p in ways[1]) < 31 or max(p.y for p in ways[1]) > 69
    True
    """
    traffic = Traffic(stops, floor)
    ways: list[Way] = []
    last = max((stop.column for stop in stops), default=0)

    def turn(wire: int) -> tuple[bool, int, int]:
        source, target = stops[wires[wire][0]], stops[wires[wire][1]]
        return target.column != last, target.column - source.column, wire

    order = sorted(range(len(wires)), key=turn)
    for wire in order:
        source, target = stops[wires[wire][0]], stops[wires[wire][1]]
        run = traffic.take(source, target) if target.column > source.column else None
        ways.append(Way(wire, source, target, run))
    leave = ports_of([(way, way.source) for way in ways], leaving=True)
    ways = [level_with(way, way.source, leave) for way in ways]
    arrive = ports_of([(way, way.target) for way in ways], leaving=False)
    ways = [level_with(way, way.target, arrive, unless=way.source) for way in ways]
    ways = [straightened(way, leave, arrive) for way in ways]
    found: list[tuple[Point, ...]] = [()] * len(wires)
    bends = bend_places(ways, leave, arrive, traffic)
    for way in ways:
        start, end = leave[way.wire], arrive[way.wire]
        if way.target.column <= way.source.column:
            found[way.wire] = backwards(start, end, floor)
        else:
            found[way.wire] = drawn(way, start, end, bends, traffic)
    return found
