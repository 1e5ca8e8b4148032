"""What the page of detections remembers: the scene, the sticker in hand, what was tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from explorer.architecture.architecture import Architecture

if TYPE_CHECKING:
    from explorer.app.background import Task
    from explorer.detection.miniature import MiniatureWeights
    from explorer.network.execution import Executor

_KEY = "explorer_stickers"


@dataclass(slots=True)
class Tuning:
    """A fine-tuning: what it is of, the losses so far, and the weights."""

    architecture: Architecture
    losses: list[tuple[int, float]] = field(default_factory=list)
    weights: MiniatureWeights | None = None


@dataclass(slots=True)
class Table:
    """One session's own."""

    scene: int = 1
    tried: list[Architecture] = field(default_factory=list)
    """Every architecture that this person looked at here, in order."""
    knocked: Architecture | None = None
    """Whose blocks are being measured."""
    tuning: Task[Tuning] | None = None

    def note(self, arch: Architecture) -> None:
        """Remember that this one was looked at."""
        if arch not in self.tried:
            self.tried = [*self.tried[-199:], arch]


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
