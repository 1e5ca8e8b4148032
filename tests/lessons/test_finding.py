"""The bottleneck finding, as it was measured with the program's own weights."""

from __future__ import annotations

from statistics import median

import pytest

from explorer.architecture.paths import output_paths
from explorer.catalog import entry
from explorer.lessons.finding import BASE, COUNT, finding_bars, measure, stored, weights_file
from explorer.search.space import architecture, sample, space_of


def test_what_is_stored_is_of_the_permutations_that_it_says() -> None:
    found = stored()
    assert found is not None and len(found.rows) == COUNT
    space = space_of(entry(BASE).architecture)
    for row in found.rows:
        arch = architecture(space, sample(space, 1, row.seed), 0, "drawn")
        assert output_paths(arch)[0].bottleneck_level == row.bottleneck
        assert 0 <= row.ap_small <= row.ap50 <= 1


def test_a_fine_path_decides_whether_small_objects_are_found() -> None:
    found = stored()
    assert found is not None
    fine = [row.ap_small for row in found.rows if row.bottleneck <= 3]
    blind = [row.ap_small for row in found.rows if row.bottleneck >= 4]
    assert len(fine) >= 10 and len(blind) >= 10
    assert median(fine) > 2 * median(blind)
    best = [row.ap_small for row in found.rows if row.bottleneck == 2]
    won = [one > other for one in best for other in blind]
    assert sum(won) > 0.95 * len(won), "of two, the one with the finer path is nearly always better"


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
