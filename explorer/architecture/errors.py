"""One family of errors; each message says where, what was found, what was expected, how to mend."""

from __future__ import annotations

from dataclasses import dataclass


class ExplorerError(Exception):
    """The base of every error that a person may see. Its text is one or more plain sentences."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an architecture, in parts that a drawing or a test can point at.

    `block` is the id of the block it is about, None where it is about the whole.
    """

    code: str
    place: str
    found: str
    expected: str
    mend: str
    block: int | None = None

    def __str__(self) -> str:
        return f"{self.place}: found {self.found}, expected {self.expected}. {self.mend}"


class ArchitectureError(ExplorerError):
    """An architecture that cannot be run or counted; `problems` has every reason."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")


class EditError(ExplorerError):
    """An edit that cannot be made; the architecture is unchanged."""


class SizeError(ExplorerError):
    """An image size at which the feature maps of some block do not meet."""


class FormatError(ExplorerError):
    """Text or a file that does not hold what it should."""


class UnknownNameError(ExplorerError):
    """A name that nothing has; the message names those that are near."""
