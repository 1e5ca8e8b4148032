"""Charts of lessons: counted from the network, told in words, painted in both themes."""

from __future__ import annotations

import pytest

from explorer.architecture.edits import set_level
from explorer.architecture.paths import output_paths
from explorer.catalog import entry
from explorer.cost.cost import cost
from explorer.drawing.bars import bars
from explorer.drawing.palette import DARK, LIGHT
from explorer.lessons.figures import figure
from explorer.lessons.lesson import Figure

KINDS = [kind for kind in Figure if kind not in (Figure.NONE, Figure.TRADE_OFF)]
SPINENET = entry("spinenet-49").architecture


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_bars_and_words(kind: Figure) -> None:
    found = figure(kind, SPINENET)
    assert found is not None and found.bars and len(found.alt) > 30
    for theme in (LIGHT, DARK):
        painted = bars(found, theme)
        assert painted.layout.meta["alt"] == found.alt
        assert painted.data


def test_kinds_that_are_no_bars_have_none() -> None:
    assert figure(Figure.NONE, SPINENET) is None
    assert figure(Figure.TRADE_OFF, SPINENET) is None


def test_paths_add_up_and_costs_are_those_of_the_cost_room() -> None:
    paths, costs = figure(Figure.PATHS, SPINENET), figure(Figure.COSTS, SPINENET)
    assert paths is not None and costs is not None
    for bar, way in zip(paths.bars, output_paths(SPINENET), strict=True):
        assert f"({way.paths})" in bar.label
        assert sum(part.value for part in bar.parts) == pytest.approx(100)
    total = sum(part.value for bar in costs.bars for part in bar.parts) * 1e9
    stem_convolution = cost(SPINENET).macs - total
    assert 0 < stem_convolution < 1.2e9


def test_an_edit_changes_the_chart() -> None:
    edited = set_level(SPINENET, 5, 7)
    assert figure(Figure.FIELDS, edited) != figure(Figure.FIELDS, SPINENET)
    found = figure(Figure.CROWD, edited)
    assert found is not None and sum(bar.here for bar in found.bars) == 1
