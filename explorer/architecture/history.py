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
    """An architecture and the edits that led to it together; none where it was opened as it is."""

    edits: tuple[Edit, ...]
    architecture: Architecture

    @property
    def text(self) -> str:
        """What was done, in words.

        >>> from explorer.architecture.example import small
        >>> Step((Edit("set_level", (3, 5)), Edit("set_level", (4, 5))), small()).text
        'b3 to L5, b4 to L5'
        """
        return ", ".join(edit.text for edit in self.edits) or f"open {self.architecture.name}"


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
        return cls((Step((), arch),), 0)

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

    def apply(self, *edits: Edit) -> History:
        """The history with one more step: these edits, one after the other, undone together.

        Steps after the current one go. Edits that change nothing add no step. Raises EditError
        where one of them cannot be made; then none is.
        """
        arch = self.current
        for edit in edits:
            arch = edit.apply(arch)
        return self if arch == self.current else self._with(Step(edits, arch))

    def open(self, arch: Architecture) -> History:
        """The history with another architecture as its next step, so that undo leads back."""
        return self if arch == self.current else self._with(Step((), arch))

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
        if len(step.edits) == 1:
            line["edit"] = _data(step.edits[0])
        elif step.edits:
            line["edits"] = [_data(edit) for edit in step.edits]
        if not step.edits or not lines:  # the oldest may have lost what its edit was applied to
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
        entry.only(("architecture", "edit", "edits"))
        edits = _edits(entry)
        if "architecture" in entry.values or not steps or not edits:
            arch = from_data(entry.values.get("architecture"), f"{entry.where}, architecture")
        else:
            arch = steps[-1].architecture
            try:
                for edit in edits:
                    arch = edit.apply(arch)
            except EditError as error:
                raise FormatError(f"{entry.where}: {error}") from error
        steps.append(Step(edits, arch))
    return History(tuple(steps), fields.whole("cursor", len(steps) - 1, 0, len(steps) - 1))


def _data(edit: Edit) -> list[object]:
    return [edit.name, *edit.args]


def _edits(entry: Fields) -> tuple[Edit, ...]:
    """The edits of a step: `edit` is one, `edits` are several made together."""
    if "edit" in entry.values:
        return (_edit(entry.values["edit"], f"{entry.where}, edit"),)
    found = entry.values.get("edits", [])
    if not isinstance(found, list) or len(found) > MAX_STEPS:
        raise FormatError(
            f"{entry.where}, edits: found {str(found)[:60]}, expected a list of at most "
            f"{MAX_STEPS} edits. Write each as its name and arguments."
        )
    return tuple(_edit(one, f"{entry.where}, edits") for one in found)


def _edit(found: object, where: str) -> Edit:
    if not (isinstance(found, list) and found and found[0] in list(EDITS)):
        raise FormatError(
            f"{where}: found {str(found)[:60]}, expected a list of the name of an edit "
            f"and its arguments. Choose one of {', '.join(EDITS)}."
        )
    try:
        return Edit(
            found[0], tuple(tuple(arg) if isinstance(arg, list) else arg for arg in found[1:])
        )
    except EditError as error:
        raise FormatError(f"{where.rsplit(', ', 1)[0]}: {error}") from error
