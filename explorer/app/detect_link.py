"""The Detections page's address: the network with its history, the view, the scene, the sticker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import streamlit as st

from explorer.app.share import from_link, to_link
from explorer.app.state import MOST_SCENES, Session
from explorer.app.sticker_drag import moved_from
from explorer.app.sticker_table import DIFFICULTIES, VIEWS, InHand, Shown, Table
from explorer.architecture.errors import ExplorerError, FormatError


class Word(NamedTuple):
    """One word of a link: how it is written, and how it changes what is shown when read."""

    name: str
    write: Callable[[Shown], str]
    read: Callable[[Shown, str], Shown]


def _read_view(shown: Shown, text: str) -> Shown:
    return shown._replace(view=_one_of("view", text, list(VIEWS)))


def _read_scene(shown: Shown, text: str) -> Shown:
    if not (text.isascii() and text.isdigit() and len(text) < 8 and int(text) < MOST_SCENES):
        raise _wrong("scene", text, f"a number below {MOST_SCENES}")
    return shown._replace(scene=int(text))


def _read_difficulty(shown: Shown, text: str) -> Shown:
    return shown._replace(difficulty=_one_of("difficulty", text, list(DIFFICULTIES)))


def _read_sticker(shown: Shown, text: str) -> Shown:
    from explorer.detection.stickers import names

    name, style, *numbers = [*text.split("."), ""]
    _one_of("sticker", name, names().classes)
    _one_of("sticker", style, names().styles)
    try:
        at = dict(zip(("x", "y", "size", "angle"), map(int, numbers[:-1]), strict=True))
    except ValueError:
        raise _wrong("sticker", text, "its name, style, x, y, size and angle") from None
    return shown._replace(in_hand=InHand(name, style, *moved_from(at)))


WORDS = (
    Word("view", lambda shown: shown.view, _read_view),
    Word("scene", lambda shown: str(shown.scene), _read_scene),
    Word("difficulty", lambda shown: shown.difficulty, _read_difficulty),
    Word(
        "truth",
        lambda shown: str(int(shown.truth)),
        lambda shown, text: shown._replace(truth=text == "1"),
    ),
    Word(
        "unseen",
        lambda shown: str(int(shown.unseen)),
        lambda shown, text: shown._replace(unseen=text == "1"),
    ),
    Word("sticker", lambda shown: ".".join(map(str, shown.in_hand)), _read_sticker),
)


def restore_table(here: Table, on_desk: Session) -> None:
    """Read the address bar where it holds something else than was last written there.

    A word that cannot be read leaves everything as it is, and is told.
    """
    words = st.query_params.to_dict()
    if not words or words == here.link:
        return
    here.link = words
    try:
        desk, shown = from_link(on_desk.desk, words), here.shown
        for word in WORDS:
            if word.name in words:
                shown = word.read(shown, words[word.name])
    except ExplorerError as error:
        on_desk.notice = f"This link cannot be opened: {error}"
        return
    on_desk.desk, on_desk.notice, here.shown = desk, "", shown


def words_of(here: Table, on_desk: Session) -> dict[str, str]:
    """Everything on the page in words; those that are as in a new session are left out."""
    own = {word.name: word.write(here.shown) for word in WORDS}
    usual = {word.name: word.write(Shown()) for word in WORDS}
    return to_link(on_desk.desk) | dict(own.items() - usual.items())


def remember_table(here: Table, on_desk: Session) -> None:
    """Write the page into the address bar."""
    words = words_of(here, on_desk)
    if words != here.link or st.query_params.to_dict() != words:
        here.link = words
        st.query_params.from_dict(words)


def _one_of(name: str, found: str, expected: Sequence[str]) -> str:
    if found in expected:
        return found
    raise _wrong(name, found, f"one of {', '.join(expected)}")


def _wrong(name: str, found: str, expected: str) -> FormatError:
    return FormatError(
        f"Share link, {name}: found {found[:40]!r}, expected {expected}. Ask its sender for a new "
        "link."
    )
