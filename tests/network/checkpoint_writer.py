"""Checkpoints in TensorFlow's format, written for tests; wrong ones on request.

Written from the format's description alone, with a checksum of its own, so that the reader is not
tested against itself. What TensorFlow wrote itself is in `tests/golden/parity/`.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
ATTRIBUTE = "/.ATTRIBUTES/VARIABLE_VALUE"
CODES = {"float32": 1, "float64": 2, "int32": 3, "bool": 10, "int64": 9, "float16": 19}


@cache
def _table() -> list[int]:
    table = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ 0x82F63B78 if n & 1 else n >> 1
        table.append(n)
    return table


def masked_crc(data: bytes) -> int:
    crc, table = 0xFFFFFFFF, _table()
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) % (1 << 32)


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def message(*fields: tuple[int, int | bytes]) -> bytes:
    """A protocol-buffer message of numbers and bytes; zeros are left out."""
    out = b""
    for tag, value in fields:
        if isinstance(value, bytes):
            out += varint(tag << 3 | 2) + varint(len(value)) + value
        elif value:
            out += varint(tag << 3) + varint(value)
    return out


def entry(dtype: int, shape: Sequence[int], shard: int, offset: int, size: int, crc: int) -> bytes:
    dims = b"".join(message((2, message((1, n)))) if n else b"\x12\x00" for n in shape)
    start = message((1, dtype)) + b"\x12" + varint(len(dims)) + dims
    return start + message((3, shard), (4, offset), (5, size)) + b"\x35" + struct.pack("<I", crc)


def block(pairs: Sequence[tuple[bytes, bytes]]) -> bytes:
    """A LevelDB block with one restart point and shared prefixes."""
    out, last = b"", b""
    for key, value in pairs:
        shared = 0
        while shared < min(len(key), len(last)) and key[shared] == last[shared]:
            shared += 1
        out += varint(shared) + varint(len(key) - shared) + varint(len(value))
        out += key[shared:] + value
        last = key
    return out + struct.pack("<II", 0, 1)


def table(blocks: Sequence[bytes], compression: int = 0) -> bytes:
    """A whole table of data blocks that are packed as `compression` says."""
    out, handles = b"", []

    def put(data: bytes, kind: int) -> bytes:
        nonlocal out
        handle = varint(len(out)) + varint(len(data))
        checked = data + bytes([kind])
        out += checked + struct.pack("<I", masked_crc(checked))
        return handle

    for number, data in enumerate(blocks):
        handles.append((struct.pack(">I", number + 1), put(data, compression)))
    meta = put(block([]), 0)
    index = put(block(handles), 0)
    return out + (meta + index).ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")


def strings(values: Sequence[bytes]) -> tuple[bytes, int]:
    """A text tensor's bytes and its checksum."""
    lengths = b"".join(struct.pack("<I", len(value)) for value in values)
    guard = struct.pack("<I", masked_crc(lengths))
    body = b"".join(values)
    stored = b"".join(varint(len(value)) for value in values) + guard + body
    return stored, masked_crc(lengths + guard + body)


@dataclass
class Checkpoint:
    """What is to be written. `values` are arrays, or text as a list of bytes, by key."""

    values: Mapping[str, np.ndarray | list[bytes]]
    shards: int = 1
    header: bytes | None = None
    entries: dict[str, bytes] = field(default_factory=dict)
    """Entries that replace the right ones."""
    codes: dict[str, int] = field(default_factory=dict)
    """Type codes that replace those of the arrays' types."""

    def write(self, prefix: Path, compression: int = 0, per_block: int = 8) -> Path:
        data = [b""] * self.shards
        pairs = [(b"", self.header or message((1, self.shards), (3, message((1, 1)))))]
        for number, key in enumerate(sorted(self.values, key=str.encode)):
            value, shard = self.values[key], number % self.shards
            if isinstance(value, list):
                stored, crc = strings(value)
                code, shape = 7, () if len(value) == 1 else (len(value),)
            else:
                stored = np.ascontiguousarray(value).tobytes()
                crc, code, shape = masked_crc(stored), CODES.get(value.dtype.name, 0), value.shape
            made = entry(
                self.codes.get(key, code), shape, shard, len(data[shard]), len(stored), crc
            )
            pairs.append((key.encode(), self.entries.get(key, made)))
            data[shard] += stored
        blocks = [block(pairs[i : i + per_block]) for i in range(0, len(pairs), per_block)]
        if compression == 1:
            blocks = [snappy(one) for one in blocks]
        prefix.with_name(prefix.name + ".index").write_bytes(table(blocks, compression))
        for number, one in enumerate(data):
            name = f"{prefix.name}.data-{number:05d}-of-{self.shards:05d}"
            prefix.with_name(name).write_bytes(one)
        return prefix


def snappy(data: bytes) -> bytes:
    """Packed with literals, and with copies of runs of one byte."""
    out, at = varint(len(data)), 0
    while at < len(data):
        run = 1
        while run < 60 and at + run < len(data) and data[at + run] == data[at]:
            run += 1
        out += bytes([0, data[at]])
        if run >= 5:
            out += bytes([(run - 2) << 2 | 2, 1, 0])
            at += run
        else:
            at += 1
    return out


@dataclass(frozen=True)
class Layer:
    """A Keras layer: its name, and its variables by their path in it (`_conv1/kernel`)."""

    name: str
    variables: Mapping[str, np.ndarray]


def keras_checkpoint(
    models: Mapping[str, Sequence[Layer]],
    head: Mapping[str, np.ndarray] | None = None,
    extra: Mapping[str, np.ndarray] | None = None,
) -> Checkpoint:
    """The checkpoint of functional models, each a child of the root, and of a head.

    `models` lists each model's layers in the order of `model.layers`.
    """
    nodes: list[tuple[list[tuple[str, int]], list[tuple[str, str]]]] = [([], [])]
    values: dict[str, np.ndarray | list[bytes]] = dict(extra or {})

    def child(parent: int, name: str) -> int:
        for known, place in nodes[parent][0]:
            if known == name:
                return place
        nodes.append(([], []))
        nodes[parent][0].append((name, len(nodes) - 1))
        return len(nodes) - 1

    def add(path: str, full_name: str, value: np.ndarray) -> None:
        place = 0
        for part in path.split("/"):
            place = child(place, part)
        nodes[place][1].append((full_name, path + ATTRIBUTE))
        values[path + ATTRIBUTE] = value

    for model, layers in models.items():
        for number, layer in enumerate(layers):
            for path, value in layer.variables.items():
                inside = path.replace("_conv", "conv2d_").lstrip("_")
                add(f"{model}/layer_with_weights-{number}/{path}", f"{layer.name}/{inside}", value)
    for path, value in (head or {}).items():
        add(f"head/{path}", f"retina_net_head/{path}", value)
    # the model holds the backbone too, and the backbone holds its model: a loop, as in real ones
    root = dict(nodes[0][0])
    if "backbone" in root:
        model_place = child(0, "model")
        nodes[model_place][0].append(("_backbone", root["backbone"]))
        nodes[root["backbone"]][0].append(("_owner", model_place))
    values[GRAPH] = [graph_bytes(nodes)]
    return Checkpoint(values)


def graph_bytes(nodes: Sequence[tuple[list[tuple[str, int]], list[tuple[str, str]]]]) -> bytes:
    """A serialized TrackableObjectGraph; per node its children and its (full name, key) pairs."""
    out = b""
    for children, variables in nodes:
        body = b"".join(
            b"\x0a" + varint(len(m)) + m
            for name, place in children
            for m in [message((1, place), (2, name.encode()))]
        )
        body += b"".join(
            message((2, message((1, b"VARIABLE_VALUE"), (2, full.encode()), (3, key.encode()))))
            for full, key in variables
        )
        out += b"\x0a" + varint(len(body)) + body
    return out
