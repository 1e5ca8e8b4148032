"""What comes late, or is cut off for a later message, takes nothing back that a person did."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from explorer.app import address, drawing_view
from explorer.app.edit_form import _choose
from explorer.app.pictures import _pick
from explorer.app.share import restore, to_link
from explorer.app.state import Selected, apply, select, session, show_history
from explorer.app.toolbar import _open_picked
from explorer.architecture.edits import Edit
from explorer.architecture.history import History
from explorer.catalog import entry

SPINENET = entry("spinenet-49").architecture


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session of its own: outside a page, Streamlit has none."""
    monkeypatch.setattr(st, "session_state", {})
    show_history(History.start(SPINENET))
    yield


@pytest.mark.parametrize("went_back", [False, True])
def test_an_older_address_counts_where_the_back_button_led_to_it(
    monkeypatch: pytest.MonkeyPatch, went_back: bool
) -> None:
    here = session()
    older = to_link(here.desk)
    apply(Edit("set_level", (7, 5)))
    here.link = to_link(here.desk)
    run = SimpleNamespace(is_history_navigation=went_back)
    monkeypatch.setattr(address, "get_script_run_ctx", lambda: run)
    monkeypatch.setattr(st, "query_params", SimpleNamespace(to_dict=lambda: older))
    restore(here)
    assert here.desk.architecture.block(7).level == (4 if went_back else 5)


def test_a_gesture_that_was_cut_off_is_made_when_it_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = [{"n": 1, "kind": "edit", "edits": [["set_level", 7, 5]]}]
    monkeypatch.setattr(drawing_view, "sent_gestures", lambda key: sent)

    def cut_off(*edits: Edit) -> None:
        raise StopException

    with monkeypatch.context() as cut, pytest.raises(StopException):
        cut.setattr(drawing_view, "apply", cut_off)
        drawing_view._took()
    for _ in range(2):
        drawing_view._took()
    assert [step.text for step in session().desk.history.steps[1:]] == ["b7 to L5"]


def test_a_gesture_that_is_refused_does_not_hold_up_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = [
        {"n": 1, "kind": "redo"},
        {"n": 2, "kind": "edit", "edits": [["explode", 7]]},
        {"n": 3, "kind": "edit", "edits": [["set_level", 7, 5]]},
    ]
    monkeypatch.setattr(drawing_view, "sent_gestures", lambda key: sent)
    drawing_view._took()
    assert session().gesture == 3
    assert session().desk.architecture.block(7).level == 5


def test_a_list_that_came_late_chooses_nothing() -> None:
    """Streamlit calls back for a list that it forgot, with the value that this was shown with."""
    select(Selected(11))
    st.session_state["list"] = 7
    _choose("list", 7)
    assert session().desk.block == 11
    st.session_state["list"] = "resnet-50-fpn"
    _open_picked("list", "resnet-50-fpn")
    st.session_state["list"] = "dog"
    _pick("list", "dog")
    assert session().desk.architecture == SPINENET
    assert session().desk.photo == "scene-7"


def test_a_list_in_which_one_chose_is_heard() -> None:
    select(Selected(11))
    st.session_state["list"] = 7
    _choose("list", 11)
    assert session().desk.block == 7
    st.session_state["list"] = "resnet-50-fpn"
    _open_picked("list", "spinenet-49")
    assert session().desk.architecture == entry("resnet-50-fpn").architecture
