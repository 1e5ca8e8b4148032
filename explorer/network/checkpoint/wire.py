"""Bytes read front to back: numbers and protocol-buffer fields, each checked before it is taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from explorer.architecture.errors import FormatError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class Cursor:
    """A place in some bytes. Nothing is read past the end: that is a FormatError.

    `where` names the bytes in its messages.

    >>> cursor = Cursor(bytes([0x96, 0x01, 0xFF]), "an example")
    >>> cursor.varint(), cursor.take(1)[0], cursor.at_end
    (150, 255, True)
    """

    def __init__(self, data: bytes | memoryview, where: str) -> None:
        self._data = memoryview(data)
        self._at = 0
        self.where = where

    @property
    def at_end(self) -> bool:
        """Whether every byte has been taken."""
        return self._at == len(self._data)

    @property
    def left(self) -> int:
        """How many bytes are still to come."""
        return len(self._data) - self._at

    def take(self, count: int) -> memoryview:
        """The next `count` bytes. Raises FormatError where fewer are left."""
        if count > self.left:
            raise FormatError(
                f"{self.where} is damaged: a part of it claims {count} bytes where {self.left} are "
                "left. Get a fresh copy."
            )
        self._at += count
        return self._data[self._at - count : self._at]

    def varint(self) -> int:
        """The next base-128 number, of at most 64 bits.

        Raises FormatError on a longer one, and on one that ends in zeros it does not need: no
        writer makes those, a damaged byte does.
        """
        value = 0
        for shift in range(0, 70, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value >> 64 or (byte == 0 and shift):
                    break
                return value
        raise FormatError(
            f"{self.where} is damaged: it holds a number that is not in the shortest form, or of "
            "more than 64 bits. Get a fresh copy."
        )


class Field(NamedTuple):
    """One field of a message: `number` holds what is a number, `data` what is bytes."""

    tag: int
    number: int
    data: memoryview


def fields(data: bytes | memoryview, where: str) -> Iterator[Field]:
    """The fields of a protocol-buffer message, in the order in which they stand.

    Raises FormatError where they do not fit into the message, or are of an unknown wire type.

    >>> [(f.tag, f.number) for f in fields(bytes([0x08, 0x05, 0x10, 0x01]), "an example")]
    [(1, 5), (2, 1)]
    """
    cursor = Cursor(data, where)
    nothing = memoryview(b"")
    while not cursor.at_end:
        key = cursor.varint()
        tag, kind = key >> 3, key & 7
        if kind == VARINT:
            yield Field(tag, cursor.varint(), nothing)
        elif kind == BYTES:
            yield Field(tag, 0, cursor.take(cursor.varint()))
        elif kind in (FIXED32, FIXED64):
            taken = cursor.take(4 if kind == FIXED32 else 8)
            yield Field(tag, int.from_bytes(taken, "little"), nothing)
        else:
            raise FormatError(f"{where} is damaged: it holds wire type {kind}. Get a fresh copy.")


def text(data: memoryview, where: str) -> str:
    """The text of some bytes. Raises FormatError where they are not UTF-8."""
    try:
        return bytes(data).decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError(
            f"{where} is damaged: a name in it is not UTF-8. Get a fresh copy."
        ) from None
