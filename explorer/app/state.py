"""All that a session remembers, typed, in one place.

A `Desk` is what a person has in front of them, as a value: widgets read it, callbacks replace it,
a share link writes it down. `Session` holds the desk and what is being computed for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from explorer.architecture.architecture import Architecture
from explorer.architecture.edits import Edit
from explorer.architecture.errors import ExplorerError
from explorer.architecture.history import History
from explorer.catalog import entry
from explorer.drawing.drawing import Colour

if TYPE_CHECKING:
    from explorer.app.jobs import Job, Pictures, Request

FIRST_ARCHITECTURE = "spinenet-49"
COUNT_SIZES = (224, 256, 320, 384, 512, 640, 896, 1024, 1280, 1536)
"""Sides in pixels that a person may count at; published tables use most of them."""
RUN_SIZES = (128, 256, 384, 512, 640)
"""Sides in pixels that a network may run at: multiples of 128 fit every level up to L7."""
FIRST_SCENE = 7
"""Small and large stickers, few of them hidden."""
MOST_SCENES = 1_000_000
_SCENE = "scene-"
_KEY = "explorer_session"


class Selected(NamedTuple):
    """A block, or with a slot the link into that slot of it."""

    block: int
    slot: int | None = None


class Upload(NamedTuple):
    """A person's own photograph, as it came."""

    name: str
    data: bytes

    @property
    def digest(self) -> str:
        """Names its content."""
        return sha256(self.data).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Desk:
    """What a person has in front of them."""

    history: History
    photo: str
    """Name of a sample photograph or of a scene; what is shown where there is no upload."""
    upload: Upload | None = None
    selected: Selected | None = None
    colour: Colour = Colour.LEVEL
    count_size: int = 640
    """Side of the square image that costs are counted for, in pixels."""
    run_size: int = 256
    """Side of the square image that the network runs on, in pixels."""
    with_head: bool = False
    """Count the RetinaNet head too."""

    @property
    def architecture(self) -> Architecture:
        """The network now."""
        return self.history.current

    @property
    def start(self) -> Architecture:
        """The network that was opened last, before the edits that led to the present one."""
        steps = self.history.steps[: self.history.cursor + 1]
        opened = (step.architecture for step in reversed(steps) if not step.edits)
        return next(opened, steps[0].architecture)

    @property
    def before(self) -> Architecture | None:
        """The network one step ago; None at the first step."""
        cursor = self.history.cursor
        return self.history.steps[cursor - 1].architecture if cursor else None

    @property
    def block(self) -> int:
        """The block that forms and pictures are about, also where none was selected yet."""
        return self.selected.block if self.selected else first_choice(self.architecture)

    @property
    def picture_key(self) -> str:
        """Names the photograph that the network runs on."""
        return self.upload.digest if self.upload else self.photo


@dataclass(slots=True)
class Session:
    """The desk, and what is going on for it. The one object in Streamlit's session state."""

    desk: Desk
    notice: str = ""
    """What went wrong last, in a sentence; what the person had is kept."""
    job: Job | None = None
    stopped: Request | None = None
    """What a person stopped: not run again until they ask for it."""
    shown: Pictures | None = None
    """The last pictures that were computed; dimmed while the next are."""
    gesture: int = 0
    """The number of the last gesture on the canvas that was taken up."""
    also: tuple[int, ...] = ()
    """Blocks that are chosen on the canvas together with the selected one; no link holds them."""
    gestures: RLock = field(default_factory=RLock)
    """Held while gestures are taken up: two runs of the page may be at it at once."""
    link: dict[str, str] = field(default_factory=dict)
    """What the address bar was given last."""


def session() -> Session:
    """The session of this browser tab; the first call makes it, with SpineNet-49 on the desk."""
    if _KEY not in st.session_state:
        first = entry(FIRST_ARCHITECTURE).architecture
        st.session_state[_KEY] = Session(Desk(History.start(first), scene_name(FIRST_SCENE)))
    found: Session = st.session_state[_KEY]
    return found


def is_new() -> bool:
    """Whether nothing has been put on this browser tab's desk yet."""
    return _KEY not in st.session_state


def scene_name(number: int) -> str:
    """What a scene of stickers is called among the photographs.

    >>> scene_name(7), is_scene("scene-7"), is_scene("dog"), scene_number("scene-7")
    ('scene-7', True, False, 7)
    """
    return f"{_SCENE}{number}"


def is_scene(name: str) -> bool:
    """Whether a picture's name is that of a scene."""
    number = name.removeprefix(_SCENE)
    plain = number.isascii() and number.isdigit() and len(number) < 8
    return name.startswith(_SCENE) and plain and int(number) < MOST_SCENES


def scene_number(name: str) -> int:
    """The seed of a scene."""
    return int(name.removeprefix(_SCENE))


def first_choice(arch: Architecture) -> int:
    """A block worth looking at first: the first that may be edited, else the last of all."""
    free = [block.id for block in arch.blocks if not block.in_stem] or [arch.blocks[-1].id]
    return free[0]


def still_there(arch: Architecture, selected: Selected | None) -> Selected | None:
    """The selection as far as it still exists: itself, the block of a link that is gone, none."""
    if selected is None:
        return None
    found = [block for block in arch.blocks if block.id == selected.block]
    if not found:
        return None
    if selected.slot is not None and selected.slot >= len(found[0].parents):
        return Selected(selected.block)
    return selected


def show_history(history: History) -> None:
    """Put a history on the desk."""
    here = session()
    selected = still_there(history.current, here.desk.selected)
    here.desk = replace(here.desk, history=history, selected=selected)
    here.notice = ""


def apply(*edits: Edit) -> None:
    """Make edits as one step; where one cannot be made, say why and keep everything."""
    here = session()
    try:
        show_history(here.desk.history.apply(*edits))
    except ExplorerError as error:
        here.notice = str(error)


def open_architecture(arch: Architecture) -> None:
    """Put another architecture on the desk; undo leads back to the one before."""
    show_history(session().desk.history.open(arch))


def select(selected: Selected | None) -> None:
    """Select a block or a link, or nothing."""
    here = session()
    here.desk = replace(here.desk, selected=still_there(here.desk.architecture, selected))
