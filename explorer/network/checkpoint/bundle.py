"""The tensors of a TensorFlow 2 checkpoint: `PREFIX.index` and its data files, checked throughout.

Source: tensorflow `core/util/tensor_bundle/` and `core/protobuf/tensor_bundle.proto`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from explorer.architecture.errors import FormatError
from explorer.network.checkpoint.crc32c import crc32c, masked
from explorer.network.checkpoint.table import MAX_NBYTES, read_table
from explorer.network.checkpoint.wire import Cursor, fields, text

STRING = 7
BFLOAT16 = 14
DTYPES: Mapping[int, np.dtype] = MappingProxyType(
    {
        1: np.dtype("<f4"),
        2: np.dtype("<f8"),
        3: np.dtype("<i4"),
        4: np.dtype("u1"),
        5: np.dtype("<i2"),
        6: np.dtype("i1"),
        9: np.dtype("<i8"),
        10: np.dtype("?"),
        BFLOAT16: np.dtype("<u2"),
        17: np.dtype("<u2"),
        19: np.dtype("<f2"),
        22: np.dtype("<u4"),
        23: np.dtype("<u8"),
    }
)
"""How each stored type lies in the file; bfloat16 as the upper half of a float32's bits."""
MAX_SHARDS = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one tensor's bytes stand, and what they should add up to."""

    key: str
    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    nbytes: int
    checksum: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """A checkpoint whose index has been read, and whose data files are there, at their lengths."""

    shards: tuple[Path, ...]
    entries: Mapping[str, Entry]

    def array(self, key: str) -> NDArray[np.generic]:
        """A numeric tensor, its checksum checked; bfloat16 comes as float32.

        Raises FormatError where the bytes are not those that were written.
        """
        entry = self.entries[key]
        if entry.dtype == STRING:
            raise FormatError(f"{key}: found text, expected numbers.")
        values = np.frombuffer(self._checked(entry), DTYPES[entry.dtype])
        if entry.dtype == BFLOAT16:
            values = (values.astype(np.uint32) << 16).view(np.float32)
        return values.reshape(entry.shape)

    def strings(self, key: str) -> tuple[bytes, ...]:
        """A text tensor's elements, in C order. Raises FormatError like `array`."""
        entry = self.entries[key]
        if entry.dtype != STRING:
            raise FormatError(f"{key}: found numbers, expected text.")
        return _strings(entry, self._bytes(entry))

    def verify(self) -> None:
        """Nothing, where every tensor's bytes are those that were written; else a FormatError."""
        for entry in self.entries.values():
            if entry.dtype == STRING:
                _strings(entry, self._bytes(entry))
            else:
                self._checked(entry)

    def _checked(self, entry: Entry) -> bytes:
        data = self._bytes(entry)
        if masked(crc32c(data)) != entry.checksum:
            raise _wrong_checksum(entry)
        return data

    def _bytes(self, entry: Entry) -> bytes:
        path = self.shards[entry.shard]
        try:
            with path.open("rb") as file:
                file.seek(entry.offset)
                data = file.read(entry.nbytes)
        except OSError as error:
            raise FormatError(f"{path.name} cannot be read: {error.strerror}.") from None
        if len(data) != entry.nbytes:
            raise FormatError(f"{path.name} became shorter while it was read. Get a fresh copy.")
        return data


def open_bundle(prefix: Path) -> Bundle:
    """The checkpoint `PREFIX.index`, `PREFIX.data-00000-of-00001`, ….

    Raises FormatError where a file is missing, has another length than the index says, or the index
    is damaged. Tensors are checked when they are read, or all at once by `Bundle.verify`.
    """
    prefix = _without_suffix(prefix)
    index = prefix.with_name(prefix.name + ".index")
    table = read_table(_read_index(index), index.name)
    header = table.pop(b"", None)
    if header is None:
        raise FormatError(f"{index.name} has no header: it is not the index of a checkpoint.")
    count = _shard_count(header, index.name)
    entries = {}
    for key, value in table.items():
        name = text(memoryview(key), index.name)
        entries[name] = _entry(name, value, count, index.name)
    shards = tuple(
        prefix.with_name(f"{prefix.name}.data-{i:05d}-of-{count:05d}") for i in range(count)
    )
    by_shard: list[list[Entry]] = [[] for _ in shards]
    for entry in entries.values():
        by_shard[entry.shard].append(entry)
    for path, group in zip(shards, by_shard, strict=True):
        _check_shard(path, group)
    return Bundle(shards, MappingProxyType(entries))


def _without_suffix(path: Path) -> Path:
    """The prefix, also where one of the checkpoint's files was named."""
    if not path.name:
        raise FormatError(f"{path} has no file name: give the path of PREFIX.index.")
    if path.suffix == ".index" or path.suffix.startswith(".data-"):
        return path.with_suffix("")
    return path


def _is_file(path: Path) -> bool:
    """Whether it is one; a path that no file system takes is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _read_index(path: Path) -> bytes:
    if not _is_file(path):
        raise FormatError(
            f"{path.name} is not there: a checkpoint PREFIX is read from PREFIX.index and "
            "PREFIX.data-00000-of-00001. Give the common beginning of their paths."
        )
    try:
        if path.stat().st_size > MAX_NBYTES:
            raise FormatError(
                f"{path.name} has {path.stat().st_size} bytes, at most {MAX_NBYTES} are expected."
            )
        return path.read_bytes()
    except OSError as error:
        raise FormatError(f"{path.name} cannot be read: {error.strerror}.") from None


def _shard_count(header: bytes, where: str) -> int:
    """How many data files there are, of a header that this reader understands."""
    found = {field.tag: field for field in fields(header, where)}
    count = found[1].number if 1 in found else 0
    if not 1 <= count <= MAX_SHARDS:
        raise FormatError(
            f"{where}: found {count} data files, expected 1 to {MAX_SHARDS}: the index is damaged."
        )
    if 2 in found and found[2].number != 0:
        raise FormatError(f"{where}: found big-endian numbers, expected little-endian.")
    if 3 in found:
        version = {field.tag: field.number for field in fields(found[3].data, where)}
        if version.get(2, 0) > 1:
            raise FormatError(
                f"{where}: found a checkpoint for readers of version {version[2]}, this reader is "
                "of version 1."
            )
    return count


def _entry(key: str, value: bytes, shards: int, where: str) -> Entry:
    numbers = {1: 0, 3: 0, 4: 0, 5: 0, 6: 0}
    shape: tuple[int, ...] = ()
    for field in fields(value, where):
        if field.tag == 2:
            shape = _shape(field.data, where)
        elif field.tag == 7:
            raise FormatError(
                f"{where}: {key} is stored in slices (a partitioned variable), expected whole."
            )
        elif field.tag in numbers:
            numbers[field.tag] = field.number
    dtype, nbytes = numbers[1], numbers[5]
    if dtype != STRING:
        if dtype not in DTYPES:
            raise FormatError(
                f"{where}: {key} is of TensorFlow type {dtype}, expected numbers or text."
            )
        expected = math.prod(shape) * DTYPES[dtype].itemsize
        if nbytes != expected:
            raise FormatError(
                f"{where} is damaged: {key} of shape {list(shape)} claims {nbytes} bytes, expected "
                f"{expected}."
            )
    if numbers[3] >= shards:
        raise FormatError(
            f"{where} is damaged: {key} is in data file {numbers[3]}, expected 0 to {shards - 1}."
        )
    return Entry(key, dtype, shape, numbers[3], numbers[4], nbytes, numbers[6])


def _shape(data: memoryview, where: str) -> tuple[int, ...]:
    sizes = []
    for dim in fields(data, where):
        if dim.tag == 3 and dim.number:
            raise FormatError(f"{where} is damaged: a tensor has no known rank.")
        if dim.tag == 2:
            size = next((f.number for f in fields(dim.data, where) if f.tag == 1), 0)
            if size >= 1 << 63:
                raise FormatError(f"{where} is damaged: a tensor has a negative size.")
            sizes.append(size)
    if len(sizes) > 16 or math.prod(size or 1 for size in sizes) >= 1 << 48:
        raise FormatError(f"{where} is damaged: a tensor has the shape {sizes[:16]}.")
    return tuple(sizes)


def _check_shard(path: Path, entries: list[Entry]) -> None:
    """The data file is there, and its tensors fill it from end to end."""
    if not _is_file(path):
        raise FormatError(
            f"{path.name} is not there: the index names it. Put it beside the index, under this "
            "name."
        )
    at = 0
    for entry in sorted(entries, key=lambda one: (one.offset, one.nbytes)):
        if entry.offset < at:
            raise FormatError(f"The index of {path.name} is damaged: two tensors overlap.")
        at = entry.offset + entry.nbytes
    length = path.stat().st_size
    if length != at:
        raise FormatError(
            f"{path.name} has {length} bytes, the index expects {at}: it is cut short, altered, or "
            "of another checkpoint."
        )


def _strings(entry: Entry, data: bytes) -> tuple[bytes, ...]:
    """The elements of a text tensor: their lengths, a checksum of those, then their bytes."""
    cursor = Cursor(data, entry.key)
    count = math.prod(entry.shape)
    if count > len(data):
        raise FormatError(f"{entry.key} is damaged: it claims {count} texts in {len(data)} bytes.")
    lengths = [cursor.varint() for _ in range(count)]
    if sum(lengths) + 4 != cursor.left:
        raise FormatError(
            f"{entry.key} is damaged: its texts claim {sum(lengths)} bytes, expected "
            f"{cursor.left - 4}."
        )
    head = b"".join(length.to_bytes(4 if length < 1 << 32 else 8, "little") for length in lengths)
    guard = bytes(cursor.take(4))
    rest = cursor.take(cursor.left)
    if masked(crc32c(head)) != int.from_bytes(guard, "little") or (
        masked(crc32c(b"".join((head, guard, rest)))) != entry.checksum
    ):
        raise _wrong_checksum(entry)
    texts = Cursor(rest, entry.key)
    return tuple(bytes(texts.take(length)) for length in lengths)


def _wrong_checksum(entry: Entry) -> FormatError:
    return FormatError(
        f"The checkpoint is damaged: the checksum of {entry.key} is wrong. Get a fresh copy."
    )
