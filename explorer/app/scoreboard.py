"""Average precision of architectures at the miniature scale, measured once and kept.

The set is small and fixed, so that a figure comes within a second or two after an edit; the
command line has the whole one.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from explorer.app.background import Lane, Task, queue_up, start
from explorer.architecture.architecture import Architecture
from explorer.architecture.miniature import miniature, places
from explorer.catalog import entry

if TYPE_CHECKING:
    from explorer.detection.evaluation import Evaluation
    from explorer.detection.miniature import MiniatureWeights

SCENES = 64
"""Of the fixed evaluation set: its first ones."""
MOST_KEPT = 2000
CATALOG = ("spinenet-49", "r0-sp53", "r23-sp30", "resnet-50-fpn", "mobile-spinenet-49")
"""The catalog's different orders; the others are these at other widths or lengths."""


class Measured(NamedTuple):
    """The figures of one architecture."""

    title: str
    ap: float
    ap50: float
    small: float
    medium: float
    large: float
    macs: int


@dataclass(frozen=True, slots=True)
class Question:
    """What to measure."""

    architecture: Architecture
    bypass: tuple[int, ...] = ()

    @property
    def key(self) -> Hashable:
        """Equal for architectures of one structure, whatever they and their blocks are called."""
        made, place = miniature(self.architecture), places(self.architecture)
        return made.blocks, frozenset(place[block] for block in self.bypass)


class Scoreboard:
    """What was measured, for all sessions; figures of other weights are kept apart."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[Hashable, Task[Evaluation]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked yet; then PyTorch may not even be loaded."""
        return not self._kept

    def ask(
        self,
        question: Question,
        values: MiniatureWeights | None = None,
        lane: Lane = Lane.FIGURES,
    ) -> Task[Evaluation]:
        """The task that measures it; the same one where it was asked before."""
        key = _key(question, values)
        with self._lock:
            found = self._kept.get(key)
            if found is None or found.stopped.is_set():
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
                found = start(lambda task: _measure(question, values, task), lane)
                self._kept[key] = found
            elif not found.done:
                queue_up(found, lane)
            return found

    def asked(
        self, question: Question, values: MiniatureWeights | None = None
    ) -> Task[Evaluation] | None:
        """The task that measures it where there is one; nothing is begun."""
        found = self._kept.get(_key(question, values))
        return None if found is None or found.stopped.is_set() else found


def _key(question: Question, values: MiniatureWeights | None) -> Hashable:
    label = "" if values is None or values.weights is None else values.weights.version
    return question.key, label


def _measure(
    question: Question, values: MiniatureWeights | None, task: Task[Evaluation]
) -> Evaluation:
    from explorer.detection.evaluation import evaluate
    from explorer.detection.scenes import evaluation_scenes

    return evaluate(
        question.architecture,
        evaluation_scenes(SCENES),
        values=values,
        bypass=question.bypass,
        should_stop=task.stopped.is_set,
    )


@st.cache_resource(max_entries=1, show_spinner=False)
def scoreboard() -> Scoreboard:
    """The one scoreboard of this server."""
    return Scoreboard()


def measured(title: str, found: Evaluation) -> Measured:
    """The figures under a name."""
    told = found.precision
    return Measured(
        title, told.ap, told.ap50, told.ap_small, told.ap_medium, told.ap_large, found.macs
    )


def catalog_questions() -> dict[str, Question]:
    """The catalog's orders by title."""
    return {entry(name).title: Question(entry(name).architecture) for name in CATALOG}
