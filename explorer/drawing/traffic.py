"""Where stops stand, which wires already run, and so which track is best for the next one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from explorer.drawing.drawing import Outline, Point
from explorer.drawing.geometry import curve, sampled

CLEARANCE = 4.0
"""Least distance from a wire to a stop that it passes."""
BEND_SPACING = 4.5
LANDING = 8.0
"""How far a wire runs straight before it arrives, so that its arrowhead lies on it."""
DIRECT_SPAN = 3
"""Over how many places a plain S may go instead of a run."""
REACHES = (1.9, 1.4, 1.0, 0.7)
"""How wide a bend becomes where there is room, in places; the widest that fits."""
LOOKED_AT = 40
"""Of a long run, in how many gaps crossings are counted; the rest is taken to be alike."""

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


class Traffic:
    """Where stops stand and which wires already run."""

    def __init__(self, stops: Sequence[Stop], floor: Floor) -> None:
        self.floor = floor
        self.stops: dict[int, Stop] = {}
        for stop in stops:
            self.stops.setdefault(stop.column, stop)
        self.last = max(self.stops, default=0)
        self.blocked = [self._blocked_before(y) for y in floor.tracks]
        self.beside = [
            [at for at, other in enumerate(floor.tracks) if abs(other - y) < BEND_SPACING]
            for y in floor.tracks
        ]
        self.taken: list[list[tuple[int, int, int]]] = [[] for _ in floor.tracks]
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
        best, choice = 1e18, -1
        if last == first + 1:
            self._note(source, target, choice)
            return None
        if last - first <= DIRECT_SPAN and self._free(source, target):
            best = self._crossings(first, last, source.y, target.y)
            best += _BEND + abs(source.y - target.y) * 0.05
        bases = self._bases(source, target)
        tracks = sorted(zip(bases, range(len(bases)), strict=True))
        for base, at in tracks:
            if base >= best:
                break
            if self.blocked[at][last] - self.blocked[at][first + 1]:
                continue
            cost = self._cost(base, best, at, source, target)
            if cost < best:
                best, choice = cost, at
        self._note(source, target, choice)
        return None if choice < 0 else self.floor.tracks[choice]

    def _bases(self, source: Stop, target: Stop) -> list[float]:
        """What a run on each track costs before other wires are looked at."""
        y0, y1, face0, face1 = source.y, target.y, source.face, target.face
        needed = abs(y0 - y1)
        return [
            ((abs(y - y0) > face0) + (abs(y - y1) > face1)) * _BEND
            + (abs(y - y0) + abs(y - y1) - needed) * _DETOUR
            for y in self.floor.tracks
        ]

    def _cost(self, cost: float, best: float, at: int, source: Stop, target: Stop) -> float:
        """The whole cost of a run on a track; given up where it is no longer the best."""
        first, last, y = source.column, target.column, self.floor.tracks[at]
        for near in self.beside[at]:
            for start, end, owner in self.taken[near]:
                if start < last and first < end:
                    cost += _TOGETHER if owner == first else _OVERLAP
        if cost >= best:
            return cost
        cost += self._crossings(first, first + 1, source.y, y)
        cost += self._crossings(last - 1, last, y, target.y)
        every = 1 + (last - first) // LOOKED_AT
        for gap in range(first, last, every):
            if cost >= best:
                break
            cost += _CROSSING * every * sum([low < y < high for low, high in self.bends[gap]])
        return cost

    def _crossings(self, first: int, last: int, one: float, other: float) -> float:
        low, high = min(one, other), max(one, other)
        met = [sum([low < y < high for y in self.runs[gap]]) for gap in range(first, last)]
        return _CROSSING * max(met, default=0)

    def _free(self, source: Stop, target: Stop) -> bool:
        start = Point(source.x + source.width / 2, source.y)
        end = Point(target.x - target.width / 2, target.y)
        between = [self.stops[c] for c in range(source.column + 1, target.column)]
        if abs(start.y - end.y) < 1.0:
            return not any(_inside(Point(stop.x, start.y), stop) for stop in between)
        points = sampled((start, *curve(start, end, (start.x + end.x) / 2)), 3.0)
        return not any(_inside(point, stop) for stop in between for point in points)

    def _note(self, source: Stop, target: Stop, at: int) -> None:
        first, last = source.column, target.column
        if at < 0:
            step = (target.y - source.y) / (last - first)
            for gap in range(first, last):
                ends = source.y + step * (gap - first), source.y + step * (gap - first + 1)
                self.bends[gap].append((min(ends), max(ends)))
            return
        run = self.floor.tracks[at]
        self.taken[at].append((first, last, first))
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

    def gap(self, gap: int) -> tuple[float, float]:
        """From where to where bends may stand between two columns; then comes room for an arrow."""
        one, other = self.stops[gap], self.stops[gap + 1]
        left, right = one.x + one.width / 2, other.x - other.width / 2
        return left, right - min(LANDING, 0.4 * (right - left))


def _inside(point: Point, stop: Stop) -> bool:
    return (
        abs(point.x - stop.x) < stop.width / 2 + CLEARANCE
        and abs(point.y - stop.y) < stop.height / 2 + CLEARANCE
    )
