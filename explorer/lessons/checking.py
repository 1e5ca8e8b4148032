"""Whether a task is done: each of its conditions on the network that a person made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.codec import from_token
from explorer.architecture.edits import Edit
from explorer.architecture.errors import ExplorerError, FormatError
from explorer.architecture.rules import problems
from explorer.catalog import entry, names
from explorer.lessons.expressions import Names, evaluate
from explorer.lessons.lesson import Challenge, Condition
from explorer.lessons.wording import filled


class Checked(NamedTuple):
    """A condition, whether it holds, and what holds at present."""

    text: str
    holds: bool
    now: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every condition of a task, in order."""

    checked: tuple[Checked, ...]

    @property
    def done(self) -> bool:
        """Whether all hold."""
        return all(one.holds for one in self.checked)


def check(conditions: Sequence[Condition], known: Names) -> Verdict:
    """The conditions on the network `here`; a network with problems fulfils none.

    >>> from explorer.architecture.example import small
    >>> found = check([Condition("five blocks", "blocks(here) == 5")], {"here": small()})
    >>> found.done
    True
    """
    return Verdict(tuple(_checked(one, known) for one in conditions))


def _checked(one: Condition, known: Names) -> Checked:
    text = filled(one.text, known)
    wrong = problems(known["here"])
    if wrong:
        return Checked(text, False, str(wrong[0]))
    try:
        holds = bool(evaluate(one.check, known))
        return Checked(text, holds, filled(one.now, known))
    except ExplorerError as error:
        return Checked(text, False, str(error))


def made(arch: Architecture, edits: Sequence[Edit]) -> Architecture:
    """The architecture after these edits."""
    for edit in edits:
        arch = edit.apply(arch)
    return arch


class Score(NamedTuple):
    """A verified solution of a challenge."""

    architecture: Architecture
    verdict: Verdict
    score: float | None
    """None where a condition does not hold."""
    text: str


def verify(challenge: Challenge, link: str) -> Score:
    """What a solution is worth. `link` is a share link, its `net`, or a name of the catalog.

    Raises FormatError where it holds no network.
    """
    arch = _network(link)
    known = challenge.names(arch)
    verdict = check(challenge.task.conditions, known)
    if not verdict.done:
        return Score(arch, verdict, None, "")
    score = float(evaluate(challenge.score, known))
    return Score(arch, verdict, score, filled(challenge.score_text, known))


def _network(link: str) -> Architecture:
    from urllib.parse import parse_qs, urlsplit

    text = link.strip()
    if "=" in text:
        query = urlsplit(text).query or text
        found = parse_qs(query).get("net", [""])
        text = found[0]
    if not text:
        raise FormatError("The solution: found no network in this link. Copy the whole link.")
    return entry(text).architecture if text.casefold() in names() else from_token(text)
