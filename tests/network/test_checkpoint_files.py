"""Checkpoint files: what TensorFlow wrote, and what the tests' own writer writes."""

import json
from pathlib import Path

import numpy as np
import pytest

from explorer.architecture.errors import FormatError
from explorer.network.checkpoint.bundle import open_bundle
from explorer.network.checkpoint.object_graph import KEY, read_object_graph
from explorer.network.checkpoint.snappy import unpacked
from tests.golden.parity import make_weights
from tests.network.checkpoint_writer import Checkpoint, snappy
from tests.network.parity import FOLDER

TINY = FOLDER / "retinanet_spinenet_tiny"


def test_what_tensorflow_wrote_is_read_to_the_bit() -> None:
    """The oracle: 742 keys, the parameters they hold, and the rule that made their values."""
    said = json.loads(TINY.with_suffix(".json").read_text(encoding="utf-8"))
    values = make_weights.weights(said["parameters"])
    bundle = open_bundle(TINY)
    for key, name in said["keys"].items():
        found = bundle.array(key)
        assert found.dtype == np.float32
        assert np.array_equal(found, values[name]), key
    assert set(bundle.entries) == {*said["keys"], *said["other_keys"]}
    for key, other in said["other_keys"].items():
        if other["dtype"] != "string":
            found = bundle.array(key)
            assert (list(found.shape), found.dtype.name) == (other["shape"], other["dtype"])
    bundle.verify()


def test_the_object_graph_names_every_key() -> None:
    said = json.loads(TINY.with_suffix(".json").read_text(encoding="utf-8"))
    graph = read_object_graph(open_bundle(TINY).strings(KEY)[0])
    named = {variable.key for node in graph.nodes for variable in node.variables}
    assert named == {*said["keys"], *said["other_keys"]} - {KEY}
    under = dict(graph.variables_under(0))
    assert under["backbone/layer_with_weights-0/kernel"].full_name == "conv2d/kernel"
    assert under["head/_cls_convs/0/kernel"].full_name == "retina_net_head/classnet-conv_0/kernel"


@pytest.mark.parametrize("suffix", ["", ".index", ".data-00000-of-00001"])
def test_any_file_of_it_may_be_named(suffix: str) -> None:
    named = TINY.with_name(TINY.name + suffix)
    assert len(open_bundle(named).entries) == 753


@pytest.mark.parametrize("compression", [0, 1])
@pytest.mark.parametrize("shards", [1, 3])
def test_every_type_comes_back(tmp_path: Path, shards: int, compression: int) -> None:
    rng = np.random.default_rng(0)
    values = {
        "a/float32": rng.standard_normal((3, 4, 5)).astype(np.float32),
        "a/float16": rng.standard_normal((7,)).astype(np.float16),
        "a/float64": rng.standard_normal((2, 2)),
        "b/int32": rng.integers(-9, 9, (5, 1)).astype(np.int32),
        "b/int64": np.array(-5),
        "b/bool": np.array([True, False]),
        "c/empty": np.zeros((0, 3), np.float32),
        "d/large": np.zeros((90, 90), np.float32),
        "e/text": [b"one", b"", b"t\0o"],
        "e/scalar": [b"x" * 300],
    }
    bundle = open_bundle(Checkpoint(values, shards).write(tmp_path / "c", compression, 3))
    bundle.verify()
    for key, value in values.items():
        if isinstance(value, list):
            assert bundle.strings(key) == tuple(value)
            with pytest.raises(FormatError, match="found text"):
                bundle.array(key)
        else:
            found = bundle.array(key)
            assert found.dtype == value.dtype
            assert np.array_equal(found, value)
            with pytest.raises(FormatError, match="found numbers"):
                bundle.strings(key)


def test_bfloat16_comes_as_float32(tmp_path: Path) -> None:
    exact = np.array([1.0, -2.5, 0.0, 3.0e38], np.float32)
    halves = (exact.view(np.uint32) >> 16).astype(np.uint16)
    exact = (halves.astype(np.uint32) << 16).view(np.float32)
    bundle = open_bundle(Checkpoint({"w": halves}, codes={"w": 14}).write(tmp_path / "c"))
    assert bundle.array("w").dtype == np.float32
    assert np.array_equal(bundle.array("w"), exact)


def test_snappy_undoes_every_kind_of_element() -> None:
    """By hand after the format's description: literals of three lengths, copies of three kinds."""
    long = bytes(range(256)) * 2
    packed = b"\x08" + b"\x04ab" + b"\x09\x02" + b""
    assert unpacked(packed, "t") == b"abababab"
    packed = b"\x80\x04" + bytes([61 << 2, 0xFF, 0x01]) + long
    assert unpacked(packed, "t") == long
    packed = b"\x0a" + b"\x10abcde" + bytes([4 << 2 | 3, 5, 0, 0, 0])
    assert unpacked(packed, "t") == b"abcdeabcde"
    for text in (b"", b"a" * 1000, b"abc" * 50 + bytes(70)):
        assert unpacked(snappy(text), "t") == text
