"""LevelDB tables, read whole: the `.index` file of a TensorFlow checkpoint.

Source: google/leveldb `doc/table_format.md`; TensorFlow writes the same format.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from explorer.architecture.errors import FormatError
from explorer.network.checkpoint.crc32c import crc32c, masked
from explorer.network.checkpoint.snappy import unpacked
from explorer.network.checkpoint.wire import Cursor

MAX_NBYTES = 1 << 24
"""The largest table that is read; those of the official models have a few hundred thousand bytes.
"""
MAX_KEY_NBYTES = 4096
MAX_KEYS_NBYTES = 1 << 26
"""Of all keys together: a key that repeats the one before takes three bytes of the file."""
_FOOTER_NBYTES = 48
_TRAILER_NBYTES = 5
_MAGIC = bytes.fromhex("57fb808b247547db")


class Handle(NamedTuple):
    """Where a block stands; `size` leaves out the five bytes after it."""

    offset: int
    size: int

    @property
    def end(self) -> int:
        """The first byte after the block, its compression byte and its checksum."""
        return self.offset + self.size + _TRAILER_NBYTES


def read_table(data: bytes, where: str) -> dict[bytes, bytes]:
    """Every entry of a table, in its order. Every byte of the file is accounted for.

    Raises FormatError where anything about it is not as the format says: the length, a checksum, an
    unknown compression, keys out of order, bytes that belong to nothing.
    """
    if not _FOOTER_NBYTES <= len(data) <= MAX_NBYTES:
        raise FormatError(
            f"{where} has {len(data)} bytes, {_FOOTER_NBYTES} to {MAX_NBYTES} were expected: it is "
            "not the index of a TensorFlow 2 checkpoint, or is cut short."
        )
    if not data.endswith(_MAGIC):
        raise FormatError(
            f"{where} does not end as the index of a TensorFlow 2 checkpoint ends: it is another "
            "kind of file, or is cut short."
        )
    meta, index = _footer(data, where)
    handles = [_handle(value, where) for _, value in _entries(data, index, where)]
    _check_cover(data, [*handles, meta, index], where)
    for _ in _entries(data, meta, where):
        pass  # TensorFlow writes none; its checksum is checked all the same
    found: dict[bytes, bytes] = {}
    last: bytes | None = None
    total = 0
    for handle in handles:
        for key, value in _entries(data, handle, where):
            total += len(key)
            if total > MAX_KEYS_NBYTES:
                raise FormatError(
                    f"{where}: its keys have more than {MAX_KEYS_NBYTES} bytes, fewer are expected."
                )
            if last is not None and key <= last:
                raise FormatError(f"{where} is damaged: its keys are not in order.")
            found[key] = value
            last = key
    return found


def _footer(data: bytes, where: str) -> tuple[Handle, Handle]:
    cursor = Cursor(data[-_FOOTER_NBYTES : -len(_MAGIC)], where)
    meta = Handle(cursor.varint(), cursor.varint())
    index = Handle(cursor.varint(), cursor.varint())
    if any(cursor.take(cursor.left)):
        raise FormatError(f"{where} is damaged: its last 48 bytes are not as they should be.")
    return meta, index


def _handle(value: bytes, where: str) -> Handle:
    cursor = Cursor(value, where)
    handle = Handle(cursor.varint(), cursor.varint())
    if not cursor.at_end:
        raise FormatError(f"{where} is damaged: a block's address has bytes too many.")
    return handle


def _check_cover(data: bytes, handles: list[Handle], where: str) -> None:
    """Blocks follow each other without gap or overlap, up to the footer."""
    at = 0
    for handle in handles:
        if handle.offset != at:
            raise FormatError(
                f"{where} is damaged: a block begins at byte {handle.offset}, expected {at}."
            )
        at = handle.end
    if at != len(data) - _FOOTER_NBYTES:
        raise FormatError(
            f"{where} is damaged: its blocks end at byte {at}, expected "
            f"{len(data) - _FOOTER_NBYTES}."
        )


def _block(data: bytes, handle: Handle, where: str) -> bytes:
    """A block's bytes, checked and unpacked."""
    if handle.end > len(data) - _FOOTER_NBYTES:
        raise FormatError(
            f"{where} is cut short or damaged: a block ends at byte {handle.end}, at most "
            f"{len(data) - _FOOTER_NBYTES} is possible. Get a fresh copy."
        )
    checked = memoryview(data)[handle.offset : handle.end - 4]
    stored = int.from_bytes(data[handle.end - 4 : handle.end], "little")
    if masked(crc32c(checked)) != stored:
        raise FormatError(
            f"{where} is damaged: the checksum of the block at byte {handle.offset} is wrong. Get "
            "a fresh copy."
        )
    compression = checked[-1]
    if compression == 0:
        return bytes(checked[:-1])
    if compression == 1:
        return unpacked(checked[:-1], where)
    raise FormatError(
        f"{where}: found a block of compression {compression}, expected 0 (none) or 1 (Snappy)."
    )


def _entries(data: bytes, handle: Handle, where: str) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of one block."""
    block = _block(data, handle, where)
    restarts = int.from_bytes(block[-4:], "little") if len(block) >= 4 else -1
    end = len(block) - 4 - 4 * restarts
    if restarts < 0 or end < 0:
        raise FormatError(f"{where} is damaged: a block has no room for its own restart points.")
    cursor = Cursor(memoryview(block)[:end], where)
    key = b""
    while not cursor.at_end:
        shared, unshared, length = cursor.varint(), cursor.varint(), cursor.varint()
        if shared > len(key) or shared + unshared > MAX_KEY_NBYTES:
            raise FormatError(
                f"{where} is damaged: a key takes {shared} bytes of the {len(key)} before it and "
                f"adds {unshared}, at most {MAX_KEY_NBYTES} are expected."
            )
        key = key[:shared] + bytes(cursor.take(unshared))
        yield key, bytes(cursor.take(length))
