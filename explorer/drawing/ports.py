"""Where wires touch the sides of stops: in the order in which they come and go, kept apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from explorer.drawing.drawing import Point
from explorer.drawing.geometry import side
from explorer.drawing.traffic import Stop

PORT_SPACING = 7.5
STEP = 4.5
"""Steps smaller than this are straightened out."""


class Way(NamedTuple):
    """How a wire goes. `run`: the height of the level part; None for one S from stop to stop."""

    wire: int
    source: Stop
    target: Stop
    run: float | None


def ports_of(ends: Sequence[tuple[Way, Stop]], leaving: bool) -> dict[int, Point]:
    """Where each wire touches a stop: in the order in which the wires come or go, kept apart."""
    by_stop: dict[tuple[int, float], list[tuple[float, float, int, Stop]]] = defaultdict(list)
    for way, stop in ends:
        other = way.target if leaving else way.source
        toward = other.y if way.run is None else way.run
        wanted = toward if abs(toward - stop.y) <= stop.face else stop.y
        if wanted != toward:
            wanted += stop.face * (0.62 if toward > stop.y else -0.62)
        by_stop[stop.column, stop.y].append((toward, wanted, way.wire, stop))
    found: dict[int, Point] = {}
    for group in by_stop.values():
        group.sort(key=lambda end: end[:3])
        stop = group[0][3]
        heights = spread(
            [wanted for _, wanted, _, _ in group],
            PORT_SPACING,
            stop.y - stop.face,
            stop.y + stop.face,
        )
        for (_, _, wire, _), y in zip(group, heights, strict=True):
            out = side(stop.outline, stop.width, stop.height, y - stop.y)
            found[wire] = Point(stop.x + (out if leaving else -out), y)
    return found


def level_with(way: Way, stop: Stop, ports: dict[int, Point], unless: Stop | None = None) -> Way:
    """The same way, its run at the height of the port that it passes straight into."""
    if way.run is None or abs(way.run - stop.y) > stop.face:
        return way
    if unless is not None and abs(way.run - unless.y) <= unless.face:
        return way
    return way._replace(run=ports[way.wire].y)


def straightened(way: Way, leave: dict[int, Point], arrive: dict[int, Point]) -> Way:
    """Take out a step too small to mean anything: both ports and the run meet half way."""
    start, end = leave[way.wire], arrive[way.wire]
    ends = (start.y, end.y) if way.run is None else (start.y, end.y, way.run)
    if not 0 < max(ends) - min(ends) < STEP:
        return way
    y = (start.y + end.y) / 2
    leave[way.wire], arrive[way.wire] = start._replace(y=y), end._replace(y=y)
    return way if way.run is None else way._replace(run=y)


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """The same heights, in the same order, at least `apart` from each other, from low to high.

    Groups that are too close are spread around their mean. Where all do not fit, they share the
    room evenly.

    Parameters
    ----------
    wanted: ascending, or in the order in which they shall stay.

    >>> spread([5, 5, 20], 4, 0, 30)
    [3.0, 7.0, 20.0]
    >>> spread([5, 5, 5], 10, 0, 10)
    [0.0, 5.0, 10.0]
    """
    count = len(wanted)
    if count > 1:
        apart = min(apart, (high - low) / (count - 1))
    groups: list[tuple[float, int]] = []
    for value in wanted:
        middle, size = _within(value, 1, apart, low, high), 1
        while groups:
            before, members = groups[-1]
            if middle - before >= apart * (size + members) / 2:
                break
            groups.pop()
            middle = (before * members + middle * size) / (members + size)
            size += members
            middle = _within(middle, size, apart, low, high)
        groups.append((_within(middle, size, apart, low, high), size))
    return [middle + (at - (size - 1) / 2) * apart for middle, size in groups for at in range(size)]


def _within(middle: float, size: int, apart: float, low: float, high: float) -> float:
    half = (size - 1) / 2 * apart
    return min(max(middle, low + half), high - half)
