"""Compare: networks side by side, the table, and the walk between them."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from explorer.app.comparing import series, stops, table, walk, way_between
from explorer.architecture.block import Op
from explorer.architecture.difference import difference
from explorer.architecture.edits import Edit, Follow
from explorer.architecture.paths import output_paths
from explorer.catalog import entry, names
from explorer.cost.cost import cost
from explorer.cost.units import macs_text
from explorer.drawing.beside import MEANINGS, marks
from explorer.drawing.film import film
from explorer.drawing.palette import DARK, LIGHT
from explorer.drawing.player import player_page
from explorer.lessons.finding import weights_file
from explorer.lessons.showpiece import SHOWPIECE
from tests.pages.conftest import text_of

Open = Callable[..., AppTest]
SVG = "{http://www.w3.org/2000/svg}"
ARCHS = tuple(entry(name).architecture for name in SHOWPIECE)
TITLES = tuple(entry(name).title for name in SHOWPIECE)


def test_it_opens_on_the_showpiece(page: Open) -> None:
    app = page("compare")
    assert not app.exception and not app.error and not app.warning
    rows = app.dataframe[0].value.set_index("Measure")
    assert list(rows.columns) == list(TITLES)
    assert rows.loc["P3: paths"].tolist() == ["3", "10", "44", "44"]
    assert rows.loc["AP published, A, val2017, 640 px"].tolist() == ["37.8", "39.6", "40.7", "40.8"]
    assert "26 edits (distance 27)" in text_of(app)
    drawn = pictures(app)
    assert len(drawn) == 4
    assert len({one.get("viewBox", "").split()[2] for one in drawn}) == 1, "one scale"
    assert all(one.get("aria-label") for one in drawn)


def test_differences_are_marked_on_the_drawings(page: Open) -> None:
    """Removed blocks where they still stand, new and changed ones and wires where they came."""
    app = page("compare")
    drawn, pairs = pictures(app), list(pairwise(ARCHS))
    for place, (before, after) in enumerate(pairs):
        found = difference(before, after)
        gone = {block.label for block in found.blocks_removed}
        assert {label for label, mark in marked(drawn[place]).items() if "−" in mark} == gone
        new = marked(drawn[place + 1])
        for change in found.blocks_changed:
            mark = new[change.after.label]
            assert ("↕" in mark) == ("level" in change.fields)
            assert ("∗" in mark) == (set(change.fields) != {"level"})
        told = [one.text or "" for one in drawn[place + 1].iter(f"{SVG}title")]
        rewired = len(found.links_changed) + len(found.links_added)
        assert sum(text.endswith("rewired") for text in told) == rewired


def test_new_and_moved_blocks_have_marks_of_their_own() -> None:
    here = ARCHS[3]
    made = Edit("add", (Op.RESIDUAL, 3, (1, 2), 3)).apply(here)
    made = Edit("move", (11, 8, Follow.PLACE)).apply(made)
    found = marks(difference(here, made), None)
    assert found.blocks[17] == "+" and "↔" in found.blocks[11]
    assert set(MEANINGS) == set("+−↕↔∗")


def pictures(app: AppTest) -> list[Element]:
    """The drawings of the page."""
    shown = [one.proto for one in app.get("bidi_component")]  # type: ignore[attr-defined]
    return [
        fromstring(json.loads(one.json)) for one in shown if one.component_name == "spinenet_beside"
    ]


def marked(picture: Element) -> dict[str, str]:
    """The marks at the blocks, by the blocks' labels."""
    blocks = (one for one in picture.iter(f"{SVG}g") if one.get("class") == "block")
    words = [[text.text or "" for text in block.iter(f"{SVG}text")] for block in blocks]
    return {label: "".join(rest) for label, *rest in words}


def test_changes_can_be_what_colours_tell(page: Open) -> None:
    app = page("compare", nets="r0-sp53,spinenet-49")
    app.button_group(key="compare-colour").set_value(["change"]).run()
    assert not app.exception
    first, second = pictures(app)
    assert "as at the start" in "".join(second.itertext())
    assert "as at the start" not in "".join(first.itertext())


def test_the_crowd_is_counted_where_asked(page: Open) -> None:
    app = page("compare", nets="r0-sp53,spinenet-49")
    app.toggle(key="compare-crowd").set_value(True).run()
    rows = app.dataframe[0].value["Measure"].tolist()
    assert any("10,000 random ones" in row and "MACs" in row for row in rows)


@pytest.mark.parametrize("nets", ["spinenet-49", "no,such", "a", ",".join([*names()][:5])])
def test_a_broken_link_says_so(page: Open, nets: str) -> None:
    app = page("compare", nets=nets)
    assert not app.exception
    assert "not two to four" in app.error[0].value


def test_maps_of_one_image_are_shown_side_by_side(page: Open) -> None:
    app = page("compare", nets="mobile-spinenet-49s,desk")
    app.session_state["explorer_session"].desk = _small(app)
    app.toggle(key="compare-run").set_value(True).run()
    assert not app.exception and not app.warning
    assert len(app.get("image")) >= 5 + 5


def test_miniature_ap_stands_in_the_table_where_asked(page: Open) -> None:
    if weights_file() is None:
        pytest.skip("the one-shot weights are not in this copy")
    app = page("compare", nets="r0-sp53,spinenet-49")
    app.toggle(key="compare-ap").set_value(True).run()
    assert not app.exception
    rows = app.dataframe[0].value.set_index("Measure")
    found = [row for row in rows.index if row.startswith("Miniature AP")]
    assert len(found) == 3
    assert all(0 < float(value) < 1 for row in found for value in rows.loc[row])


def test_boxes_and_ap_come_from_the_one_shot_weights(page: Open) -> None:
    if weights_file() is None:
        pytest.skip("the one-shot weights are not in this copy")
    app = page("compare", nets="r0-sp53,spinenet-49")
    app.toggle(key="compare-boxes").set_value(True).run()
    assert not app.exception and not app.warning
    assert len(app.get("image")) == 2
    assert text_of(app).count("AP small") == 2


def _small(app: AppTest) -> object:
    from dataclasses import replace

    from explorer.architecture.history import History

    desk = app.session_state["explorer_session"].desk
    arch = entry("mobile-spinenet-49xs").architecture
    return replace(desk, history=History.start(arch), run_size=128)


def test_the_walk_is_legal_and_its_measures_are_those_of_its_stops() -> None:
    legs = way_between(ARCHS)
    found, along = stops(legs, TITLES, 640), series(legs, 640)
    assert len(found) == 1 + sum(len(leg.steps) for leg in legs)
    assert all(len(one.values) == len(found) for one in along)
    assert along[0].texts[0] == macs_text(cost(ARCHS[0]).macs)
    assert along[0].texts[-1] == macs_text(cost(ARCHS[-1]).macs)
    assert along[1].values[-1] == output_paths(ARCHS[-1])[0].paths
    assert found[-1].text.endswith("→ SpineNet-49")


def test_all_stops_stand_in_the_same_lanes() -> None:
    data = walk(ARCHS, TITLES, 640, DARK)
    lanes = {lane["label"]: lane for lane in data["lanes"]}  # type: ignore[index, union-attr]
    for stop in data["stops"]:  # type: ignore[union-attr]
        for node in stop["nodes"]:  # type: ignore[index, call-overload]
            inside = [one for one in lanes.values() if one["top"] <= node["y"] <= one["bottom"]]
            assert len(inside) == 1
    ends = data["stops"][-1]["ends"]  # type: ignore[index, call-overload]
    for end in ends:
        lane = lanes[end["label"].replace("P", "L")]
        assert lane["top"] <= end["y"] <= lane["bottom"]


def test_the_walk_stands_alone_as_html_and_moves_as_gif(tmp_path: object) -> None:
    pair, heads = ARCHS[2:], TITLES[2:]
    page = player_page(walk(pair, heads, 640, LIGHT))
    assert page.startswith("<!doctype html>") and "http" not in page.replace("http://www.w3", "")
    from io import BytesIO

    with Image.open(BytesIO(film(stops(way_between(pair), heads, 640)))) as picture:
        assert picture.n_frames >= 25  # type: ignore[attr-defined]


def test_every_network_of_the_catalog_fits_the_table() -> None:
    for name in names():
        arch = entry(name).architecture
        rows = table([ARCHS[3], arch], ["first", name], 640)
        assert len({len(column) for column in rows.values()}) == 1
