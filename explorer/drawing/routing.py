"""Ways for wires: level runs on tracks that are free of blocks, joined by S-shaped bends.

As on a metro map: a wire leaves the right side of a stop, bends onto a track, runs along it, and
bends into the left side of another stop. Tracks fill the lanes and the gutters between them; a run
never crosses a stop, and keeps off runs of other wires where there is room. Short wires whose
straight S is free take that. The shortest wires choose first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from explorer.drawing.drawing import Outline, Point
from explorer.drawing.geometry import curve, sampled, side, straight
from explorer.drawing.ports import spread

CLEARANCE = 4.0
"""Least distance from a wire to a stop that it passes."""
PORT_SPACING = 7.5
BEND_SPACING = 4.5
LANDING = 8.0
"""How far a wire runs straight before it arrives, so that its arrowhead lies on it."""
STEP = 4.5
"""Steps smaller than this are straightened out."""
DIRECT_SPAN = 3
"""Over how many places a plain S may go instead of a run."""
REACHES = (1.9, 1.4, 1.0, 0.7)
"""How wide a bend becomes where there is room, in places; the widest that fits."""
EASE = 0.35
"""How much of its further width a bend takes for its steep part."""

_BEND, _OVERLAP, _TOGETHER, _CROSSING, _DETOUR = 9.0, 70.0, 24.0, 6.0, 0.9
"""What a way costs: each bend, sharing a track with a stranger or with a wire of the same parent,
each crossing, each unit up or down beyond what is needed."""


class Stop(NamedTuple):
    """Where wires begin and end. Each column has one stop; only the last has several."""

    column: int
    x: float
    y: float
    width: float
    height: float
    outline: Outline

    @property
    def face(self) -> float:
        """How far from its middle, up or down, a wire may touch it."""
        return max(0.0, self.height / 2 - (1.0 if self.outline is Outline.DIAMOND else 4.5))


class Floor(NamedTuple):
    """The ground on which wires run: the tracks' heights, ascending."""

    tracks: tuple[float, ...]
    pitch: float


class _Way(NamedTuple):
    """`run`: the height of the level part; None for one S from stop to stop."""

    wire: int
    source: Stop
    target: Stop
    run: float | None


def route(
    stops: Sequence[Stop], wires: Sequence[tuple[int, int]], floor: Floor
) -> list[tuple[Point, ...]]:
    """A chain of curves for each wire, given as (index of source, index of target).

    >>> stops = [Stop(i, 50.0 * i, 50.0, 30, 30, Outline.BOX) for i in range(3)]
    >>> ways = route(stops, [(0, 1), (0, 2)], Floor(tuple(range(0, 100, 5)), 50.0))
    >>> min(p.y for p in ways[1]) < 31 or max(p.y for p in ways[1]) > 69
    True
    """
    traffic = _Traffic(stops, floor)
    ways: list[_Way] = []
    last = max((stop.column for stop in stops), default=0)

    def turn(wire: int) -> tuple[bool, int, int]:
        source, target = stops[wires[wire][0]], stops[wires[wire][1]]
        return target.column != last, target.column - source.column, wire

    order = sorted(range(len(wires)), key=turn)
    for wire in order:
        source, target = stops[wires[wire][0]], stops[wires[wire][1]]
        run = traffic.take(source, target) if target.column > source.column else None
        ways.append(_Way(wire, source, target, run))
    leave = _ports([(way, way.source) for way in ways], leaving=True)
    ways = [_level_with(way, way.source, leave) for way in ways]
    arrive = _ports([(way, way.target) for way in ways], leaving=False)
    ways = [_level_with(way, way.target, arrive, unless=way.source) for way in ways]
    ways = [_straightened(way, leave, arrive) for way in ways]
    found: list[tuple[Point, ...]] = [()] * len(wires)
    bends = _bend_places(ways, leave, arrive, traffic)
    for way in ways:
        start, end = leave[way.wire], arrive[way.wire]
        if way.target.column <= way.source.column:
            found[way.wire] = _backwards(start, end, floor)
        else:
            found[way.wire] = _drawn(way, start, end, bends, traffic)
    return found


class _Traffic:
    """Where stops stand and which wires already run."""

    def __init__(self, stops: Sequence[Stop], floor: Floor) -> None:
        self.floor = floor
        self.stops: dict[int, Stop] = {}
        for stop in stops:
            self.stops.setdefault(stop.column, stop)
        self.last = max(self.stops, default=0)
        self.blocked = [self._blocked_before(y) for y in floor.tracks]
        self.taken: dict[float, list[tuple[int, int, int]]] = defaultdict(list)
        self.runs: dict[int, list[float]] = defaultdict(list)
        self.bends: dict[int, list[tuple[float, float]]] = defaultdict(list)

    def _blocked_before(self, y: float) -> list[int]:
        """How many stops a track at `y` meets in the columns before each column."""
        count, found = 0, [0]
        for column in range(self.last + 1):
            stop = self.stops.get(column)
            count += stop is not None and abs(stop.y - y) < stop.height / 2 + CLEARANCE
            found.append(count)
        return found

    def take(self, source: Stop, target: Stop) -> float | None:
        """The best height for a run from source to target, noted as taken; None for a plain S."""
        first, last = source.column, target.column
        best, choice = 1e18, None
        if last == first + 1 or (last - first <= DIRECT_SPAN and self._free(source, target)):
            best = self._crossings(first, last, source.y, target.y)
            best += 0 if last == first + 1 else _BEND + abs(source.y - target.y) * 0.05
            if last == first + 1:
                self._note(source, target, None)
                return None
        needed = abs(source.y - target.y)
        tracks = sorted(
            (self._base(y, source, target, needed), at) for at, y in enumerate(self.floor.tracks)
        )
        for base, at in tracks:
            if base >= best:
                break
            if self.blocked[at][last] - self.blocked[at][first + 1]:
                continue
            cost = base + self._cost(self.floor.tracks[at], source, target)
            if cost < best:
                best, choice = cost, self.floor.tracks[at]
        self._note(source, target, choice)
        return choice

    def _base(self, y: float, source: Stop, target: Stop, needed: float) -> float:
        bends = (abs(y - source.y) > source.face) + (abs(y - target.y) > target.face)
        detour = abs(y - source.y) + abs(y - target.y) - needed
        return bends * _BEND + detour * _DETOUR

    def _cost(self, y: float, source: Stop, target: Stop) -> float:
        first, last = source.column, target.column
        cost = 0.0
        near = [t for t in self.taken if abs(t - y) < BEND_SPACING]
        for track in near:
            for start, end, owner in self.taken[track]:
                if start < last and first < end:
                    cost += _TOGETHER if owner == first else _OVERLAP
        for gap in range(first, last):
            cost += _CROSSING * sum(low < y < high for low, high in self.bends[gap])
        cost += self._crossings(first, first + 1, source.y, y)
        return cost + self._crossings(last - 1, last, y, target.y)

    def _crossings(self, first: int, last: int, one: float, other: float) -> float:
        low, high = min(one, other), max(one, other)
        met = max(
            (sum(low < y < high for y in self.runs[gap]) for gap in range(first, last)), default=0
        )
        return _CROSSING * met

    def _free(self, source: Stop, target: Stop) -> bool:
        start = Point(source.x + source.width / 2, source.y)
        end = Point(target.x - target.width / 2, target.y)
        between = [self.stops[c] for c in range(source.column + 1, target.column)]
        if abs(start.y - end.y) < 1.0:
            return not any(_inside(Point(stop.x, start.y), stop) for stop in between)
        points = sampled((start, *curve(start, end, (start.x + end.x) / 2)), 3.0)
        return not any(_inside(point, stop) for stop in between for point in points)

    def _note(self, source: Stop, target: Stop, run: float | None) -> None:
        first, last = source.column, target.column
        if run is None:
            step = (target.y - source.y) / (last - first)
            for gap in range(first, last):
                ends = source.y + step * (gap - first), source.y + step * (gap - first + 1)
                self.bends[gap].append((min(ends), max(ends)))
            return
        self.taken[run].append((first, last, first))
        for gap in range(first, last):
            self.runs[gap].append(run)
        self.bends[first].append((min(source.y, run), max(source.y, run)))
        self.bends[last - 1].append((min(target.y, run), max(target.y, run)))

    def free(self, bend: tuple[Point, ...], column: int, step: int) -> bool:
        """Whether a bend that starts beside a column passes all stops on its way."""
        points = sampled(bend)
        columns = (column + step * further for further in range(1, int(REACHES[0]) + 2))
        near = [self.stops[at] for at in columns if at in self.stops]
        return not any(_inside(point, stop) for stop in near for point in points)


def _inside(point: Point, stop: Stop) -> bool:
    return (
        abs(point.x - stop.x) < stop.width / 2 + CLEARANCE
        and abs(point.y - stop.y) < stop.height / 2 + CLEARANCE
    )


def _level_with(way: _Way, stop: Stop, ports: dict[int, Point], unless: Stop | None = None) -> _Way:
    """The same way, its run at the height of the port that it passes straight into."""
    if way.run is None or abs(way.run - stop.y) > stop.face:
        return way
    if unless is not None and abs(way.run - unless.y) <= unless.face:
        return way
    return way._replace(run=ports[way.wire].y)


def _straightened(way: _Way, leave: dict[int, Point], arrive: dict[int, Point]) -> _Way:
    """Take out a step too small to mean anything: both ports and the run meet half way."""
    start, end = leave[way.wire], arrive[way.wire]
    ends = (start.y, end.y) if way.run is None else (start.y, end.y, way.run)
    if not 0 < max(ends) - min(ends) < STEP:
        return way
    y = (start.y + end.y) / 2
    leave[way.wire], arrive[way.wire] = start._replace(y=y), end._replace(y=y)
    return way if way.run is None else way._replace(run=y)


def _ports(ends: Sequence[tuple[_Way, Stop]], leaving: bool) -> dict[int, Point]:
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


class _Place(NamedTuple):
    x: float
    eases: bool
    """Nothing stands on the side to which this bend would ease out."""


def _bend_places(
    ways: Sequence[_Way],
    leave: dict[int, Point],
    arrive: dict[int, Point],
    traffic: _Traffic,
) -> dict[tuple[int, bool], _Place]:
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
    found: dict[tuple[int, bool], _Place] = {}
    for gap, bends in by_gap.items():
        left, right = _gap(traffic, gap)
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
                found[bend.wire, bend.leaving] = _Place((left + right) / 2 + shift, not any(beyond))
    return found


def _side_by_side(group: Sequence[_Bend]) -> list[int]:
    places: list[int] = []
    for at, bend in enumerate(group):
        before = [places[i] for i, other in enumerate(group[:at]) if bend.meets(other)]
        places.append(max(before, default=-1) + 1)
    return places


def _gap(traffic: _Traffic, gap: int) -> tuple[float, float]:
    """From where to where bends may stand between two columns; then comes room for an arrow."""
    one, other = traffic.stops[gap], traffic.stops[gap + 1]
    left, right = one.x + one.width / 2, other.x - other.width / 2
    return left, right - min(LANDING, 0.4 * (right - left))


def _drawn(
    way: _Way,
    start: Point,
    end: Point,
    bends: dict[tuple[int, bool], _Place],
    traffic: _Traffic,
) -> tuple[Point, ...]:
    landing = end._replace(x=_gap(traffic, way.target.column - 1)[1])
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
    place: _Place,
    half: float,
    traffic: _Traffic,
) -> tuple[Point, Point, Point, Point]:
    """The bend from a port onto a run (`step` 1), or backwards from a port to the run that enters.

    It is steep in the first gap, at `place`, and then eases out as far as nothing is in the way.
    """
    gap = _gap(traffic, column if step > 0 else column - 1)
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


def _backwards(start: Point, end: Point, floor: Floor) -> tuple[Point, ...]:
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
