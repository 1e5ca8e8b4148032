"""The findings on the page: words and plots from the files beside them, with no network."""

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from explorer.app import science_view
from explorer.app.science_view import SCIENCE, Plot, parts
from tests.pages.conftest import text_of

Open = Callable[..., AppTest]


def test_the_findings_of_this_copy_are_shown_whole(page: Open) -> None:
    app = page("detect")
    app.button(key="findings").click().run()
    assert not app.exception
    shown = text_of(app)
    for part in parts(SCIENCE.read_text("utf-8"), SCIENCE.parent):
        assert isinstance(part, Plot) or part in shown


def test_every_plot_that_the_findings_name_is_there() -> None:
    text = SCIENCE.read_text("utf-8")
    plots = [part for part in parts(text, SCIENCE.parent) if isinstance(part, Plot)]
    assert len(plots) == text.count("![")


def test_plots_are_read_from_their_folder_and_from_nowhere_else(
    page: Open, monkeypatch, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (tmp_path / "secret.svg").write_text("<svg/>", "utf-8")
    drawn = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>x</title></svg>'
    (folder / "a.svg").write_text(drawn, "utf-8")
    text = "One\n\n![a plot](a.svg)\n\ntwo ![inline](a.svg)\n\n![out](../secret.svg)\n"
    (folder / "science.md").write_text(text, "utf-8")
    monkeypatch.setattr(science_view, "SCIENCE", folder / "science.md")
    found = [*parts(text, folder)]
    assert found == ["One", Plot("a plot", folder / "a.svg"), "two ![inline](a.svg)", "*out*"]
    app = page("detect")
    before = len(app.get("image"))
    app.button(key="findings").click().run()
    assert not app.exception
    assert len(app.get("image")) == before + 1


def test_without_the_file_the_page_says_so(page: Open, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(science_view, "SCIENCE", tmp_path / "none.md")
    app = page("detect")
    app.button(key="findings").click().run()
    assert not app.exception
    assert "not in this copy" in text_of(app)
