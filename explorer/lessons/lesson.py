"""A lesson as a value: one idea, a guess, the answer, a task, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from explorer.architecture.architecture import Architecture
from explorer.architecture.edits import Edit
from explorer.lessons.expressions import Names, evaluate
from explorer.lessons.wording import mentioned


class Rule(StrEnum):
    """How the program finds the right answer among the options' values."""

    LARGEST = "largest"
    SMALLEST = "smallest"
    NEAREST = "nearest"
    """The option whose value is nearest to the computed one."""


class Figure(StrEnum):
    """What a lesson draws beside its network."""

    NONE = "none"
    PATHS = "paths"
    """Of each output: how its paths divide by the coarsest level that they meet."""
    COSTS = "costs"
    """Multiply-adds of stem, blocks, links and endpoints."""
    CELLS = "cells"
    """How many cells of each level a small and a large thing cover."""
    LINKS = "links"
    """Multiply-adds of each link, those that resize marked."""
    FIELDS = "fields"
    """The receptive field of each block in the order."""
    CROWD = "crowd"
    """Random architectures of the space by their multiply-adds."""
    BOTTLENECKS = "bottlenecks"
    """What the bottleneck level of P3 does to detection."""
    TRADE_OFF = "trade-off"
    """Published AP over multiply-adds."""
    FAMILY = "family"
    """Multiply-adds of SpineNet-49S to 190."""
    DAMAGE = "damage"
    """What is left of the paths when long links go, and when short ones go."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer: its text, an expression for its value, and a network of its own if it has one."""

    text: str
    value: str
    network: Architecture | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A guess before the answer is shown. The right option is computed, never written down."""

    text: str
    options: tuple[Option, ...]
    rule: Rule
    reveal: str
    target: str = ""
    """For `nearest`: the expression that the options are near to."""
    edits: tuple[Edit, ...] = ()
    """They make `after` of `start`, for the expressions to speak of."""

    def values(self, names: Names) -> tuple[float, ...]:
        """Each option's value; `this` is the option's own network."""
        return tuple(
            float(evaluate(one.value, {**names, "this": one.network} if one.network else names))
            for one in self.options
        )

    def answer(self, names: Names) -> int:
        """The place of the right option."""
        values = self.values(names)
        if self.rule is Rule.LARGEST:
            return values.index(max(values))
        if self.rule is Rule.SMALLEST:
            return values.index(min(values))
        target = float(evaluate(self.target, names))
        away = [abs(value - target) for value in values]
        return away.index(min(away))


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a task asks of the network on the desk, and what to show of it."""

    text: str
    check: str
    now: str = ""
    """A text with expressions: what holds at present."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do with the network, checked on its graph and numbers."""

    text: str
    conditions: tuple[Condition, ...]
    hint: str
    solution: tuple[Edit, ...]
    """One way among many; tests follow it."""
    wrong: tuple[Edit, ...]
    """A way that looks right and is not."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One idea in three to six minutes."""

    id: str
    title: str
    minutes: int
    idea: str
    network: Architecture
    figure: Figure
    question: Question
    task: Task
    why: str
    sources: tuple[str, ...]
    colour: str = "level"
    size: int = 640

    @property
    def texts(self) -> tuple[str, ...]:
        """What a person reads, in this order: idea, question, options, answer, task, why."""
        question, task = self.question, self.task
        options = (one.text for one in question.options)
        asked = (one.text for one in task.conditions)
        return (
            self.idea, question.text, *options, question.reveal, task.text, *asked, task.hint,
            self.why,
        )  # fmt: skip

    @property
    def words(self) -> tuple[str, ...]:
        """The terms of the glossary that it uses."""
        return mentioned("\n".join(self.texts))

    def names(self, here: Architecture | None = None) -> dict[str, Architecture]:
        """What expressions may speak of: `start`, `here`, and `after` the question's edits."""
        after = self.network
        for edit in self.question.edits:
            after = edit.apply(after)
        return {"start": self.network, "here": here or self.network, "after": after}


@dataclass(frozen=True, slots=True)
class Challenge:
    """An open problem with a score; a solution is a link."""

    id: str
    title: str
    network: Architecture
    task: Task
    score: str
    """An expression of `here`."""
    better: Rule
    score_text: str
    """How the score is shown: a text with expressions."""

    def names(self, here: Architecture) -> dict[str, Architecture]:
        """What expressions may speak of."""
        return {"start": self.network, "here": here}
