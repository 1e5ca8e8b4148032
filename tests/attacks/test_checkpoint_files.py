"""Damaged and forged checkpoints: each is refused whole, with one sentence.

Damage: every flipped byte and every cut must be noticed, because a wrong weight is worse than none.
Forgeries have right checksums and wrong contents: they may be refused or read, but may not end in
another error, in much time, or in much memory.
"""

from __future__ import annotations

import random
import shutil
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError, FormatError
from explorer.network.checkpoint.bundle import open_bundle
from explorer.network.checkpoint.object_graph import read_object_graph
from explorer.network.checkpoint.reading import read_checkpoint
from explorer.network.checkpoint.snappy import unpacked
from explorer.network.checkpoint.table import read_table
from tests.network.checkpoint_writer import (
    GRAPH,
    Checkpoint,
    block,
    entry,
    graph_bytes,
    message,
    snappy,
    table,
    varint,
)
from tests.network.parity import FOLDER, fixture

NAME = "retinanet_spinenet_tiny"
DATA = ".data-00000-of-00001"
WEIGHT = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture(scope="module")
def tiny() -> Architecture:
    return fixture(NAME).architecture


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """TensorFlow's checkpoint, to be damaged."""
    for suffix in (".index", DATA):
        shutil.copyfile(FOLDER / f"{NAME}{suffix}", tmp_path / f"c{suffix}")
    return tmp_path / "c"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A checkpoint of a few hundred bytes, in which every byte can be tried."""
    values = {"a/w": WEIGHT, "a/x": WEIGHT * 2, "b": [b"some", b"text"], GRAPH: [graph_bytes([])]}
    return Checkpoint(values).write(tmp_path / "s", per_block=2)


def refused(call: Callable[[], object]) -> str:
    """The one sentence with which a call is refused."""
    with pytest.raises(ExplorerError) as caught:
        call()
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith(".")
    return said


def damaged(path: Path, place: int, mask: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= mask
    path.write_bytes(data)


@pytest.mark.parametrize("suffix", [".index", DATA])
def test_every_flipped_byte_is_noticed(small: Path, suffix: str) -> None:
    path = small.with_name(small.name + suffix)
    for place in range(path.stat().st_size):
        for mask in (0x01, 0x80):
            damaged(path, place, mask)
            refused(lambda: open_bundle(small).verify())
            damaged(path, place, mask)
    open_bundle(small).verify()


@pytest.mark.parametrize("suffix", [".index", DATA])
def test_every_cut_is_noticed(small: Path, suffix: str) -> None:
    path = small.with_name(small.name + suffix)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        refused(lambda: open_bundle(small).verify())
    path.write_bytes(whole + b"\0")
    refused(lambda: open_bundle(small).verify())


def test_flips_in_tensorflows_index(copy: Path, tiny: Architecture) -> None:
    path = copy.with_name("c.index")
    length = path.stat().st_size
    places = [*random.Random(0).sample(range(length), 120), *range(length - 60, length)]
    for place in places:
        damaged(path, place, 1 << place % 8)
        refused(lambda: read_checkpoint(copy, tiny))
        damaged(path, place, 1 << place % 8)


def test_flips_in_tensorflows_data(copy: Path, tiny: Architecture) -> None:
    """In parameters, in the optimizer's values, in the object graph: the whole is refused."""
    path = copy.with_name(f"c{DATA}")
    length = path.stat().st_size
    graph = open_bundle(copy).entries[GRAPH]
    places = [0, length - 1, graph.offset, graph.offset + graph.nbytes - 1]
    for place in [*places, *random.Random(1).sample(range(length), 16)]:
        damaged(path, place, 1 << place % 8)
        assert "damaged" in refused(lambda: read_checkpoint(copy, tiny))
        damaged(path, place, 1 << place % 8)
    assert len(read_checkpoint(copy, tiny).arrays) == 742


def test_files_that_are_not_there(copy: Path, tiny: Architecture, tmp_path: Path) -> None:
    assert "c.index is not there" in refused(lambda: read_checkpoint(tmp_path / "d" / "c", tiny))
    data = copy.with_name(f"c{DATA}")
    data.rename(data.with_name("elsewhere"))
    assert f"c{DATA} is not there" in refused(lambda: read_checkpoint(copy, tiny))
    data.mkdir()
    assert "is not there" in refused(lambda: read_checkpoint(copy, tiny))


@pytest.mark.parametrize("name", ["", "/", "..", "a\0b", "x" * 5000, "folder"])
def test_names_that_are_no_files(tmp_path: Path, tiny: Architecture, name: str) -> None:
    (tmp_path / "folder.index").mkdir()
    refused(lambda: read_checkpoint(tmp_path / name if name else Path(), tiny))


@pytest.mark.parametrize("change", [-1, 1, -1_000_000])
def test_a_data_file_of_another_length(copy: Path, tiny: Architecture, change: int) -> None:
    path = copy.with_name(f"c{DATA}")
    data = path.read_bytes()
    path.write_bytes(data[:change] if change < 0 else data + b"\0")
    assert f"c{DATA} has {len(data) + change} bytes" in refused(lambda: read_checkpoint(copy, tiny))


def test_other_files_under_the_name(copy: Path, tiny: Architecture) -> None:
    for data in (b"", b"PK\3\4" * 30, bytes(4096), b'{"version": 1}' * 9):
        copy.with_name("c.index").write_bytes(data)
        refused(lambda: read_checkpoint(copy, tiny))


def test_unknown_compression(tmp_path: Path) -> None:
    prefix = Checkpoint({"w": WEIGHT}).write(tmp_path / "c", compression=2)
    assert "compression 2, expected 0 (none) or 1 (Snappy)" in refused(lambda: open_bundle(prefix))


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        (varint(1 << 40), "claims 1099511627776 bytes"),
        (varint(1 << 26) + bytes([0, 7]) + b"\xfe\1\0" * 3, "unpacks to"),
        (b"\x05\x00a\x09\x02", "copies from 2 bytes back"),
        (b"\x05\x00a\x09\x00", "copies from 0 bytes back"),
        (b"\x05\x0cab", "claims 4 bytes where 2 are left"),
        (b"\x02\x0cabcd", "unpacks to"),
        (b"\xff" * 11, "more than 64 bits"),
        (b"\x05\xf0", "claims 1 bytes where 0 are left"),
    ],
)
def test_forged_snappy(packed: bytes, said: str) -> None:
    assert said in refused(lambda: unpacked(packed, "A block"))


def test_a_snappy_bomb_takes_no_memory() -> None:
    bomb = varint(1 << 26) + bytes([0, 7]) + b"\xfe\1\0" * 100_000
    tracemalloc.start()
    refused(lambda: unpacked(bomb, "A block"))
    assert tracemalloc.get_traced_memory()[1] < 40_000_000
    tracemalloc.stop()


FORGED_ENTRIES = {
    "huge shape": (entry(1, (1 << 40, 1 << 40), 0, 0, 24, 0), "has the shape"),
    "huge and empty": (entry(1, (0, 1 << 60), 0, 0, 0, 0), "has the shape"),
    "negative size": (entry(1, ((1 << 64) - 1,), 0, 0, 24, 0), "negative size"),
    "many dimensions": (entry(1, (1,) * 40, 0, 0, 4, 0), "has the shape"),
    "size of another shape": (entry(1, (2, 4), 0, 0, 24, 0), "claims 24 bytes, expected 32"),
    "beyond the data": (entry(1, (2, 3), 0, 1 << 50, 24, 0), "the index expects"),
    "far beyond the data": (entry(1, (2, 3), 0, (1 << 64) - 1, 24, 0), "the index expects"),
    "huge text": (entry(7, (), 0, 0, 1 << 50, 0), "the index expects"),
    "no such shard": (entry(1, (2, 3), 5, 0, 24, 0), "is in data file 5"),
    "unknown type": (entry(21, (2, 3), 0, 0, 24, 0), "type 21"),
    "sliced": (entry(1, (2, 3), 0, 0, 24, 0) + message((7, b"\x0a\x00")), "in slices"),
    "unknown rank": (message((1, 1), (2, message((3, 1)))), "no known rank"),
    "wire type": (b"\x0c", "wire type 4"),
    "long number": (b"\x08" + b"\xff" * 10 + b"\1", "more than 64 bits"),
    "cut": (b"\x12\x40", "claims 64 bytes"),
}


@pytest.mark.parametrize("name", FORGED_ENTRIES)
def test_forged_entries(tmp_path: Path, name: str) -> None:
    forged, said = FORGED_ENTRIES[name]
    prefix = Checkpoint({"w": WEIGHT}, entries={"w": forged}).write(tmp_path / "c")
    assert said in refused(lambda: open_bundle(prefix))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (message((1, 0), (2, 0), (3, message((1, 1)))), "found 0 data files"),
        (message((1, 1 << 40)), "data files, expected 1 to"),
        (message((1, 1), (2, 1)), "big-endian"),
        (message((1, 1), (3, message((1, 9), (2, 7)))), "readers of version 7"),
    ],
)
def test_forged_headers(tmp_path: Path, header: bytes, said: str) -> None:
    prefix = Checkpoint({"w": WEIGHT}, header=header).write(tmp_path / "c")
    assert said in refused(lambda: open_bundle(prefix))


def test_overlapping_tensors(tmp_path: Path) -> None:
    """Ten thousand tensors that share the same bytes would fill the memory."""
    twice = entry(1, (2, 3), 0, 0, 24, 0)
    values = {"v": WEIGHT, "w": WEIGHT}
    prefix = Checkpoint(values, entries={"w": twice}).write(tmp_path / "c")
    assert "overlap" in refused(lambda: open_bundle(prefix))


def raw_block(entries: bytes) -> bytes:
    return entries + struct.pack("<II", 0, 1)


FORGED_BLOCKS = {
    "keys out of order": (block([(b"b", b""), (b"a", b"")]), "not in order"),
    "a key twice": (block([(b"a", b""), (b"a", b"")]), "not in order"),
    "shares too much": (raw_block(varint(9) + varint(1) + varint(0) + b"a"), "takes 9 bytes"),
    "huge key": (raw_block(varint(0) + varint(1 << 40) + varint(0)), "adds 1099511627776"),
    "huge value": (raw_block(varint(0) + varint(1) + varint(1 << 40) + b"a"), "claims"),
    "restarts": (struct.pack("<I", 0xFFFFFFFF), "restart points"),
    "no restarts": (b"\1", "restart points"),
}


@pytest.mark.parametrize("name", FORGED_BLOCKS)
def test_forged_blocks(name: str) -> None:
    forged, said = FORGED_BLOCKS[name]
    assert said in refused(lambda: read_table(table([forged]), "A table"))


def test_keys_that_share_a_long_beginning_take_little_memory() -> None:
    """A key that repeats the one before takes six bytes of the file, and thousands in memory."""
    long = varint(0) + varint(5000) + varint(0) + b"k" * 5000
    assert "5000" in refused(lambda: read_table(table([raw_block(long)]), "A table"))
    pairs = [varint(0) + varint(4094) + varint(0) + b"k" * 4094]
    pairs += [varint(4092) + b"\2\0" + i.to_bytes(2, "big") for i in range(0x6B6C, 0x6B6C + 30_000)]
    forged = table([raw_block(b"".join(pairs))])
    assert len(forged) < 200_000
    tracemalloc.start()
    assert "keys have more than" in refused(lambda: read_table(forged, "A table"))
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


def test_blocks_with_a_gap_between() -> None:
    good = table([block([(b"a", b"1")])])
    for footer in (b"\x09\x08", b"\x00\x08"):
        forged = good[:-48] + footer + good[-46:]
        refused(lambda data=forged: read_table(data, "A table"))


def test_graphs_in_loops_and_out_of_range() -> None:
    looped = graph_bytes([([("a", 1), ("self", 0)], []), ([("b", 0)], [("conv2d/kernel", "k")])])
    graph = read_object_graph(looped)
    assert [variable.key for _, variable in graph.variables_under(0)] == ["k"]
    assert graph.holder_of("nobody") is None
    said = refused(lambda: read_object_graph(graph_bytes([([("a", 7)], [])])))
    assert "object 7 of 1" in said
    assert "UTF-8" in refused(lambda: read_object_graph(b"\x0a\x05\x0a\x03\x12\x01\xff"))


def test_a_deep_graph_is_walked_without_recursion(tmp_path: Path, tiny: Architecture) -> None:
    """A chain of 20,000 objects, each a model of one layer: read in a moment, then refused."""
    chain = [([("layer_with_weights-0", i + 1)], []) for i in range(20_000)]
    graph = graph_bytes([*chain, ([], [("conv2d/kernel", "k")])])
    prefix = Checkpoint({GRAPH: [graph]}).write(tmp_path / "c")
    assert "another network" in refused(lambda: read_checkpoint(prefix, tiny))


def test_checkpoints_without_what_is_needed(tmp_path: Path, tiny: Architecture) -> None:
    plain = Checkpoint({"spinenet/conv2d/kernel": WEIGHT}).write(tmp_path / "tf1")
    assert "no object graph" in refused(lambda: read_checkpoint(plain, tiny))
    numeric = Checkpoint({GRAPH: WEIGHT}).write(tmp_path / "numeric")
    assert "no object graph" in refused(lambda: read_checkpoint(numeric, tiny))
    many = Checkpoint({GRAPH: [b"", b""]}).write(tmp_path / "many")
    assert "found 2 object graphs" in refused(lambda: read_checkpoint(many, tiny))
    empty = Checkpoint({GRAPH: [b""]}).write(tmp_path / "empty")
    assert "no backbone" in refused(lambda: read_checkpoint(empty, tiny))


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(forged=st.binary(max_size=40), which=st.sampled_from(["entry", "header", "graph", "block"]))
def test_arbitrary_bytes_under_right_checksums(tmp_path: Path, forged: bytes, which: str) -> None:
    try:
        if which == "graph":
            read_object_graph(forged)
        elif which == "block":
            read_table(table([forged]), "A table")
            read_table(table([snappy(forged)], 1), "A table")
            read_table(table([forged], 1), "A table")
        else:
            entries = {"w": forged} if which == "entry" else {}
            header = (forged or None) if which == "header" else None
            written = Checkpoint({"w": WEIGHT}, header=header, entries=entries)
            open_bundle(written.write(tmp_path / "c")).verify()
    except FormatError:
        pass
