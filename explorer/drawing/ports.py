"""Numbers pushed apart."""

from __future__ import annotations

from collections.abc import Sequence


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
