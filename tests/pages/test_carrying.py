"""What blocks carry as a colouring of the drawing: in the background, and never of another one."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from explorer.app import carrying, carrying_view, scoreboard
from explorer.app.carrying import Carried, carried, measure, stop
from explorer.app.carrying_view import amounts
from explorer.app.scoreboard import Question, Scoreboard
from explorer.app.state import Session
from explorer.architecture.edits import set_level
from explorer.catalog import entry
from explorer.detection.evaluation import evaluate
from explorer.detection.miniature import miniature_weights, permuted
from explorer.detection.scenes import evaluation_scenes
from explorer.drawing.drawing import Colour
from tests.pages.conftest import text_of

Open = Callable[..., AppTest]
FEW = 2
SPINENET = entry("spinenet-49").architecture


@pytest.fixture(autouse=True)
def few_scenes(monkeypatch: pytest.MonkeyPatch) -> Scoreboard:
    """A scoreboard of two scenes, which no other test sees."""
    own = Scoreboard()
    monkeypatch.setattr(scoreboard, "SCENES", FEW)
    for room in (carrying, carrying_view):
        monkeypatch.setattr(room, "scoreboard", lambda: own)
    return own


def _wait(complete: Callable[[], bool]) -> None:
    for _ in range(240):
        if complete():
            return
        time.sleep(0.25)
    raise AssertionError("not within a minute")


def test_what_is_lost_is_what_evaluate_says() -> None:
    values = miniature_weights()
    assert carried(SPINENET, values) == Carried(None, (), 15)
    measure(SPINENET, values)
    _wait(lambda: carried(SPINENET, values).complete)
    found = carried(SPINENET, values)
    assert [block for block, _ in found.lost] == list(permuted(SPINENET))
    scenes = evaluation_scenes(FEW)
    whole = evaluate(SPINENET, scenes).precision.ap50
    without = evaluate(SPINENET, scenes, bypass=(13,)).precision.ap50
    assert found.whole == pytest.approx(whole)
    assert dict(found.lost)[13] == pytest.approx(whole - without)


def test_a_stop_keeps_what_was_measured_and_one_can_go_on() -> None:
    values = miniature_weights()
    measure(SPINENET, values)
    _wait(lambda: len(carried(SPINENET, values).lost) >= 2)
    stop(SPINENET, values)
    kept = carried(SPINENET, values).lost
    assert 2 <= len(kept) < 15
    time.sleep(0.5)
    assert carried(SPINENET, values).lost == kept
    measure(SPINENET, values)
    _wait(lambda: carried(SPINENET, values).complete)
    assert carried(SPINENET, values).lost[: len(kept)] == kept


def test_blocks_of_one_structure_are_told_by_their_places() -> None:
    """b2 and b3 of the one stand where b3 and b2 of the other do: ids alone would mix them up."""
    swapped = {2: 3, 3: 2}
    blocks = tuple(
        replace(
            block,
            id=swapped.get(block.id, block.id),
            parents=tuple(swapped.get(parent, parent) for parent in block.parents),
        )
        for block in SPINENET.blocks
    )
    other = replace(SPINENET, blocks=blocks)
    assert Question(other).key == Question(SPINENET).key
    assert Question(other, (2,)).key == Question(SPINENET, (3,)).key
    assert Question(other, (2,)).key != Question(SPINENET, (2,)).key
    assert Question(SPINENET, (5, 2)).key == Question(SPINENET, (2, 5)).key
    assert Question(set_level(SPINENET, 5, 3)).key != Question(SPINENET).key


def test_the_page_colours_what_is_measured_and_nothing_after_an_edit(page: Open) -> None:
    app = page(colour="carried", run="128")
    here: Session = app.session_state["explorer_session"]
    assert not app.exception
    assert here.desk.colour is Colour.CARRIED and not amounts(here.desk)

    def complete() -> bool:
        app.run()
        return "With every block AP50 is" in text_of(app)

    _wait(complete)
    assert not app.exception
    assert len(amounts(here.desk)) == 15
    history = here.desk.history
    here.desk = replace(here.desk, history=history.open(set_level(SPINENET, 5, 3)))
    app.run()
    assert not app.exception
    assert not amounts(here.desk)
    assert "With every block" not in text_of(app)
    here.desk = replace(here.desk, history=history)
    app.run()  # undo is a look-up
    assert "With every block AP50 is" in text_of(app)


def test_stop_and_go_on(page: Open) -> None:
    app = page(colour="carried", run="128").run()
    app.button(key="carrying-stop").click().run()
    here: Session = app.session_state["explorer_session"]
    kept = amounts(here.desk)
    app.run()
    assert amounts(here.desk) == kept
    app.button(key="carrying-go").click().run()
    assert app.button(key="carrying-stop")
    assert not app.exception


def test_a_network_without_a_miniature_says_why(page: Open) -> None:
    app = page(net="ssdlite-mobilenetv2", colour="carried", run="128")
    assert not app.exception
    assert "What blocks carry cannot be measured" in text_of(app)
