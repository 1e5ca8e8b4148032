"""Numbers pushed apart stay in order, within bounds, and near where they wanted to be."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.drawing.ports import spread

HEIGHTS = st.lists(st.floats(-100, 100), min_size=1, max_size=12).map(sorted)


@given(HEIGHTS, st.floats(0.1, 20))
def test_apart_in_order_and_inside(wanted: list[float], apart: float) -> None:
    found = spread(wanted, apart, -60, 60)
    room = 120 / max(1, len(wanted) - 1)
    assert len(found) == len(wanted)
    assert all(-60 - 1e-6 <= value <= 60 + 1e-6 for value in found)
    assert all(b - a >= min(apart, room) - 1e-6 for a, b in pairwise(found))


def test_what_has_room_stays() -> None:
    assert spread([-30.0, 0.0, 40.0], 5, -50, 50) == [-30.0, 0.0, 40.0]
    assert spread([0.0, 0.0], 6, -50, 50) == pytest.approx([-3.0, 3.0])
