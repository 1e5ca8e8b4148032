"""What each block of a network carries, as far as it is measured: AP50 that is lost without it.

Every block is a question of its own to the scoreboard, so nothing that was measured is lost by a
stop, and figures of another network, or of other weights, can never be shown for this one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from explorer.app.background import Lane, Task
from explorer.app.scoreboard import Question, scoreboard
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.detection.evaluation import Evaluation
    from explorer.detection.miniature import MiniatureWeights


class Carried(NamedTuple):
    """How far it is known."""

    whole: float | None
    """AP50 with every block, 0 to 1."""
    lost: tuple[tuple[int, float], ...]
    """Blocks and the AP50 that is lost without each, in their order."""
    blocks: int
    """How many there are to measure."""
    trouble: str = ""
    """Why a measuring ended without a figure."""

    @property
    def complete(self) -> bool:
        """Whether every block is measured."""
        return self.whole is not None and len(self.lost) == self.blocks


def carried(arch: Architecture, values: MiniatureWeights) -> Carried:
    """What is known of the blocks of `arch` with these weights; nothing is begun."""
    blocks = _blocks(arch)
    try:
        whole, *rest = (_ap50(task) for task in _asked(arch, values))
    except ExplorerError as error:
        return Carried(None, (), len(blocks), str(error))
    if whole is None:
        return Carried(None, (), len(blocks))
    pairs = zip(blocks, rest, strict=True)
    lost = ((block, whole - ap50) for block, ap50 in pairs if ap50 is not None)
    return Carried(whole, tuple(lost), len(blocks))


def measure(arch: Architecture, values: MiniatureWeights) -> None:
    """Let all that is not known yet be measured in the background, one after another."""
    for question in _questions(arch):
        scoreboard().ask(question, values, Lane.SERIES)


def stop(arch: Architecture, values: MiniatureWeights) -> None:
    """Stop what is not measured yet."""
    for task in _asked(arch, values):
        if task is not None and not task.done:
            task.stop()


def _asked(arch: Architecture, values: MiniatureWeights) -> Iterator[Task[Evaluation] | None]:
    board = scoreboard()
    return (board.asked(question, values) for question in _questions(arch))


def _questions(arch: Architecture) -> Iterator[Question]:
    """With every block, and then without each."""
    yield Question(arch)
    for block in _blocks(arch):
        yield Question(arch, (block,))


def _blocks(arch: Architecture) -> tuple[int, ...]:
    from explorer.detection.miniature import permuted

    return permuted(arch)


def _ap50(task: Task[Evaluation] | None) -> float | None:
    if task is None or not task.done:
        return None
    found = task.result()
    return None if found is None else found.precision.ap50
