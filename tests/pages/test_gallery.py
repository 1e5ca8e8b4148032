"""Gallery: the table, the plot, and the way back to Explore."""

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from explorer.app.gallery import comparisons, own_standing, plot_points, rows
from explorer.app.state import Desk
from explorer.architecture.history import History
from explorer.catalog import entry, names, photos
from explorer.cost.cost import cost

Open = Callable[..., AppTest]


def test_the_table_holds_the_whole_catalog(page: Open) -> None:
    app = page("gallery")
    assert not app.exception
    table = app.dataframe[0].value
    assert len(table) == len(names())
    row = table[table["Network"] == "SpineNet-49"].iloc[0]
    assert row["AP, published"] == 42.8
    assert row["FLOPs, published (B)"] == 85.4
    assert row["MACs, counted (G)"] == pytest.approx(85.2815552)


def test_counted_and_published_macs_agree_where_both_are_there() -> None:
    found = [row for row in rows() if row.published and row.published.flops_b and row.with_head]
    near = [row for row in found if abs(row.macs / 1e9 / (row.published.flops_b or 1) - 1) < 0.005]
    assert len(near) >= 7


def test_a_plot_never_mixes_protocols_and_gives_the_desk_no_ap(page: Open) -> None:
    for group in comparisons():
        assert len({(one.published.protocol, one.published.split) for one in group.results}) == 1
    app = page("gallery")
    plot = json.loads(app.get("plotly_chart")[1].proto.spec)
    group = comparisons()[0]
    drawn = sum(len(trace["text"]) for trace in plot["data"])
    assert drawn == len(plot_points(group)) == len(group.results)
    lines = [shape for shape in plot["layout"]["shapes"] if shape["type"] == "line"]
    assert [round(line["x0"], 4) for line in lines] == [85.2816]


def test_a_network_without_endpoints_has_no_place_on_that_axis() -> None:
    arch = entry("resnet-50").architecture
    assert own_standing(Desk(History.start(arch), photos()[0].name)) is None
    arch = entry("spinenet-49").architecture
    standing = own_standing(Desk(History.start(arch), photos()[0].name))
    assert standing is not None
    assert standing.macs == cost(arch, 640, True).macs


def test_every_protocol_can_be_chosen(page: Open) -> None:
    app = page("gallery")
    for group in comparisons():
        app.selectbox(key="gallery-protocol").set_value(group).run()
        assert not app.exception
