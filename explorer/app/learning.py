"""What the Learn page remembers of a session: the lesson, the step, progress, what is hidden."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import streamlit as st

from explorer.app.state import open_architecture, session
from explorer.architecture.architecture import Architecture
from explorer.architecture.codec import to_token
from explorer.drawing.drawing import Colour
from explorer.lessons.checking import Verdict, check
from explorer.lessons.lesson import Challenge, Lesson
from explorer.lessons.library import challenges, lesson, lessons
from explorer.lessons.progress import Progress

_KEY = "explorer_learning"
STEPS = ("Idea", "Guess", "Answer", "Task", "Why")
"""What the arrow keys step through in present mode."""
HIDEABLE = {"list": "list of lessons", "form": "form for edits", "hint": "hint", "chart": "chart",
            "words": "words", "try": "stickers to try"}  # fmt: skip
"""Controls that a teacher's link may leave out, and what they are called."""


@dataclass(slots=True)
class Learning:
    """The one object of the Learn page in Streamlit's session state."""

    lesson: str
    progress: Progress = field(default_factory=Progress)
    challenge: str = ""
    """The challenge that is tried in place of the lesson."""
    opened: Architecture | None = None
    """What this page put on the desk last."""
    hint: bool = False
    step: int = 0
    """In present mode."""
    present: bool = False
    hidden: frozenset[str] = frozenset()
    link: dict[str, str] = field(default_factory=dict)
    """What the address bar was given last."""
    notice: str = ""
    kept: str = ""
    """What the browser gave back last."""

    @property
    def current(self) -> Lesson:
        """The lesson that is taken."""
        return lesson(self.lesson)

    @property
    def tried(self) -> Challenge | None:
        """The challenge that is tried."""
        return next((one for one in challenges() if one.id == self.challenge), None)

    @property
    def network(self) -> Architecture:
        """What the lesson or challenge begins with."""
        return self.tried.network if self.tried else self.current.network


def learning() -> Learning:
    """The Learn page's memory; the first call begins with the first lesson."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Learning(lessons()[0].id)
    found: Learning = st.session_state[_KEY]
    return found


def open_lesson(lesson_id: str) -> None:
    """Take a lesson: its network goes on the desk as one step, so that undo leads back."""
    here = learning()
    found = lesson(lesson_id)
    here.lesson, here.challenge, here.hint, here.step = lesson_id, "", False, 0
    _begin(here, Colour(found.colour))


def open_challenge(challenge_id: str) -> None:
    """Try a challenge, with its network on the desk."""
    here = learning()
    here.challenge, here.hint, here.present = challenge_id, False, False
    _begin(here, Colour.LEVEL)


def start_over() -> None:
    """Put the network of the lesson or challenge on the desk once more; guesses stay."""
    _begin(learning(), session().desk.colour)


def _begin(here: Learning, colour: Colour) -> None:
    here.opened = here.network
    open_architecture(here.network)
    session().desk = replace(session().desk, colour=colour, selected=None, with_head=False)


def enter() -> None:
    """On entering the page: see that the lesson's network is on the desk, or one made from it."""
    here = learning()
    if here.opened != here.network or session().desk.start != here.network:
        open_challenge(here.challenge) if here.challenge else open_lesson(here.lesson)
    if not here.challenge and here.lesson in here.progress.guesses:
        verdict()  # so that whatever is drawn first knows of it


def guess(option: int | None) -> None:
    """Take down a guess; the first one counts."""
    here = learning()
    if option is not None:
        here.progress = here.progress.guessed(here.lesson, option)
        here.step = max(here.step, 2)


def verdict() -> Verdict:
    """Whether the network on the desk does what the task asks; a task that is done stays done."""
    here, arch = learning(), session().desk.architecture
    found = check(here.current.task.conditions, here.current.names(arch))
    if found.done and here.lesson in here.progress.guesses:
        here.progress = here.progress.finished(here.lesson)
    return found


def next_lesson() -> None:
    """The lesson after this one; after the last, the first."""
    ids = [one.id for one in lessons()]
    open_lesson(ids[(ids.index(learning().lesson) + 1) % len(ids)])


def hand_in() -> None:
    """Keep the network on the desk as the solution of the challenge, where it is one."""
    here, arch = learning(), session().desk.architecture
    found = here.tried
    if found and check(found.task.conditions, found.names(arch)).done:
        here.progress = here.progress.solved(found.id, to_token(arch))
