"""The Learn page's address: lesson, network, photograph, what is hidden, and present mode."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from explorer.app.address import wished
from explorer.app.learning import HIDEABLE, Learning, open_challenge, open_lesson
from explorer.app.share import from_link, to_link
from explorer.app.state import Desk, apply, open_architecture, session
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError, FormatError
from explorer.architecture.route import route
from explorer.lessons.library import challenges, lesson

DESK_WORDS = ("net", "photo", "run")
"""What a lesson's link says of the desk; the rest is the lesson's."""


def restore_lesson(here: Learning) -> None:
    """Read the address bar where a person asks for something else than is there."""
    words = wished(bool(here.link))
    if not words or words == here.link:
        return
    here.link = words
    try:
        _read(here, words)
        here.notice = ""
    except ExplorerError as error:
        here.notice = f"This link cannot be opened: {error}"


def _read(here: Learning, words: dict[str, str]) -> None:
    wanted = lesson(words.get("lesson", here.lesson)).id
    hidden = frozenset(filter(None, words.get("hide", "").split(",")))
    if not hidden <= set(HIDEABLE):
        raise FormatError(
            f"Share link, hide: found {', '.join(sorted(hidden - set(HIDEABLE)))[:60]}, expected "
            f"some of {', '.join(HIDEABLE)}. Ask its sender for a new link."
        )
    shared = {name: words[name] for name in DESK_WORDS if name in words}
    desk = from_link(session().desk, shared)
    asked = words.get("challenge", "")
    if asked and asked not in {one.id for one in challenges()}:
        raise FormatError(f"Share link, challenge: found {asked[:40]!r}. Ask for a new link.")
    open_lesson(wanted)
    if asked:
        open_challenge(asked)
    here.hidden, here.present = hidden, words.get("present") == "1"
    made = desk.architecture
    if "net" in words and made != session().desk.architecture:
        _edited(here, made)
    if "photo" in words or "run" in words:
        session().desk = replace(session().desk, photo=desk.photo, run_size=desk.run_size)


def _edited(here: Learning, made: Architecture) -> None:
    """Put a network that was made from the lesson's on the desk, as edits where a route leads."""
    try:
        apply(*route(here.network, made).edits)
    except ExplorerError:
        open_architecture(made)


def words_of(
    here: Learning, desk: Desk, hide: Iterable[str] | None = None, present: bool | None = None
) -> dict[str, str]:
    """The words of a link to this lesson with the network as it is now."""
    shared = to_link(desk)
    found = {"lesson": here.lesson, **{n: shared[n] for n in DESK_WORDS if n in shared}}
    if here.challenge:
        found["challenge"] = here.challenge
    if desk.architecture == here.network:
        found.pop("net", None)
    hidden = here.hidden if hide is None else hide
    if hidden:
        found["hide"] = ",".join(sorted(hidden))
    if here.present if present is None else present:
        found["present"] = "1"
    return found


def remember_lesson(here: Learning) -> None:
    """Write the lesson into the address bar."""
    words = words_of(here, session().desk)
    if words != here.link or st.query_params.to_dict() != words:
        here.link = words
        st.query_params.from_dict(words)


def lesson_link(words: dict[str, str]) -> str:
    """The whole address, to copy."""
    parts = urlsplit(str(st.context.url or ""))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(words), ""))
