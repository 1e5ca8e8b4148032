"""Curves and outlines in drawing units."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, pi, sin

from explorer.drawing.drawing import Outline, Point

TIP = 7.0
"""How far the sides of a diamond point outwards."""
ROUND = 8.0
"""Radius of round corners, and size of cut ones."""


def outline(shape: Outline, x: float, y: float, width: float, height: float) -> tuple[Point, ...]:
    """The border of a block around (x, y), clockwise from the top left, not closed.

    >>> outline(Outline.DIAMOND, 0, 0, 20, 10)[:3]
    (Point(x=-5.0, y=-5.0), Point(x=5.0, y=-5.0), Point(x=10.0, y=0.0))
    """
    right, low = width / 2, height / 2
    if shape is Outline.DIAMOND:
        flat = right - _tip(width)
        around = ((-flat, -low), (flat, -low), (right, 0.0), (flat, low), (-flat, low), (-right, 0))
        return tuple(Point(x + dx, y + dy) for dx, dy in around)
    radius = 3.0 if shape is Outline.BOX else _corner(width, height)
    steps = 1 if shape is Outline.OCTAGON else 4
    corners: list[Point] = []
    for quarter, (sx, sy) in enumerate(((-1, -1), (1, -1), (1, 1), (-1, 1))):
        cx, cy = x + sx * (right - radius), y + sy * (low - radius)
        for step in range(steps + 1):
            angle = pi + (quarter + step / steps) * pi / 2
            corners.append(Point(cx + radius * cos(angle), cy + radius * sin(angle)))
    return tuple(corners)


def side(shape: Outline, width: float, height: float, dy: float) -> float:
    """How far from the middle the border is, sideways, at `dy` above or below the middle.

    >>> side(Outline.DIAMOND, 20, 10, 0), side(Outline.DIAMOND, 20, 10, 5)
    (10.0, 5.0)
    """
    right, low = width / 2, height / 2
    if shape is Outline.DIAMOND:
        return right - _tip(width) * min(1.0, abs(dy) / low)
    radius = _corner(width, height)
    over = max(0.0, abs(dy) - (low - radius))
    if shape is Outline.OCTAGON:
        return right - over
    if shape is Outline.ROUND:
        return right - radius + float((radius**2 - min(over, radius) ** 2) ** 0.5)
    return right


def _tip(width: float) -> float:
    return min(TIP, 0.25 * width)


def _corner(width: float, height: float) -> float:
    return min(ROUND, 0.3 * min(width, height))


def curve(start: Point, end: Point, bend: float) -> tuple[Point, Point, Point]:
    """Controls and end of an S that leaves and arrives level, steepest near `x = bend`.

    >>> curve(Point(0, 0), Point(10, 6), 5)
    (Point(x=5, y=0), Point(x=5, y=6), Point(x=10, y=6))
    """
    return Point(bend, start.y), Point(bend, end.y), end


def straight(start: Point, end: Point) -> tuple[Point, Point, Point]:
    """Controls and end of a straight piece.

    >>> straight(Point(0, 0), Point(3, 0))
    (Point(x=1.0, y=0.0), Point(x=2.0, y=0.0), Point(x=3, y=0))
    """
    dx, dy = (end.x - start.x) / 3, (end.y - start.y) / 3
    return Point(start.x + dx, start.y + dy), Point(end.x - dx, end.y - dy), end


def pieces(points: tuple[Point, ...]) -> Iterator[tuple[Point, Point, Point, Point]]:
    """The cubic curves of a chain, each with its own start.

    >>> len(list(pieces((Point(0, 0), *straight(Point(0, 0), Point(3, 0))))))
    1
    """
    for at in range(0, len(points) - 1, 3):
        start, one, two, end = points[at : at + 4]
        yield start, one, two, end


def sampled(points: tuple[Point, ...], step: float = 5.0) -> tuple[Point, ...]:
    """Points on a chain of curves, about `step` units apart; straight pieces keep only their ends.

    >>> sampled((Point(0, 0), *straight(Point(0, 0), Point(30, 0))))
    (Point(x=0, y=0), Point(x=30.0, y=0.0))
    """
    found = [points[0]]
    for start, one, two, end in pieces(points):
        level = abs(start.y - one.y) + abs(one.y - two.y) + abs(two.y - end.y) < 1e-6
        span = abs(end.x - start.x) + abs(end.y - start.y)
        count = 1 if level and one.x <= two.x else max(14, min(60, int(span / step)))
        for at in range(1, count + 1):
            t = at / count
            a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            found.append(
                Point(
                    a * start.x + b * one.x + c * two.x + d * end.x,
                    a * start.y + b * one.y + c * two.y + d * end.y,
                )
            )
    return tuple(found)
