"""The strip of steps: a click goes back, and a strip that is gone does nothing."""

from collections.abc import Iterator

import pytest
import streamlit as st

from explorer.app.history_strip import _go
from explorer.app.state import session, show_history
from explorer.architecture.edits import Edit
from explorer.architecture.history import History
from explorer.catalog import entry

THREE = (
    History.start(entry("spinenet-49").architecture)
    .apply(Edit("set_level", (7, 5)))
    .apply(Edit("set_level", (8, 4)))
)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session of its own: outside a page, Streamlit has none."""
    monkeypatch.setattr(st, "session_state", {})
    yield


def test_a_click_goes_to_its_step() -> None:
    show_history(THREE)
    st.session_state["strip"] = 1
    _go("strip", THREE)
    assert session().desk.history == THREE.goto(1)


def test_a_strip_of_an_earlier_history_takes_no_edit_back() -> None:
    later = THREE.apply(Edit("set_level", (10, 4)))
    show_history(later)
    st.session_state["strip"] = 2
    _go("strip", THREE)
    assert session().desk.history == later


def test_a_strip_with_steps_that_are_gone_raises_nothing() -> None:
    show_history(THREE.goto(0).apply(Edit("set_level", (5, 3))))
    st.session_state["strip"] = 2
    _go("strip", THREE)
    assert len(session().desk.history.steps) == 2
