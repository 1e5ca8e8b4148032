"""Which stored value is which parameter: against TensorFlow's own files and numbering."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Op
from explorer.architecture.errors import FormatError
from explorer.catalog.entries import entry
from explorer.network.checkpoint.bundle import open_bundle
from explorer.network.checkpoint.matching import assign_backbone
from explorer.network.checkpoint.object_graph import KEY, Node, ObjectGraph, Variable
from explorer.network.checkpoint.object_graph import read_object_graph as read_graph
from explorer.network.checkpoint.reading import Reshaped, read_checkpoint
from explorer.network.official_names import Parameter, parameters
from tests.golden.parity import make_weights
from tests.network.checkpoint_writer import Layer, keras_checkpoint
from tests.network.parity import FOLDER, fixture

TINY = FOLDER / "retinanet_spinenet_tiny"
ORDERS = json.loads((FOLDER.parent / "tf2_layer_order.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tiny() -> Architecture:
    return fixture(TINY.name).architecture


def test_tensorflows_own_checkpoint(tiny: Architecture) -> None:
    """Every key holds the parameter that its writer says, with the rule's values, head included."""
    said = json.loads(TINY.with_suffix(".json").read_text(encoding="utf-8"))
    values = make_weights.weights(said["parameters"])
    arrays, report = read_checkpoint(TINY, tiny)
    assert set(report.matched) == set(values) == set(arrays)
    assert (report.missing, report.unused, report.reshaped, report.note) == ((), (), (), "")
    assert set(report.training_state) == set(said["other_keys"])
    for name, value in values.items():
        assert np.array_equal(arrays[name], value), name
    assert dict(assign_backbone(_graph(), tiny).keys) == {
        name: key for key, name in said["keys"].items() if not name.startswith("head.")
    }


def test_without_the_head(tiny: Architecture) -> None:
    report = read_checkpoint(TINY, tiny, head=False).report
    assert not report.missing
    assert report.unused
    assert all(key.startswith("head/") for key in report.unused)


@pytest.mark.parametrize("model", ["49", "96", "143", "190"])
def test_keras_numbers_of_the_official_models(model: str) -> None:
    """Layer names that Keras gave, with gaps where it dropped the dead block of level 2."""
    nodes = [Node(tuple((f"layer_with_weights-{i}", i + 1) for i in range(len(ORDERS[model]))), ())]
    for keras_name, _ in ORDERS[model]:
        nodes.append(Node((), (Variable(f"{keras_name}/leaf", keras_name),)))
    keys = assign_backbone(ObjectGraph(tuple(nodes)), entry(f"spinenet-{model}").architecture).keys
    assert {name.rsplit(".", 1)[0]: key for name, key in keys.items()} == {
        module: keras_name for keras_name, module in ORDERS[model]
    }


def test_a_model_built_without_an_image_size(tiny: Architecture, tmp_path: Path) -> None:
    """TensorFlow then drops block 11: its numbers are missing, and all places shift."""
    layers = [layer for layer, block in _tiny_layers() if block != 11]
    prefix = keras_checkpoint({"backbone": layers}).write(tmp_path / "c")
    arrays, report = read_checkpoint(prefix, tiny)
    lost = {one.official for one in parameters(tiny) if one.official.startswith("blocks.11.")}
    assert set(report.missing) == lost
    assert "b11" in report.note
    assert not report.unused
    assert not report.reshaped
    values = make_weights.weights(fixture(TINY.name).data["parameters"])
    assert all(np.array_equal(array, values[name]) for name, array in arrays.items())
    assert not any(name.startswith("head.") for name in arrays)


def test_synchronized_norms_and_other_beginnings(tiny: Architecture, tmp_path: Path) -> None:
    """A second model in one session starts at higher numbers; TPU training renames the norms."""
    moved = [replace(layer, name=_renumbered(layer.name, 1000)) for layer, _ in _tiny_layers()]
    arrays, report = read_checkpoint(
        keras_checkpoint({"model/_backbone": moved}).write(tmp_path / "c"), tiny
    )
    assert not report.missing
    values = make_weights.weights(fixture(TINY.name).data["parameters"])
    assert all(np.array_equal(array, values[name]) for name, array in arrays.items())


def test_other_shapes_are_listed(tiny: Architecture) -> None:
    wider = replace(tiny, scaling=replace(tiny.scaling, endpoints_num_filters=40))
    report = read_checkpoint(TINY, wider).report
    assert Reshaped("endpoints.3.bn.gamma", (32,), (40,)) in report.reshaped
    assert {one.name.split(".")[0] for one in report.reshaped} == {"endpoints", "head"}
    assert len(report.reshaped) == 5 * 5 + 2
    assert not report.missing
    assert not report.unused


def test_a_longer_head_misses_its_layers(tiny: Architecture) -> None:
    scaling = replace(tiny.scaling, head=replace(tiny.scaling.head, num_convs=3))
    report = read_checkpoint(TINY, replace(tiny, scaling=scaling)).report
    assert "head.class.convs.2.kernel" in report.missing
    assert "head.box.norms.7.2.moving_variance" in report.missing
    assert len(report.missing) == 2 * (2 + 5 * 4)


@pytest.mark.parametrize("other", ["spinenet-96", "spinenet-49", "resnet-50", "mobile-spinenet-49"])
def test_another_network_is_refused(other: str) -> None:
    with pytest.raises(FormatError, match="another network"):
        read_checkpoint(TINY, entry(other).architecture)


def test_mobile(tmp_path: Path) -> None:
    """Layers numbered as spinenet_mobile.py creates them, stored in another order."""
    arch = _narrow("mobile-spinenet-49")
    _check_round_trip(arch, mobile_names(arch), tmp_path)


def test_a_resnet_with_a_pyramid(tmp_path: Path) -> None:
    """Layers as resnet.py and fpn.py create them, the decoder beside the backbone."""
    arch = _narrow("resnet-50-fpn")
    _check_round_trip(arch, _resnet_names(arch), tmp_path)
    plain = _narrow("resnet-50")
    arrays, report = read_checkpoint(tmp_path / "c", plain, head=False)
    assert not report.missing
    assert any(key.startswith("decoder/") for key in report.unused)
    assert set(arrays) == {one.official for one in parameters(plain)}


def _graph() -> ObjectGraph:
    return read_graph(open_bundle(TINY).strings(KEY)[0])


def _tiny_layers() -> Iterator[tuple[Layer, int | None]]:
    """The tiny model's stored layers under TensorFlow's own names, and each one's block."""
    bundle, graph = open_bundle(TINY), _graph()
    said = json.loads(TINY.with_suffix(".json").read_text(encoding="utf-8"))["keys"]
    backbone = dict(graph.nodes[0].children)["backbone"]
    for name, place in graph.nodes[backbone].children:
        if name.startswith("layer_with_weights-"):
            found = dict(graph.variables_under(place))
            first = next(iter(found.values()))
            parts = said[first.key].split(".")
            block = int(parts[1]) if parts[0] == "blocks" else None
            values = {path: bundle.array(variable.key) for path, variable in found.items()}
            yield Layer(first.full_name.split("/")[0], values), block


def _renumbered(name: str, by: int) -> str:
    base, _, number = name.rpartition("_")
    base, start = (base, int(number)) if number.isdigit() else (name, 0)
    if base == "batch_normalization":
        base = f"sync_{base}"
    return f"{base}_{start + by}"


def _narrow(name: str) -> Architecture:
    arch = entry(name).architecture
    head = replace(arch.scaling.head, num_convs=2, num_filters=8, num_classes=5)
    return replace(arch, scaling=replace(arch.scaling, filter_size_scale=0.25, head=head))


class KerasNames:
    """Keras's way to name layers: a number for each class, from the second on."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def add(self, official: str, kind: str) -> None:
        number = self._counts[kind]
        self._counts[kind] += 1
        self.found[official] = f"{kind}_{number}" if number else kind


def mobile_names(arch: Architecture) -> dict[str, str]:
    """Official layer -> Keras's name, by the loop of spinenet_mobile.py."""
    names = KerasNames()
    names.add("stem.conv1", "conv2d")
    names.add("stem.bn1", "batch_normalization")
    for i in (0, 1):
        names.add(f"stem.block{i}.0", "inverted_bottleneck_block")
    for block in arch.blocks[2:]:
        for slot, parent in enumerate(block.parents):
            link = f"blocks.{block.id}.resample{slot}"
            for j in range(block.level - arch.block(parent).level):
                names.add(f"{link}.down{j}.conv", "depthwise_conv2d")
                names.add(f"{link}.down{j}.bn", "batch_normalization")
            names.add(f"{link}.expand.conv", "conv2d")
            names.add(f"{link}.expand.bn", "batch_normalization")
        names.add(f"blocks.{block.id}.body.0", "inverted_bottleneck_block")
    for level in range(3, 8):
        names.add(f"endpoints.{level}.conv", "conv2d")
        names.add(f"endpoints.{level}.bn", "batch_normalization")
    return names.found


def _resnet_names(arch: Architecture) -> dict[str, str]:
    """Official layer -> Keras's name, by the loops of resnet.py and fpn.py."""
    names = KerasNames()
    names.add("stem.conv1", "conv2d")
    names.add("stem.bn1", "batch_normalization")
    counts = Counter(block.level for block in arch.blocks if block.op is Op.BOTTLENECK)
    for level in (2, 3, 4, 5):
        for i in range(counts[level]):
            names.add(f"stages.{level}.{i}", "bottleneck_block")
    for level in (3, 4, 5):
        names.found[f"fpn.lateral.{level}"] = f"lateral_{level}"
        names.found[f"fpn.post_hoc.{level}"] = f"post_hoc_{level}"
    for level in (6, 7):
        names.found[f"fpn.coarse.{level}"] = f"coarser_{level}"
    for level in range(3, 8):
        names.found[f"fpn.bn.{level}"] = f"norm_{level}"
    return names.found


def _check_round_trip(arch: Architecture, names: Mapping[str, str], folder: Path) -> None:
    """Write every parameter of `arch` where Keras would, and read it back."""
    prefix, values = written_by_keras(arch, names, folder)
    arrays, report = read_checkpoint(prefix, arch)
    assert (report.missing, report.unused, report.reshaped, report.note) == ((), (), (), "")
    assert set(arrays) == set(values)
    for name, value in values.items():
        assert np.array_equal(arrays[name], value), name


def written_by_keras(
    arch: Architecture, names: Mapping[str, str], folder: Path
) -> tuple[Path, dict[str, np.ndarray]]:
    """A checkpoint of the rule's values for `arch` and its head; its prefix, and the values.

    `names` has Keras's name of every official layer; dead blocks' are left out, as Keras does.
    """
    wanted = parameters(arch, head=True)
    values = {
        one.official: make_weights.tensor(one.official, one.shape, one.kind) for one in wanted
    }
    live = sorted(layer for layer in names if any(name.startswith(f"{layer}.") for name in values))
    layers: dict[str, list[Layer]] = {"backbone": [], "decoder": []}
    for layer in random.Random(0).sample(live, len(live)):
        inside = {
            _keras_path(layer, one): values[one.official]
            for one in wanted
            if one.official.startswith(f"{layer}.")
        }
        model = "decoder" if layer.startswith("fpn.") else "backbone"
        layers[model].append(Layer(names[layer], inside))
    head = {
        _head_path(one, arch.scaling.head.separable): values[one.official]
        for one in wanted
        if one.official.startswith("head.")
    }
    written = sum(len(layer.variables) for group in layers.values() for layer in group)
    assert written + len(head) == len(values)
    counter = {"global_step/.ATTRIBUTES/VARIABLE_VALUE": np.array(7)}
    return keras_checkpoint(layers, head, counter).write(folder / "c"), values


def _keras_path(layer: str, parameter: Parameter) -> str:
    """`_conv1/depthwise_kernel` of `stem.block0.0.conv1.kernel`, as nn_blocks.py names it."""
    *parts, leaf = parameter.official.removeprefix(f"{layer}.").split(".")
    if parameter.kind == "depthwise":
        leaf = "depthwise_kernel"
    if not parts:
        return leaf
    if parts[0] == "se":
        return f"_squeeze_excitation/_se_{parts[1]}/{leaf}"
    if parts[0] == "conv0" and layer.startswith("stages."):
        return f"_shortcut/{leaf}"
    return f"_{parts[0].replace('bn', 'norm')}/{leaf}"


def _head_path(parameter: Parameter, separable: bool) -> str:
    """`_cls_norms/0/1/gamma` of `head.class.norms.3.1.gamma`, as dense_prediction_heads.py does."""
    _, tower, part, *rest = parameter.official.split(".")
    leaf = rest[-1]
    if separable and leaf == "kernel":
        leaf = "pointwise_kernel"
    if part == "predict":
        return f"{'_classifier' if tower == 'class' else '_box_regressor'}/{leaf}"
    short = "cls" if tower == "class" else "box"
    if part == "norms":
        return f"_{short}_norms/{int(rest[0]) - 3}/{rest[1]}/{leaf}"
    return f"_{short}_convs/{rest[0]}/{leaf}"
