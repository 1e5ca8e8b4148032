"""The live network against the official TensorFlow code, array by array."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.architecture.errors import FormatError
from explorer.architecture.scaling import Activation, Padding
from explorer.network.build import Maps, Network, build
from explorer.network.official_names import from_official, parameters, to_official
from tests.golden.parity import make_weights
from tests.network.parity import FOLDER, RESNETS, SPINENETS, TOLERANCE, Fixture, fixture


def arrays_of(network: Network, x: torch.Tensor, one: Fixture) -> dict[str, np.ndarray]:
    """What the fixture names, from our network."""
    with torch.no_grad():
        maps: Maps = network.maps(x)
        heads = network.forward_head(maps.outputs) if one.has_head else {}
    found = {"stem_pool": maps.stem}
    found |= {f"block{block}": x for block, x in maps.blocks.items()}
    found |= {f"P{level}": x for level, x in maps.outputs.items()}
    found |= {f"class_P{level}": logits for level, (logits, _) in heads.items()}
    found |= {f"box_P{level}": boxes for level, (_, boxes) in heads.items()}
    if not one.architecture.blocks[0].in_stem:
        ends = {b.level: b.id for b in one.architecture.blocks if not b.op.is_pyramid}
        found |= {f"C{level}": maps.blocks[block] for level, block in ends.items()}
    return {
        name: found[name][:, :: one.data.get("channel_step", {}).get(name, 1)].numpy()
        for name in one.expected
    }


def error(found: np.ndarray, expected: np.ndarray) -> float:
    assert found.shape == expected.shape
    return float(np.abs(found - expected).max() / np.abs(expected).max())


@pytest.mark.parametrize("name", [*SPINENETS, *RESNETS])
def test_every_array_equals_the_official_one(name: str) -> None:
    one = fixture(name)
    found = arrays_of(one.network(), one.image, one)
    errors = {key: error(found[key], value) for key, value in one.expected.items()}
    assert errors
    assert max(errors.values()) <= TOLERANCE, errors


@pytest.mark.parametrize("name", [*SPINENETS, *RESNETS])
def test_names_shapes_and_kinds_are_the_official_ones(name: str) -> None:
    one = fixture(name)
    found = {(p.official, p.shape, p.kind) for p in parameters(one.architecture, one.has_head)}
    assert found == {(name, tuple(shape), kind) for name, shape, kind in one.data["parameters"]}
    ours = {p.name for p in parameters(one.architecture, one.has_head)}
    network = build(one.architecture, head=one.has_head, device="meta")
    assert ours == set(network.state_dict())
    assert sum(p.numel() for p in network.parameters()) == one.data["trainable_params"]


@pytest.mark.parametrize("name", ["retinanet_spinenet_tiny", "resnet50_fpn_128"])
def test_official_arrays_come_back_as_they_went(name: str) -> None:
    one = fixture(name)
    arrays = make_weights.weights(one.data["parameters"])
    back = to_official(one.architecture, one.weights(), one.has_head)
    assert back.keys() == arrays.keys()
    for key, array in arrays.items():
        np.testing.assert_array_equal(back[key], array)


def test_an_array_of_another_network_is_refused() -> None:
    one = fixture("spinenet49s_128")
    wrong = {"stem.conv1.kernel": np.zeros((3, 3, 3, 64), np.float32)}
    with pytest.raises(FormatError, match=r"stem.conv1.kernel: found shape \(3, 3, 3, 64\)"):
        from_official(one.architecture, wrong)


@pytest.mark.parametrize(
    ("change", "least"),
    [
        ({"padding": Padding.SYMMETRIC}, 0.1),
        ({"norm_epsilon": 1e-4}, 0.01),
        ({"activation": Activation.RELU}, 0.1),
    ],
)
def test_a_wrong_convention_is_seen(change: dict[str, object], least: float) -> None:
    """The tolerance separates right from wrong: wrong rules are far above it."""
    one = fixture("retinanet_spinenet_tiny")
    scaling = replace(one.architecture.scaling, **change)
    network = build(replace(one.architecture, scaling=scaling), weights=one.weights(), head=True)
    found = arrays_of(network, one.image, one)
    assert max(error(found[key], value) for key, value in one.expected.items()) > least


def test_the_rule_that_makes_the_weights_checks_itself() -> None:
    script = FOLDER / "make_weights.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
