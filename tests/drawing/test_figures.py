"""Painters show what the drawing says, and nothing else."""

import json
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.errors import ExplorerError, FormatError
from explorer.architecture.links import links
from explorer.catalog.entries import entry
from explorer.drawing.drawing import Colour
from explorer.drawing.graphviz_figure import GraphvizMissingError, dot_source
from explorer.drawing.layout import layout
from explorer.drawing.palette import DARK, LIGHT, Theme
from explorer.drawing.plotly_figure import figure
from explorer.drawing.render import SUFFIXES, render
from explorer.drawing.svg_figure import page, svg_source
from tests.random_architectures import random_architecture

ARCH = entry("spinenet-49").architecture
DRAWING = layout(ARCH)
THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
SVG = "{http://www.w3.org/2000/svg}"


def spots(name: str, selected: int | tuple[int, int] | None = None) -> set[tuple[object, ...]]:
    traces = [trace for trace in figure(DRAWING, LIGHT, selected).data if trace.name == name]
    return {tuple(spot) for trace in traces for spot in trace.customdata}


def test_blocks_and_links_can_be_clicked() -> None:
    assert spots("blocks") == {("block", block.id) for block in ARCH.blocks}
    assert spots("links") == {("link", link.child, link.slot) for link in links(ARCH)}
    assert spots("outputs") == {("output", level) for level in range(3, 8)}
    assert spots("blocks", 5) == spots("blocks")


@THEMES
@pytest.mark.parametrize("selected", [None, 8, (13, 1), 999, (999, 0)])
def test_the_figure_is_valid_json(theme: Theme, selected: int | tuple[int, int] | None) -> None:
    data = json.loads(figure(DRAWING, theme, selected).to_json())
    assert data["layout"]["paper_bgcolor"] == theme.background
    shown = {note["text"] for note in data["layout"]["annotations"]}
    assert {f"b{block.id}" for block in ARCH.blocks} <= shown


def test_amounts_are_written_below_blocks_by_every_painter() -> None:
    drawing = layout(ARCH, 640, Colour.CARRIED, None, ((5, 0.0812), (12, 0.0406)))
    notes = [note["text"] for note in figure(drawing).to_dict()["layout"]["annotations"]]
    assert {"8.1", "4.1"} <= set(notes)
    texts = [text.text for text in ElementTree.fromstring(svg_source(drawing)).iter(f"{SVG}text")]
    assert texts.index("b5") + 1 == texts.index("8.1")
    assert '"note 12" [label="4.1"' in dot_source(drawing)


def test_what_is_selected_stands_out() -> None:
    def colours(selected: int | tuple[int, int] | None) -> set[str]:
        return {t.fillcolor for t in figure(DRAWING, LIGHT, selected).data if t.fillcolor}

    assert colours(999) == colours(None), "an unknown block selects nothing"
    assert len(colours(8)) > len(colours(None)), "the others step back"
    assert len(colours((13, 1))) > len(colours(None))


def test_wide_networks_can_be_moved_and_narrow_ones_stand_still() -> None:
    wide = figure(layout(entry("resnet-152-fpn").architecture))
    assert wide.layout.dragmode == "pan" and not wide.layout.xaxis.fixedrange
    still = figure(DRAWING)
    assert still.layout.dragmode is False and still.layout.xaxis.fixedrange
    assert not figure(layout(random_architecture(1, blocks=120))).layout.xaxis.fixedrange


def test_graphviz_moves_nothing(tmp_path: Path) -> None:
    """Graphviz' own JSON output has every block and curve where the drawing has it."""
    render(DRAWING, tmp_path / "drawing.dot")
    told = subprocess.run(
        ["neato", "-n2", "-Tjson", str(tmp_path / "drawing.dot")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not told.stderr
    data = json.loads(told.stdout)
    places = {one["name"]: tuple(map(float, one["pos"].split(","))) for one in data["objects"]}
    base = places["corner1"]
    for node in DRAWING.nodes:
        x, y = places[f"b{node.id}"]
        assert x == pytest.approx(node.x, abs=0.6)
        assert y == pytest.approx(base[1] - node.y, abs=0.6)
    edges = [edge for edge in data["edges"] if edge.get("tooltip")]
    assert len(edges) == len(DRAWING.wires)


@THEMES
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_kind_of_file_is_written(tmp_path: Path, suffix: str, theme: Theme) -> None:
    path = tmp_path / f"drawing{suffix}"
    render(DRAWING, path, theme)
    data = path.read_bytes()
    start = {
        ".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF", ".html": b"<!doctype html>",
        ".dot": b"digraph",
    }  # fmt: skip
    assert data.startswith(start[suffix])
    if suffix in (".svg", ".html", ".dot"):
        text = data.decode()
        assert theme.ink.lower() in text.lower()
        assert all(f"b{block.id}" in text for block in ARCH.blocks)


def test_print_of_a_huge_network_stays_within_bounds(tmp_path: Path) -> None:
    render(layout(random_architecture(3, blocks=300)), tmp_path / "huge.png")
    header = (tmp_path / "huge.png").read_bytes()[16:24]
    assert int.from_bytes(header[:4]) <= 32_767


def test_svg_is_well_formed_and_tells() -> None:
    tree = ElementTree.fromstring(svg_source(DRAWING, DARK))
    titles = [title.text or "" for title in tree.iter(f"{SVG}title")]
    assert any(title.startswith("b12 · bottleneck") for title in titles)
    assert len([g for g in tree.iter(f"{SVG}g") if g.get("class") == "block"]) == 17


def test_names_cannot_break_out() -> None:
    evil = '</title><script>alert("1")</script>\\" ]; x ['
    arch = Architecture(evil, (Block(0, Op.BOTTLENECK, 3, (), True, resampled=False),))
    drawing = layout(arch)
    assert "<script" not in page(drawing)
    ElementTree.fromstring(svg_source(drawing))
    told = subprocess.run(
        ["neato", "-n2", "-Tjson"], input=dot_source(drawing), capture_output=True, text=True
    )
    assert told.returncode == 0 and not told.stderr
    assert json.loads(told.stdout)["name"].startswith("</title>")


def test_without_graphviz_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GraphvizMissingError, match="system package graphviz"):
        render(DRAWING, tmp_path / "drawing.pdf")
    render(DRAWING, tmp_path / "drawing.html")


@pytest.mark.parametrize("name", ["drawing.bmp", "drawing", ".svgz"])
def test_unknown_endings_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FormatError, match=r"expected one of \.svg"):
        render(DRAWING, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="expected a place to write"):
        render(DRAWING, tmp_path / "none" / "drawing.html")
