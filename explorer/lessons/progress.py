"""How far a person has come: their guesses and the tasks that they have done. A value, and JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from explorer.architecture.errors import FormatError
from explorer.architecture.strict_json import parse

VERSION = 1
MOST = 200
"""Lessons that a stored progress may speak of."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Guesses by lesson, lessons whose task is done, and the best solution of each challenge."""

    guesses: Mapping[str, int] = field(default_factory=dict)
    done: frozenset[str] = frozenset()
    solutions: Mapping[str, str] = field(default_factory=dict)
    """Share tokens by challenge."""

    def guessed(self, lesson: str, option: int) -> Progress:
        """With a guess; the first one counts.

        >>> Progress().guessed("levels", 2).guessed("levels", 1).guesses
        {'levels': 2}
        """
        return Progress({lesson: option, **self.guesses}, self.done, self.solutions)

    def finished(self, lesson: str) -> Progress:
        """With this lesson's task done."""
        return Progress(self.guesses, self.done | {lesson}, self.solutions)

    def solved(self, challenge: str, token: str) -> Progress:
        """With a solution of a challenge, in place of an earlier one."""
        return Progress(self.guesses, self.done, {**self.solutions, challenge: token})

    def together(self, other: Progress) -> Progress:
        """What either knows; where both do, this one's."""
        return Progress(
            {**other.guesses, **self.guesses},
            self.done | other.done,
            {**other.solutions, **self.solutions},
        )


def to_json(progress: Progress) -> str:
    """The progress as text, to keep or to hand in.

    >>> from_json(to_json(Progress().finished("levels"))).done
    frozenset({'levels'})
    """
    data = {
        "version": VERSION,
        "guesses": dict(sorted(progress.guesses.items())),
        "done": sorted(progress.done),
        "solutions": dict(sorted(progress.solutions.items())),
    }
    return json.dumps(data)


def from_json(text: str) -> Progress:
    """The progress that a text holds. Raises FormatError where it holds none."""
    data = parse(text, "The progress")
    match data:
        case {"version": 1, "guesses": dict(guesses), "done": list(done), **rest}:
            solutions = rest.get("solutions")
            solutions = solutions if isinstance(solutions, dict) else {}
            good = (
                all(isinstance(v, int) and not isinstance(v, bool) for v in guesses.values())
                and all(isinstance(name, str) for name in (*done, *guesses))
                and all(isinstance(token, str) for token in solutions.values())
                and max(len(guesses), len(done), len(solutions)) <= MOST
            )
            if good:
                return Progress(guesses, frozenset(done), solutions)
    raise FormatError("The progress: found something else. Choose a file that was exported here.")
