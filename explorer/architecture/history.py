"""A history of edits as a value: where a person has been, and where they stand."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from explorer.architecture.architecture import Architecture
from explorer.architecture.codec import from_data, to_data
from explorer.architecture.edits import EDITS, Edit
from explorer.architecture.errors import EditError, FormatError
from explorer.architecture.strict_json import Fields, parse

MAX_STEPS = 500
"""How many steps are kept; the oldest go first."""
VERSION = 1
MAX_CHARS = 32_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """An architecture and the edit that led to it; no edit where it was opened as it is."""

    edit: Edit | None
    architecture: Architecture


@dataclass(frozen=True, slots=True)
class History:
    """Steps, oldest first, and the index of the one that is shown.

    >>> from explorer.architecture.example import small
    >>> history = History.start(small()).apply(Edit("set_level", (2, 5)))
    >>> history.current.block(2).level, history.undo().current == small()
    (5, True)
    """

    steps: tuple[Step, ...]
    cursor: int

    @classmethod
    def start(cls, arch: Architecture) -> History:
        """A history of one step.

        >>> from explorer.architecture.example import small
        >>> History.start(small()).can_undo
        False
        """
        return cls((Step(None, arch),), 0)

    @property
    def current(self) -> Architecture:
        """The architecture that is shown."""
        return self.steps[self.cursor].architecture

    @property
    def can_undo(self) -> bool:
        """Whether there is a step before the current one."""
        return self.cursor > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a step after the current one."""
        return self.cursor < len(self.steps) - 1

    def apply(self, edit: Edit) -> History:
        """The history with one more step; steps after the current one go.

        An edit that changes nothing adds no step. Raises EditError where it cannot be made.
        """
        arch = edit.apply(self.current)
        return self if arch == self.current else self._with(Step(edit, arch))

    def open(self, arch: Architecture) -> History:
        """The history with another architecture as its next step, so that undo leads back."""
        return self if arch == self.current else self._with(Step(None, arch))

    def _with(self, step: Step) -> History:
        steps = (*self.steps[: self.cursor + 1], step)[-MAX_STEPS:]
        return History(steps, len(steps) - 1)

    def undo(self) -> History:
        """One step back. Raises EditError at the first step."""
        return self.goto(self.cursor - 1)

    def redo(self) -> History:
        """One step forward. Raises EditError at the last step."""
        return self.goto(self.cursor + 1)

    def goto(self, index: int) -> History:
        """The same steps with another one shown. Raises EditError where there is no such step."""
        if not 0 <= index < len(self.steps):
            raise EditError(
                f"The history: found step {index}, expected 0 to {len(self.steps) - 1}. "
                "Choose one of these steps."
            )
        return replace(self, cursor=index)


def history_to_json(history: History) -> str:
    """The history as text: architectures that were opened, and edits from there on, a line each.

    >>> from explorer.architecture.example import small
    >>> history = History.start(small()).apply(Edit("remove", (2,))).undo()
    >>> history_from_json(history_to_json(history)) == history
    True
    """
    lines: list[dict[str, object]] = []
    for step in history.steps:
        line: dict[str, object] = {}
        if step.edit is not None:
            line["edit"] = [step.edit.name, *step.edit.args]
        if step.edit is None or not lines:  # the oldest may have lost what its edit was applied to
            line["architecture"] = to_data(step.architecture)
        lines.append(line)
    steps = ",\n  ".join(json.dumps(line) for line in lines)
    head = f'"version": {VERSION},\n "cursor": {history.cursor}'
    return f'{{\n {head},\n "steps": [\n  {steps}\n ]\n}}\n'


def history_from_json(text: str) -> History:
    """The history that `history_to_json` wrote: edits are made again.

    Raises
    ------
    FormatError: where the text is no history, or one of its edits cannot be made.

    >>> history_from_json('{"version": 1, "steps": []}')
    Traceback (most recent call last):
    explorer.architecture.errors.FormatError: The history, steps: found none, expected one or \
more. Start anew.
    """
    fields = Fields.of(parse(text, "The history", max_chars=MAX_CHARS), "The history")
    fields.version(VERSION)
    fields.only(("version", "cursor", "steps"))
    entries = fields.objects("steps", MAX_STEPS)
    if not entries:
        raise FormatError("The history, steps: found none, expected one or more. Start anew.")
    steps: list[Step] = []
    for entry in entries:
        entry.only(("architecture", "edit"))
        edit = _edit(entry) if "edit" in entry.values else None
        if "architecture" in entry.values or not steps or edit is None:
            arch = from_data(entry.values.get("architecture"), f"{entry.where}, architecture")
        else:
            try:
                arch = edit.apply(steps[-1].architecture)
            except EditError as error:
                raise FormatError(f"{entry.where}: {error}") from error
        steps.append(Step(edit, arch))
    return History(tuple(steps), fields.whole("cursor", len(steps) - 1, 0, len(steps) - 1))


def _edit(entry: Fields) -> Edit:
    found = entry.values["edit"]
    if not (isinstance(found, list) and found and found[0] in list(EDITS)):
        raise FormatError(
            f"{entry.where}, edit: found {str(found)[:60]}, expected a list of the name of an edit "
            f"and its arguments. Choose one of {', '.join(EDITS)}."
        )
    try:
        return Edit(
            found[0], tuple(tuple(arg) if isinstance(arg, list) else arg for arg in found[1:])
        )
    except EditError as error:
        raise FormatError(f"{entry.where}: {error}") from error
