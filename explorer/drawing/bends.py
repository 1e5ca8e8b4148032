"""The bends of wires between ports and runs, and whole wires as chains of curves."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from explorer.drawing.drawing import Point
from explorer.drawing.geometry import curve, straight
from explorer.drawing.ports import Way
from explorer.drawing.traffic import BEND_SPACING, REACHES, Floor, Traffic

EASE = 0.35
"""How much of its further width a bend takes for its steep part."""


class _Bend(NamedTuple):
    wire: int
    leaving: bool
    start: float
    end: float

    @property
    def low(self) -> float:
        return min(self.start, self.end)

    @property
    def high(self) -> float:
        return max(self.start, self.end)

    def meets(self, other: _Bend) -> bool:
        """Whether there is a height that both pass."""
        return self.low < other.high and other.low < self.high


class Place(NamedTuple):
    """Where a bend stands between two columns."""

    x: float
    eases: bool
    """Nothing stands on the side to which this bend would ease out."""


def bend_places(
    ways: Sequence[Way],
    leave: dict[int, Point],
    arrive: dict[int, Point],
    traffic: Traffic,
) -> dict[tuple[int, bool], Place]:
    """The place of each bend that must fit between two columns; neighbours stand side by side.

    Bends that go down stand the more to the right the higher they start, those that go up the
    other way round: so siblings do not cross.
    """
    by_gap: dict[int, list[_Bend]] = defaultdict(list)
    for way in ways:
        first, last = way.source.column, way.target.column
        start, end = leave[way.wire].y, arrive[way.wire].y
        if last <= first:
            continue
        if way.run is None:
            if last == first + 1:
                by_gap[first].append(_Bend(way.wire, True, start, end))
            continue
        by_gap[first].append(_Bend(way.wire, True, start, way.run))
        by_gap[last - 1].append(_Bend(way.wire, False, way.run, end))
    found: dict[tuple[int, bool], Place] = {}
    for gap, bends in by_gap.items():
        left, right = traffic.gap(gap)
        for group in (
            sorted((b for b in bends if b.end > b.start), key=lambda b: -b.start),
            sorted((b for b in bends if b.end <= b.start), key=lambda b: b.start),
        ):
            places = _side_by_side(group)
            count = max(places, default=0) + 1
            apart = min(BEND_SPACING, max(0.0, right - left - 4) / count)
            for bend, place in zip(group, places, strict=True):
                shift = (place - (count - 1) / 2) * apart
                beyond = (
                    other.meets(bend) and (at > place if bend.leaving else at < place)
                    for other, at in zip(group, places, strict=True)
                )
                found[bend.wire, bend.leaving] = Place((left + right) / 2 + shift, not any(beyond))
    return found


def _side_by_side(group: Sequence[_Bend]) -> list[int]:
    places: list[int] = []
    for at, bend in enumerate(group):
        before = [places[i] for i, other in enumerate(group[:at]) if bend.meets(other)]
        places.append(max(before, default=-1) + 1)
    return places


def drawn(
    way: Way,
    start: Point,
    end: Point,
    bends: dict[tuple[int, bool], Place],
    traffic: Traffic,
) -> tuple[Point, ...]:
    """A wire that runs forward, as a chain of curves: bend, run, bend, and a straight landing."""
    landing = end._replace(x=traffic.gap(way.target.column - 1)[1])
    landing = landing._replace(x=min(landing.x, end.x))
    if way.run is None:
        place = bends.get((way.wire, True))
        middle = place.x if place else (start.x + landing.x) / 2
        return (start, *_bent(start, landing, middle), *straight(landing, end))
    half = (start.x + end.x) / 2
    onto = _bend_onto(way.source.column, 1, start, way.run, bends[way.wire, True], half, traffic)
    off = _bend_onto(way.target.column, -1, landing, way.run, bends[way.wire, False], half, traffic)
    return (*onto, *straight(onto[-1], off[-1]), *off[-2::-1], *straight(landing, end))


def _bent(start: Point, end: Point, middle: float) -> tuple[Point, Point, Point]:
    if abs(start.y - end.y) < 0.01:
        return straight(start, end)
    return curve(start, end, middle)


def _bend_onto(
    column: int,
    step: int,
    port: Point,
    run: float,
    place: Place,
    half: float,
    traffic: Traffic,
) -> tuple[Point, Point, Point, Point]:
    """The bend from a port onto a run (`step` 1), or backwards from a port to the run that enters.

    It is steep in the first gap, at `place`, and then eases out as far as nothing is in the way.
    """
    gap = traffic.gap(column if step > 0 else column - 1)
    near = gap[1] if step > 0 else gap[0]
    rise = abs(port.y - run)
    if rise < 0.01:
        end = Point(near, run)
        return (port, *straight(port, end))
    for reach in REACHES if place.eases else ():
        far = port.x + step * min(reach * traffic.floor.pitch, 1.1 * rise)
        if step * (far - half) > 0 or step * (far - near) < 2:
            continue
        ease = EASE * (far - near)
        for lean in (ease, 0.0):
            bend = (
                port,
                Point(place.x + lean, port.y),
                Point(place.x + ease, run),
                Point(far, run),
            )
            if traffic.free(bend, column, step):
                return bend
    return port, Point(place.x, port.y), Point(place.x, run), Point(near, run)


def backwards(start: Point, end: Point, floor: Floor) -> tuple[Point, ...]:
    """A loop over the top, for a link that (wrongly) goes back in the order."""
    at = bisect_left(floor.tracks, min(start.y, end.y) - floor.pitch)
    top = floor.tracks[max(0, at - 1)]
    out, back = Point(start.x, top), Point(end.x, top)
    bulge = floor.pitch * 0.6
    return (
        start,
        Point(start.x + bulge, start.y),
        Point(out.x + bulge, top),
        out,
        *straight(out, back),
        Point(back.x - bulge, top),
        Point(end.x - bulge, end.y),
        end,
    )
