"""JSON from strangers: bounded, without surprises, and read field by field with clear errors."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from explorer.architecture.errors import FormatError
from explorer.architecture.rules import MAX_NAME

MAX_CHARS = 2_000_000
"""The longest text that is read, in characters."""
MAX_NUMBER = 10**9
"""No number in an architecture is larger than this."""

Choice = TypeVar("Choice", bound=StrEnum)


def parse(text: str, what: str, max_chars: int = MAX_CHARS) -> object:
    """The value that a JSON text holds.

    Raises
    ------
    FormatError: where the text is too long, no JSON, nested too deeply, or says NaN, Infinity or
        one key twice. `what` begins the sentence.

    >>> parse('{"level": 3}', "The file")
    {'level': 3}
    >>> parse("{'level': 3}", "The file")
    Traceback (most recent call last):
    explorer.architecture.errors.FormatError: The file: found text that is not JSON (line 1, \
column 2: expecting property name enclosed in double quotes), expected JSON. Mend it there.
    """
    if len(text) > max_chars:
        raise FormatError(
            f"{what}: found {len(text)} characters, expected at most {max_chars}. "
            "Choose a smaller file."
        )
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}: {_lower(error.msg)}"
        raise FormatError(
            f"{what}: found text that is not JSON ({place}), expected JSON. Mend it there."
        ) from None
    except RecursionError:
        raise FormatError(
            f"{what}: found lists nested too deeply, expected a few levels. "
            "Choose a file that this program wrote."
        ) from None
    except ValueError as error:  # of our hooks, and of numbers with thousands of digits
        raise FormatError(
            f"{what}: found {_lower(str(error))[:120]}, expected plain JSON. Mend it there."
        ) from None


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"the number {name}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r:.60} twice")
    return found


@dataclass(frozen=True, slots=True)
class Fields:
    """An object of a JSON text and where it stands there; every method raises FormatError.

    >>> Fields.of({"level": 3}, "Block 5").whole("level", None, 1, 7)
    3
    >>> Fields.of({"level": "x"}, "Block 5").whole("level", None, 1, 7)
    Traceback (most recent call last):
    explorer.architecture.errors.FormatError: Block 5, level: found "x", expected a whole number \
from 1 to 7. Correct it.
    """

    where: str
    values: Mapping[str, Any]

    @classmethod
    def of(cls, value: object, where: str) -> Fields:
        """The fields of a JSON object.

        >>> Fields.of({}, "The file").values
        {}
        """
        if not isinstance(value, dict):
            raise FormatError(
                f"{where}: found {shown(value)}, expected an object in braces. "
                "Choose a file that this program wrote."
            )
        return cls(where, value)

    def only(self, known: Iterable[str]) -> None:
        """Refuses keys that mean nothing here, and names those that are near."""
        names = list(known)
        for key in self.values:
            if key not in names:
                near = get_close_matches(key, names, n=1)
                hint = f"Did you mean {near[0]}?" if near else f"Remove {key!r:.60}."
                self._refuse(f"the key {key!r:.60}", f"only {', '.join(names)}", hint)

    def version(self, newest: int) -> None:
        """Refuses what a later program wrote."""
        found = self.values.get("version")
        if isinstance(found, int) and not isinstance(found, bool) and found > newest:
            self._refuse(
                f"version {shown(found)}, from a newer program",
                f"version {newest}",
                "Update this program.",
            )
        if found != newest or isinstance(found, bool | float):
            self._refuse(
                "no version" if found is None else f"version {shown(found)}",
                f"version {newest}",
                f'Write "version": {newest}.',
            )

    def whole(self, key: str, default: int | None, least: int, most: int) -> int:
        """A whole number in a range; without a default it must be there."""
        value = self._value(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self._wrong(key, f"a whole number from {least} to {most}")
        return value

    def maybe_whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number in a range, or None where it is null or left out."""
        return None if self.values.get(key) is None else self.whole(key, None, least, most)

    def number(self, key: str, default: float) -> float:
        """A finite number."""
        value = self._value(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(key, "a number")
        if not (abs(value) <= MAX_NUMBER and math.isfinite(value)):
            self._wrong(key, f"a number of at most {MAX_NUMBER}")
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._value(key, default)
        if not isinstance(value, bool):
            self._wrong(key, "true or false")
        return value

    def text(self, key: str, default: str) -> str:
        """A short text that can be shown on one line."""
        value = self._value(key, default)
        if not isinstance(value, str) or len(value) > MAX_NAME or not value.isprintable():
            self._wrong(key, f"text of at most {MAX_NAME} printable characters")
        return value

    def choice(self, key: str, kind: type[Choice], default: Choice | None) -> Choice:
        """One of the words of an enumeration."""
        value = self._value(key, default)
        if not isinstance(value, str) or value not in list(kind):
            near = get_close_matches(value, list(kind), n=1) if isinstance(value, str) else []
            self._wrong(
                key, f"one of {', '.join(kind)}", f"Did you mean {near[0]}?" if near else ""
            )
        return kind(value)

    def wholes(
        self, key: str, default: tuple[int, ...], most_items: int, least: int, most: int
    ) -> tuple[int, ...]:
        """A list of whole numbers in a range."""
        value = self._value(key, default)
        fits = isinstance(value, list | tuple) and len(value) <= most_items
        if not fits or not all(
            isinstance(item, int) and not isinstance(item, bool) and least <= item <= most
            for item in value
        ):
            expected = f"a list of at most {most_items} whole numbers from {least} to {most}"
            self._wrong(key, expected)
        return tuple(value)

    def objects(self, key: str, most: int) -> tuple[Fields, ...]:
        """A list of objects."""
        value = self._value(key, None)
        if not isinstance(value, list):
            self._wrong(key, "a list")
        if len(value) > most:
            self._wrong(key, f"a list of at most {most}", "Choose something smaller.")
        return tuple(Fields.of(item, f"{self.where}, {key}[{i}]") for i, item in enumerate(value))

    def inner(self, key: str) -> Fields:
        """The fields of an object in this one; empty where it is left out."""
        return Fields.of(self.values.get(key, {}), f"{self.where}, {key}")

    def _value(self, key: str, default: object) -> Any:
        if key not in self.values and default is None:
            self._refuse("nothing", "a value", "Add it.", key)
        return self.values.get(key, default)

    def _wrong(self, key: str, expected: str, mend: str = "") -> NoReturn:
        self._refuse(shown(self.values[key]), expected, mend or "Correct it.", key)

    def _refuse(self, found: str, expected: str, mend: str, key: str = "") -> NoReturn:
        where = f"{self.where}, {key}" if key else self.where
        raise FormatError(f"{where}: found {found}, expected {expected}. {mend}")


def shown(value: object) -> str:
    """A JSON value in a few words.

    >>> shown([1, 2, 3]), shown("x" * 99)
    ('a list of 3', '"xxxxxxxxxxxxxxxxxxxxxxxxxxxxx…')
    """
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, int) and abs(value) > 10**30:
        return "a huge number"
    if value is not None and not isinstance(value, str | int | float):
        return f"a {type(value).__name__}"  # from a list as Python writes it
    text = json.dumps(value)
    return text if len(text) <= 30 else f"{text[:30]}…"
