"""What the script sends, as values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from explorer.architecture.edits import Edit
from explorer.architecture.errors import FormatError

MOST_EDITS = 500


class Kind(StrEnum):
    """What a person did on the canvas."""

    EDIT = "edit"
    SELECT = "select"
    UNDO = "undo"
    REDO = "redo"


class Event(NamedTuple):
    """One gesture. `edits` are made together, or none of them."""

    kind: Kind
    edits: tuple[Edit, ...] = ()
    block: int = -1
    slot: int | None = None


def event_from(value: object) -> Event:
    """A gesture as the script sends it.

    Raises FormatError, or EditError for an edit whose arguments are off: nothing has been done.

    >>> event_from({"n": 1, "kind": "edit", "edits": [["set_level", 5, 3]]}).edits[0].text
    'b5 to L3'
    """
    if not isinstance(value, Mapping) or value.get("kind") not in set(Kind):
        raise FormatError("The canvas: found no gesture that is known here. Reload the page.")
    kind = Kind(value["kind"])
    if kind is Kind.EDIT:
        edits = value.get("edits")
        if not isinstance(edits, list) or not 1 <= len(edits) <= MOST_EDITS:
            raise FormatError("The canvas: found no list of edits. Reload the page.")
        return Event(kind, tuple(_edit(one) for one in edits))
    if kind is Kind.SELECT:
        block, slot = value.get("block"), value.get("slot")
        if not isinstance(block, int) or not isinstance(slot, int | None):
            raise FormatError("The canvas: found a selection without a block. Reload the page.")
        return Event(kind, block=block, slot=slot)
    return Event(kind)


def _edit(value: object) -> Edit:
    match value:
        case [str(name), *args]:
            given: list[Any] = [tuple(one) if isinstance(one, list) else one for one in args]
            return Edit(name, tuple(given))
        case _:
            raise FormatError("The canvas: found an edit without a name. Reload the page.")
