"""Snappy blocks unpacked: LevelDB tables may hold them (TensorFlow itself writes none).

Source: google/snappy `format_description.txt`.
"""

from __future__ import annotations

from explorer.architecture.errors import FormatError
from explorer.network.checkpoint.wire import Cursor

MAX_NBYTES = 1 << 26
"""The largest block that is unpacked."""


def unpacked(data: bytes | memoryview, where: str) -> bytes:
    """What a Snappy block holds.

    Raises FormatError where it is damaged, or claims more than `MAX_NBYTES`.

    >>> unpacked(bytes([5, 0, ord("a"), 0b01, 1]), "an example")
    b'aaaaa'
    """
    cursor = Cursor(data, where)
    length = cursor.varint()
    if length > MAX_NBYTES:
        raise FormatError(
            f"{where} claims {length} bytes once unpacked, at most {MAX_NBYTES} are expected."
        )
    out = bytearray()
    while not cursor.at_end and len(out) <= length:
        tag = cursor.take(1)[0]
        if tag & 3 == 0:
            out += cursor.take(_literal_length(tag, cursor))
        else:
            _copy(out, *_copy_parts(tag, cursor), where)
    if len(out) != length:
        raise FormatError(
            f"{where} is damaged: it unpacks to {len(out)} bytes or more, {length} were expected. "
            "Get a fresh copy."
        )
    return bytes(out)


def _literal_length(tag: int, cursor: Cursor) -> int:
    length = tag >> 2
    if length >= 60:
        length = int.from_bytes(cursor.take(length - 59), "little")
    return length + 1


def _copy_parts(tag: int, cursor: Cursor) -> tuple[int, int]:
    """How far back a copy begins, and how long it is."""
    if tag & 3 == 1:
        return (tag >> 5) << 8 | cursor.take(1)[0], (tag >> 2 & 7) + 4
    width = 2 if tag & 3 == 2 else 4
    return int.from_bytes(cursor.take(width), "little"), (tag >> 2) + 1


def _copy(out: bytearray, back: int, length: int, where: str) -> None:
    """Append a copy that may overlap what it appends."""
    if not 1 <= back <= len(out):
        raise FormatError(
            f"{where} is damaged: it copies from {back} bytes back where {len(out)} are written. "
            "Get a fresh copy."
        )
    begin = len(out) - back
    piece = out[begin : begin + length]
    out += (piece * (length // back + 1))[:length]
