"""What the script sends, as values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from explorer.architecture.edits import Edit
from explorer.architecture.errors import ExplorerError, FormatError

MOST_EDITS = 500
MOST_GESTURES = 500


class Kind(StrEnum):
    """What a person did on the canvas."""

    EDIT = "edit"
    SELECT = "select"
    UNDO = "undo"
    REDO = "redo"


class Event(NamedTuple):
    """One gesture. `edits` are made together, or none of them."""

    number: int
    """Later gestures of one browser tab have greater numbers."""
    kind: Kind
    edits: tuple[Edit, ...] = ()
    block: int = -1
    slot: int | None = None
    also: tuple[int, ...] = ()
    """Blocks that are chosen together with the selected one."""
    refused: str = ""
    """Why it is none, in a sentence; then only the number counts."""


def events_from(value: object, seen: int = 0) -> tuple[Event, ...]:
    """The gestures that the script sends, without those up to the number `seen`.

    One that cannot be read is among them, as refused: the others must not wait for it.
    Raises FormatError where nothing can be read.

    >>> sent = [{"n": 1, "kind": "undo"}, {"n": 2, "kind": "edit", "edits": [["set_level", 5, 3]]}]
    >>> [event.edits[0].text for event in events_from(sent, 1)]
    ['b5 to L3']
    """
    if not isinstance(value, list) or len(value) > MOST_GESTURES:
        raise FormatError("The canvas: found no list of gestures. Reload the page.")
    numbered = [(_number(one), one) for one in value]
    return tuple(_read(number, one) for number, one in numbered if number > seen)


def _read(number: int, value: Mapping[str, object]) -> Event:
    try:
        return _event(number, value)
    except ExplorerError as error:
        return Event(number, Kind.EDIT, refused=str(error))


def _number(value: object) -> int:
    number = value.get("n") if isinstance(value, Mapping) else None
    if isinstance(number, bool) or not isinstance(number, int):
        raise FormatError("The canvas: found a gesture without a number. Reload the page.")
    return number


def _event(number: int, value: Mapping[str, object]) -> Event:
    if value.get("kind") not in set(Kind):
        raise FormatError("The canvas: found no gesture that is known here. Reload the page.")
    kind = Kind(str(value["kind"]))
    if kind is Kind.EDIT:
        edits = value.get("edits")
        if not isinstance(edits, list) or not 1 <= len(edits) <= MOST_EDITS:
            raise FormatError("The canvas: found no list of edits. Reload the page.")
        return Event(number, kind, tuple(_edit(one) for one in edits))
    if kind is Kind.SELECT:
        block, slot = value.get("block"), value.get("slot")
        if not isinstance(block, int) or not isinstance(slot, int | None):
            raise FormatError("The canvas: found a selection without a block. Reload the page.")
        also = value.get("also", [])
        if not isinstance(also, list) or not all(isinstance(one, int) for one in also):
            raise FormatError("The canvas: found other blocks that are none. Reload the page.")
        return Event(number, kind, block=block, slot=slot, also=tuple(also[:MOST_EDITS]))
    return Event(number, kind)


def _edit(value: object) -> Edit:
    match value:
        case [str(name), *args]:
            given: list[Any] = [tuple(one) if isinstance(one, list) else one for one in args]
            return Edit(name, tuple(given))
        case _:
            raise FormatError("The canvas: found an edit without a name. Reload the page.")
