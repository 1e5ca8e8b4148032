"""The Detections page's address holds all that is on it, and a broken one changes nothing."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from explorer.app.detect_link import words_of
from explorer.app.share import to_link
from explorer.app.state import Desk, Session
from explorer.app.sticker_table import InHand, Shown, Table
from explorer.architecture.architecture import Architecture
from explorer.architecture.edits import Edit
from explorer.architecture.history import History
from explorer.catalog import entry
from tests.pages.conftest import text_of

Open = Callable[..., AppTest]
SPINENET: Architecture = entry("spinenet-49").architecture
CHOSEN = Shown("Compose", 12, "hard", True, True, InHand("bus", "twemoji", 5, 128, 90, -30))


def _session() -> Session:
    history = History.start(SPINENET).apply(Edit("set_level", (5, 3)))
    return Session(Desk(history, "scene-7"))


def test_a_link_brings_everything_back() -> None:
    words = words_of(Table(CHOSEN), _session())
    app = AppTest.from_function(_read, kwargs={"words": words}).run()
    assert not app.exception
    here, desk = app.session_state["read"]
    assert here.shown == CHOSEN
    assert desk.history == _session().desk.history


def _read(words: dict) -> None:
    import streamlit as st

    from explorer.app.detect_link import restore_table
    from explorer.app.state import session
    from explorer.app.sticker_table import table

    st.query_params.from_dict(words)
    restore_table(table(), session())
    st.session_state["read"] = (table(), session().desk)


def test_what_is_as_usual_takes_no_words() -> None:
    assert words_of(Table(), _session()).keys() == to_link(_session().desk).keys()
    assert words_of(Table(Shown(scene=2)), _session())["scene"] == "2"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("view", "Elsewhere"),
        ("scene", "-1"),
        ("scene", "99999999999"),
        ("scene", "٣"),
        ("difficulty", ""),
        ("sticker", "bus.noto.5.5.5"),
        ("sticker", "bus.noto.5.5.5.5.5"),
        ("sticker", "dragon.noto.5.5.5.5"),
        ("sticker", "bus.oil.5.5.5.5"),
        ("sticker", "bus.noto.a.5.5.5"),
        ("sticker", ""),
        ("net", "no-such-network"),
    ],
)
def test_a_word_that_cannot_be_read_changes_nothing(page: Open, name: str, word: str) -> None:
    app = page("detect", **{"scene": "3", "photo": "eagle", name: word})
    assert not app.exception
    assert "This link cannot be opened" in text_of(app)
    assert app.session_state["explorer_stickers"].shown == Shown()
    assert app.session_state["explorer_session"].desk.photo == "scene-7"


def test_places_beyond_the_picture_are_brought_to_its_edge(page: Open) -> None:
    app = page("detect", view="Compose", sticker="bus.noto.-9.999.1.180")
    assert not app.exception
    assert app.slider(key="sticker-y").value == 128
    assert app.session_state["explorer_stickers"].shown.in_hand == InHand(
        "bus", "noto", 0, 128, 6, 45
    )


def test_the_address_follows_what_is_chosen(page: Open) -> None:
    app = page("detect")
    app.button(key="new-scene").click().run()
    app.toggle(key="truth").set_value(True).run()
    words = {name: app.query_params[name] for name in ("scene", "truth")}
    assert words in ({"scene": "2", "truth": "1"}, {"scene": ["2"], "truth": ["1"]})
    assert "view" not in app.query_params
