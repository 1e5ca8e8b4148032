"""The address bar as a share link: one typed list of properties drives both directions.

A link holds the whole history (networks that were opened, and edits), the selection, the
photograph, the colouring and the sizes: what its sender saw. Only the pixels of an uploaded
photograph stay with the sender; the link then names the sample that was chosen before.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from explorer.app.address import wished
from explorer.app.state import (
    COUNT_SIZES,
    RUN_SIZES,
    Desk,
    Selected,
    Session,
    is_scene,
    still_there,
)
from explorer.architecture.codec import from_token, to_token
from explorer.architecture.errors import ExplorerError, FormatError
from explorer.architecture.history import History, history_from_json, history_to_json
from explorer.catalog import entries, entry, photos
from explorer.drawing.drawing import Colour


class Property(NamedTuple):
    """One word of a link: how it is written, and how it changes a desk when read."""

    name: str
    write: Callable[[Desk], str]
    read: Callable[[Desk, str], Desk]


def _write_network(desk: Desk) -> str:
    """A catalog name where nothing was done to it, else the present network alone."""
    for known in entries():
        if known.architecture == desk.architecture:
            return known.name
    return to_token(desk.architecture)


def _read_network(desk: Desk, text: str) -> Desk:
    named = {known.name for known in entries()}
    arch = entry(text).architecture if text in named else from_token(text)
    return replace(desk, history=History.start(arch), selected=None)


def _write_steps(desk: Desk) -> str:
    """Every step; nothing where there is one, or where they are more than a link should hold."""
    if len(desk.history.steps) == 1:
        return ""
    packed = zlib.compress(history_to_json(desk.history).encode(), 9)
    text = base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")
    return text if len(text) <= MAX_STEPS_TEXT else ""


def _read_steps(desk: Desk, text: str) -> Desk:
    if not text:
        return desk
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        unpacking = zlib.decompressobj()
        raw = unpacking.decompress(packed, MAX_STEPS_NBYTES)
        if not unpacking.eof:
            raise ValueError
        history = history_from_json(raw.decode())
    except (ValueError, zlib.error):
        raise FormatError(
            "Share link, steps: found a broken or shortened link. Copy the whole link again."
        ) from None
    return replace(desk, history=history)


def _read_selected(desk: Desk, text: str) -> Desk:
    if not text:
        return replace(desk, selected=None)
    block, _, slot = text.partition(".")
    found = Selected(_whole("select", block), _whole("select", slot) if slot else None)
    return replace(desk, selected=still_there(desk.architecture, found))


def _write_selected(desk: Desk) -> str:
    if desk.selected is None:
        return ""
    block, slot = desk.selected
    return str(block) if slot is None else f"{block}.{slot}"


def _read_photo(desk: Desk, text: str) -> Desk:
    names = [text] if is_scene(text) else [photo.name for photo in photos()]
    return replace(desk, photo=_one_of("photo", text, names))


def _read_colour(desk: Desk, text: str) -> Desk:
    return replace(desk, colour=Colour(_one_of("colour", text, [c.value for c in Colour])))


def _read_count(desk: Desk, text: str) -> Desk:
    return replace(desk, count_size=int(_one_of("count", text, [str(s) for s in COUNT_SIZES])))


def _read_run(desk: Desk, text: str) -> Desk:
    return replace(desk, run_size=int(_one_of("run", text, [str(s) for s in RUN_SIZES])))


def _read_head(desk: Desk, text: str) -> Desk:
    return replace(desk, with_head=_one_of("head", text, ["none", "retinanet"]) == "retinanet")


PROPERTIES = (
    Property("net", _write_network, _read_network),
    Property("steps", _write_steps, _read_steps),
    Property("select", _write_selected, _read_selected),
    Property("photo", lambda desk: desk.photo, _read_photo),
    Property("colour", lambda desk: desk.colour.value, _read_colour),
    Property("count", lambda desk: str(desk.count_size), _read_count),
    Property("run", lambda desk: str(desk.run_size), _read_run),
    Property("head", lambda desk: "retinanet" if desk.with_head else "none", _read_head),
)
"""In the order of reading: a selection makes sense once the network is there."""
MAX_STEPS_TEXT = 16_000
"""Characters of a link that steps may take; a few hundred edits fit."""
MAX_STEPS_NBYTES = 4_000_000


def to_link(desk: Desk) -> dict[str, str]:
    """The desk in words; those that would be empty are left out."""
    words = {one.name: one.write(desk) for one in PROPERTIES}
    return {name: word for name, word in words.items() if word}


def from_link(desk: Desk, words: dict[str, str]) -> Desk:
    """The desk that the words describe; what they leave out stays as on `desk`.

    A network that is named without steps or a selection has none.

    Raises FormatError where a word cannot be read.
    """
    for one in PROPERTIES:
        if one.name in words:
            desk = one.read(desk, words[one.name])
    return desk


def restore(here: Session) -> None:
    """Read the address bar where a person asks for something else than is there.

    So a link opens, the browser's back button goes back, and a reload loses nothing. A broken link
    leaves the desk as it is and says so.
    """
    words = wished(bool(here.link))
    if not words or words == here.link:
        return
    here.link = words
    try:
        here.desk = from_link(here.desk, words)
        here.notice = ""
    except ExplorerError as error:
        here.notice = f"This link cannot be opened: {error}"


def remember(here: Session) -> None:
    """Write the desk into the address bar."""
    words = to_link(here.desk)
    if words != here.link or st.query_params.to_dict() != words:
        here.link = words
        st.query_params.from_dict(words)


def full_link(desk: Desk) -> str:
    """The whole address, to copy."""
    parts = urlsplit(str(st.context.url or ""))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(to_link(desk)), ""))


def _one_of(name: str, found: str, expected: list[str]) -> str:
    if found in expected:
        return found
    raise FormatError(
        f"Share link, {name}: found {found[:40]!r}, expected one of {', '.join(expected)}. "
        "Ask its sender for a new link."
    )


def _whole(name: str, found: str) -> int:
    if found.isascii() and found.isdigit() and len(found) < 10:
        return int(found)
    raise FormatError(
        f"Share link, {name}: found {found[:40]!r}, expected a number. "
        "Ask its sender for a new link."
    )
