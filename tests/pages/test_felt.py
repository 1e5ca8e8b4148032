"""The line on Explore that says what the last step did to AP."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from explorer.app import felt_view, scoreboard
from explorer.app.scoreboard import Scoreboard
from explorer.app.state import Session
from explorer.architecture.block import Op
from explorer.architecture.edits import Edit
from explorer.detection import miniature
from explorer.detection.evaluation import evaluate
from explorer.detection.scenes import evaluation_scenes
from tests.pages.conftest import text_of

Open = Callable[..., AppTest]
FEW = 4


@pytest.fixture(autouse=True)
def few_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scoreboard of a few scenes, which no other test sees."""
    own = Scoreboard()
    monkeypatch.setattr(scoreboard, "SCENES", FEW)
    monkeypatch.setattr(felt_view, "scoreboard", lambda: own)


def _edit(app: AppTest, *edit: Edit) -> Session:
    here: Session = app.session_state["explorer_session"]
    here.desk = replace(here.desk, history=here.desk.history.apply(*edit))
    app.run()
    return here


def _until(app: AppTest, text: str) -> str:
    for _ in range(120):
        if text in text_of(app):
            return text_of(app)
        time.sleep(0.25)
        app.run()
    raise AssertionError(text_of(app))


def test_the_difference_is_that_of_evaluate(page: Open) -> None:
    app = page(run="128")
    assert "AP50" not in text_of(app)  # nothing was done to it yet
    here = _edit(app, Edit("swap", (3, 9, "place")))
    assert "is measured" in text_of(app)
    shown = _until(app, "miniature with the one-shot weights")
    after, before = (
        100 * evaluate(arch, evaluation_scenes(FEW)).precision.ap50
        for arch in (here.desk.architecture, here.desk.before)
    )
    assert f"to {after:.1f} %" in shown
    assert f"{abs(round(after - before, 1)):.1f}**" in shown
    assert not app.exception


def test_a_step_that_the_miniature_does_not_feel_says_so(page: Open) -> None:
    app = page(run="128")
    _edit(app, Edit("set_op", (5, Op.RESIDUAL)))
    _until(app, "does not feel this step")


def test_nothing_is_said_without_weights(page: Open, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(miniature, "ONE_SHOT_FILE", tmp_path / "none.safetensors")
    app = page(run="128")
    _edit(app, Edit("set_level", (5, 3)))
    app.run()
    assert "AP50" not in text_of(app) and not app.exception
