"""The lessons and challenges of the data files, read and checked once."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from explorer.architecture.architecture import Architecture
from explorer.architecture.edits import Edit
from explorer.architecture.errors import FormatError, UnknownNameError
from explorer.catalog import entry
from explorer.lessons.lesson import (
    Challenge,
    Condition,
    Figure,
    Lesson,
    Option,
    Question,
    Rule,
    Task,
)
from explorer.search.space import architecture, sample, space_of

DATA = Path(__file__).parent / "data"


@cache
def lessons() -> tuple[Lesson, ...]:
    """Every lesson, in the order in which they are taken.

    >>> len(lessons()) >= 12
    True
    """
    return tuple(_lesson(path) for path in sorted((DATA / "lessons").glob("*.toml")))


@cache
def challenges() -> tuple[Challenge, ...]:
    """Every challenge, the easiest first."""
    return tuple(_challenge(path) for path in sorted((DATA / "challenges").glob("*.toml")))


def lesson(lesson_id: str) -> Lesson:
    """The lesson of this id. Raises UnknownNameError where there is none."""
    for found in lessons():
        if found.id == lesson_id:
            return found
    known = ", ".join(one.id for one in lessons())
    raise UnknownNameError(f"Lessons: found none called {lesson_id[:40]!r}. Choose one of {known}.")


def _lesson(path: Path) -> Lesson:
    data = _read(path)
    try:
        return Lesson(
            id=path.stem.partition("-")[2],
            title=data["title"],
            minutes=data["minutes"],
            idea=data["idea"].strip(),
            network=_network(data["network"]),
            figure=Figure(data.get("figure", "none")),
            question=_question(data["question"]),
            task=_task(data["task"]),
            why=data["why"].strip(),
            sources=tuple(data["sources"]),
            colour=data.get("colour", "level"),
        )
    except (KeyError, ValueError) as error:
        raise FormatError(f"{path.name}: found no good {error}. Mend the lesson.") from error


def _challenge(path: Path) -> Challenge:
    data = _read(path)
    return Challenge(
        id=path.stem.partition("-")[2],
        title=data["title"],
        network=_network(data["network"]),
        task=_task(data["task"]),
        score=data["score"],
        better=Rule(data["better"]),
        score_text=data["score_text"],
    )


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _network(data: dict[str, Any]) -> Architecture:
    """A name of the catalog, edited; or, with a seed, a random one of that network's space."""
    arch = entry(data["name"]).architecture
    if "seed" in data:
        space = space_of(arch)
        arch = architecture(space, sample(space, 1, data["seed"]), 0, data["title"])
    for edit in _edits(data.get("edits", [])):
        arch = edit.apply(arch)
    return arch


def _edits(rows: list[list[Any]]) -> tuple[Edit, ...]:
    return tuple(
        Edit(name, tuple(tuple(arg) if isinstance(arg, list) else arg for arg in args))
        for name, *args in rows
    )


def _question(data: dict[str, Any]) -> Question:
    return Question(
        text=data["text"].strip(),
        options=tuple(
            Option(one["text"], str(one["value"]), _network(one["network"]) if "network" in one
                   else None)
            for one in data["options"]
        ),
        rule=Rule(data["rule"]),
        reveal=data["reveal"].strip(),
        target=data.get("target", ""),
        edits=_edits(data.get("edits", [])),
    )  # fmt: skip


def _task(data: dict[str, Any]) -> Task:
    return Task(
        text=data["text"].strip(),
        conditions=tuple(
            Condition(one["text"], one["check"], one.get("now", "")) for one in data["conditions"]
        ),
        hint=data["hint"].strip(),
        solution=_edits(data["solution"]),
        wrong=_edits(data["wrong"]),
    )
