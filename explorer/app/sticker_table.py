"""What the page of detections remembers: the scene, the sticker in hand, what was tuned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from explorer.architecture.architecture import Architecture

if TYPE_CHECKING:
    from explorer.app.background import Task
    from explorer.detection.miniature import MiniatureWeights
    from explorer.network.execution import Executor

_KEY = "explorer_stickers"
VIEWS = {
    "Scenes": ":material/imagesmode:",
    "Compose": ":material/stylus:",
    "Knock-out": ":material/electrical_services:",
    "Fine-tune": ":material/fitness_center:",
}
"""What the page can show, with icons."""
DIFFICULTIES = {"easy": 0.15, "default": 0.5, "hard": 0.9}
"""Of scenes, in words."""


@dataclass(slots=True)
class Tuning:
    """A fine-tuning as far as it is."""

    architecture: Architecture
    losses: list[tuple[int, float]] = field(default_factory=list)
    """Steps and losses."""
    weights: MiniatureWeights | None = None
    step: int = 0
    """That `weights` are of."""
    ap50: dict[int, float] = field(default_factory=dict)
    """By step, 0 being the shared weights; as far as it was looked at."""


class InHand(NamedTuple):
    """The sticker that is put on a photograph; whole pixels of the network's input, degrees."""

    name: str = "cat-face"
    style: str = "noto"
    x: int = 64
    y: int = 64
    size: int = 44
    angle: int = 0


class Shown(NamedTuple):
    """What a person chose to see.

    Widgets show it and change it: one that is not on the page for a while forgets what it had.
    """

    view: str = "Scenes"
    scene: int = 1
    difficulty: str = "default"
    truth: bool = False
    """Whether the exact boxes are shown."""
    unseen: bool = False
    """Whether stickers have the style that was never trained on."""
    in_hand: InHand = InHand()


@dataclass(slots=True)
class Table:
    """One session's own."""

    shown: Shown = field(default_factory=Shown)
    knocked: Architecture | None = None
    """Whose blocks are being measured."""
    tuning: Task[Tuning] | None = None
    tuned: dict[Architecture, MiniatureWeights] = field(default_factory=dict)
    """The last weights that were tuned for each network."""
    use_tuned: bool = False
    link: dict[str, str] = field(default_factory=dict)
    """What the address bar was given last."""


def table() -> Table:
    """The table of this browser tab."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Table()
    found: Table = st.session_state[_KEY]
    return found


def weights_for() -> MiniatureWeights:
    """The weights that come with this program, or untrained ones where they are not there."""
    from explorer.detection.miniature import miniature_weights

    return miniature_weights()


@st.cache_resource(max_entries=1, show_spinner="Loading PyTorch")
def executor() -> Executor:
    """Runs miniatures for all sessions, over a cache of its own."""
    from explorer.network.execution import Executor

    return Executor(256 << 20, 256 << 20)
