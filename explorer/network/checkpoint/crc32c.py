"""CRC-32C (Castagnoli), the checksum of TensorFlow checkpoints, at NumPy's speed.

A checksum is linear over bits: that of a whole follows from those of its parts. So a buffer is cut
into rows of equal length, all rows are run side by side two bytes a step, and neighbours are
joined in a tree. Leading zeros do not change a checksum that starts at 0: they fill the rows up.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]

_POLYNOMIAL = 0x82F63B78
_ROW = 128
_SEGMENT = 8192 * _ROW
_SMALL = 3072
"""Below so many bytes a plain loop is faster."""
_MASK_DELTA = 0xA282EAD8


def crc32c(data: bytes | bytearray | memoryview) -> int:
    """The CRC-32C of `data`.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    view = memoryview(data).cast("B")
    if len(view) < _SMALL:
        return _plain(view, 0xFFFFFFFF) ^ 0xFFFFFFFF
    values = np.frombuffer(view, np.uint8)
    # The odd bytes come first; the start value is added to the first four of all.
    first = (len(values) - 4) % _SEGMENT + 4
    crc = _rows(values[:first], 0xFFFFFFFF)
    for start in range(first, len(values), _SEGMENT):
        crc = _shift_one(crc, _SEGMENT) ^ _rows(values[start : start + _SEGMENT], 0)
    return crc ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    """A checksum as LevelDB and TensorFlow store it.

    >>> hex(masked(0xE3069283))
    '0xc78ab0e5'
    """
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF


def _plain(data: memoryview, crc: int) -> int:
    table = _byte_table()
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc


def _rows(values: NDArray[np.uint8], start: int) -> int:
    """The raw checksum (no final inversion) of one segment, begun with the state `start`."""
    count = 1
    while count * _ROW < len(values):
        count *= 2
    padded = np.zeros(count * _ROW, np.uint8)
    begin = len(padded) - len(values)
    padded[begin:] = values
    padded[begin : begin + 4] ^= np.frombuffer(start.to_bytes(4, "little"), np.uint8)
    columns = np.ascontiguousarray(padded.view("<u2").reshape(count, -1).T)
    table = _word_table()
    state = np.zeros(count, np.uint32)
    for column in columns:
        state = table[(state ^ column) & 0xFFFF] ^ (state >> np.uint32(16))
    length = _ROW
    while len(state) > 1:
        state = _shift(state[0::2], length) ^ state[1::2]
        length *= 2
    return int(state[0])


def _shift(states: Words, length: int) -> Words:
    """Each state after `length` zero bytes."""
    tables = _shift_tables(length)
    low, high = states & np.uint32(0xFFFF), states >> np.uint32(16)
    shifted: Words = tables[0][low] ^ tables[1][high]
    return shifted


def _shift_one(state: int, length: int) -> int:
    return int(_shift(np.array([state], np.uint32), length)[0])


@lru_cache(maxsize=1)
def _byte_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


@lru_cache(maxsize=1)
def _word_table() -> Words:
    """The state after two zero bytes, of each state below 65,536."""
    words = np.arange(65536, dtype=np.uint32)
    bytewise = np.array(_byte_table(), np.uint32)
    for _ in range(2):
        words = bytewise[words & np.uint32(0xFF)] ^ (words >> np.uint32(8))
    return words


@lru_cache(maxsize=32)
def _shift_tables(length: int) -> tuple[Words, Words]:
    """For the low and the high 16 bits of a state: what `length` zero bytes make of them.

    `length` is `_ROW` times a power of two: the tables of one length, applied twice, are those of
    the double.
    """
    halves = (np.arange(65536, dtype=np.uint32), np.arange(65536, dtype=np.uint32) << np.uint32(16))
    if length > _ROW:
        low, high = (_shift(half, length // 2) for half in halves)
        return _shift(low, length // 2), _shift(high, length // 2)
    table = _word_table()
    made = []
    for half in halves:
        states = half
        for _ in range(length // 2):
            states = table[states & np.uint32(0xFFFF)] ^ (states >> np.uint32(16))
        made.append(states)
    return made[0], made[1]
