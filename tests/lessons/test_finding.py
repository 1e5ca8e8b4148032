"""The bottleneck finding, as it was measured with the program's own weights."""

from __future__ import annotations

from statistics import median

import pytest

from explorer.architecture.paths import output_paths
from explorer.catalog import entry
from explorer.lessons.finding import (
    BASE,
    COUNT,
    digest,
    finding_bars,
    measure,
    stored,
    weights_file,
)
from explorer.lessons.measures import fine_wins
from explorer.lessons.showpiece import measure_walk, showpiece_stops, stored_walk, walk_digest
from explorer.search.space import architecture, sample, space_of

REGENERATE = "what is stored is out of date: run .venv/bin/python -m explorer.lessons.finding"


def test_what_is_stored_is_of_the_permutations_that_it_says() -> None:
    found = stored()
    assert found is not None and len(found.rows) == COUNT
    space = space_of(entry(BASE).architecture)
    for row in found.rows:
        arch = architecture(space, sample(space, 1, row.seed), 0, "drawn")
        assert output_paths(arch)[0].bottleneck_level == row.bottleneck
        assert 0 <= row.ap_small <= 1 and 0 <= row.ap50 <= 1


def test_a_fine_path_decides_whether_small_objects_are_found() -> None:
    """What the lesson claims of whatever weights come with the program; no figure of theirs."""
    found = stored()
    assert found is not None
    fine = [row.ap_small for row in found.rows if row.bottleneck <= 3]
    blind = [row.ap_small for row in found.rows if row.bottleneck >= 4]
    assert len(fine) >= 10 and len(blind) >= 10
    assert median(fine) > median(blind)
    won = sum(one > other for one in fine for other in blind) / (len(fine) * len(blind))
    assert won == fine_wins() > 0.75, "of two, the one with the fine path is mostly better"


def test_what_is_stored_was_measured_with_the_weights_that_come_along() -> None:
    if weights_file() is None:
        pytest.skip("the one-shot weights are not in this copy")
    found, walk = stored(), stored_walk()
    assert found is not None and walk is not None
    assert {found.weights, walk.weights} == {digest()}, REGENERATE


def test_the_walk_is_stored_as_it_is_walked() -> None:
    """Where routes or networks have changed: `.venv/bin/python -m explorer.lessons.finding`."""
    found, stops = stored_walk(), showpiece_stops()
    assert found is not None
    assert found.walk == walk_digest(stops)
    assert len(found.ap_small) == len(found.ap50) == len(stops)
    assert all(0 <= small <= 1 for small in (*found.ap_small, *found.ap50))


def test_the_ends_of_the_walk_are_found_as_they_are_stored() -> None:
    """Also where not the weights have changed, but what decodes or judges boxes."""
    if weights_file() is None:
        pytest.skip("the one-shot weights are not in this copy")
    found, stops = stored_walk(), showpiece_stops()
    assert found is not None
    again = measure_walk((stops[0], stops[-1]), digest())
    for now, then in ((again.ap_small, found.ap_small), (again.ap50, found.ap50)):
        assert now == pytest.approx((then[0], then[-1]), abs=0.005), REGENERATE


def test_the_plot_tells_all_of_them_in_words() -> None:
    found = stored()
    assert found is not None
    chart = finding_bars(found)
    assert len(chart.bars) == COUNT and found.weights in chart.note
    assert "L4: " in chart.alt


def test_it_can_be_measured_anew() -> None:
    if weights_file() is None:
        pytest.skip("the one-shot weights are not in this copy")
    found = measure(2, 8)
    assert [row.seed for row in found.rows] == [0, 1]
