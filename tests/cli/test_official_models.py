"""Any official model: its checkpoint in, its array through, its maps, logits and boxes out.

From the shell alone, with a spec file in the official words; the reference says what is right.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Op
from explorer.network.export.files import Target, export_bytes
from tests.cli.test_calls import answer
from tests.golden.parity import make_weights
from tests.network.parity import TOLERANCE
from tests.network.reference import Reference
from tests.network.test_checkpoint_mapping import KerasNames, mobile_names, written_by_keras
from tests.network.test_parity_everywhere import random_specs, specs_of


def spinenet_names(arch: Architecture) -> dict[str, str]:
    """Official layer -> Keras's name, by the loop of spinenet.py: dead blocks are made as well."""
    names = KerasNames()

    def conv_norm(layer: str) -> None:
        names.add(f"{layer}.conv", "conv2d")
        names.add(f"{layer}.bn", "batch_normalization")

    names.add("stem.conv1", "conv2d")
    names.add("stem.bn1", "batch_normalization")
    repeats = range(arch.scaling.block_repeats)
    for i in (0, 1):
        for repeat in repeats:
            names.add(f"stem.block{i}.{repeat}", "bottleneck_block")
    for block in arch.blocks[2:]:
        for slot, parent in enumerate(block.parents):
            link = f"blocks.{block.id}.resample{slot}"
            conv_norm(f"{link}.squeeze")
            if block.level > arch.block(parent).level:
                conv_norm(f"{link}.down")
            conv_norm(f"{link}.expand")
        for repeat in repeats:
            names.add(f"blocks.{block.id}.body.{repeat}", f"{block.op}_block")
    for level in range(3, 8):
        conv_norm(f"endpoints.{level}")
    return names.found


def spec_text(arch: Architecture) -> str:
    """What DESIGN calls an official spec file, and nothing that it does not name."""
    scaling = arch.scaling
    head = asdict(scaling.head)
    keys = ("filter_size_scale", "resample_alpha", "block_repeats", "endpoints_num_filters")
    return json.dumps(
        {
            "family": "mobile" if arch.blocks[0].op is Op.MBCONV else "spinenet",
            "block_specs": specs_of(arch),
            "scaling": {key: getattr(scaling, key) for key in keys},
            "activation": scaling.activation,
            "norm_epsilon": scaling.norm_epsilon,
            "padding": scaling.padding,
            "head": {
                key: head[key] for key in ("num_convs", "num_filters", "num_classes", "num_anchors")
            },
            "made_with": "another key, which is ignored",
        }
    )


@pytest.mark.parametrize("seed", range(12))
def test_from_its_checkpoint_to_its_outputs(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mobile = seed % 3 == 2
    arch = random_specs(seed, mobile)
    if mobile:  # the spec file has no word for the stem's width: it follows the filter scale
        arch = _read(arch)
    names = mobile_names(arch) if mobile else spinenet_names(arch)
    prefix, values = written_by_keras(arch, names, tmp_path)
    spec, weights, array, features = (
        tmp_path / name for name in ("s.json", "w.safetensors", "x.npy", "f.npz")
    )
    spec.write_text(spec_text(arch), encoding="utf-8")
    image = make_weights.image(seed, *((128, 256), (256, 128))[seed % 2])
    np.save(array, image.transpose(0, 3, 1, 2))
    found = answer(capsys, "import-checkpoint", prefix, "--arch", spec, "-o", weights)
    assert found["matched"] == len(values)
    assert (found["missing"], found["unused"], found["reshaped"]) == ([], [], [])
    answer(capsys, "infer", spec, "--image", array, "--weights", weights, "--features", features)
    scaling = arch.scaling
    reference = Reference(
        values, specs_of(arch), str(scaling.activation), mobile, scaling.norm_epsilon,
        padding=str(scaling.padding),
    )  # fmt: skip
    with torch.inference_mode():
        outputs = reference(torch.from_numpy(np.load(array)))[1]
        expected = {f"P{level}": x for level, x in outputs.items()} | reference.head(outputs)
    with np.load(features) as given:
        assert set(given) == set(expected)
        for name, value in expected.items():
            difference = np.abs(given[name] - value.numpy()).max()
            assert difference <= TOLERANCE * float(value.abs().max()), name


def _read(arch: Architecture) -> Architecture:
    from explorer.architecture.block_specs import read_block_specs

    return read_block_specs(spec_text(arch))


def test_what_the_explorer_writes_as_specs_is_read_as_the_same_network() -> None:
    from explorer.architecture.block_specs import read_block_specs

    for seed in range(12):
        arch = random_specs(seed, mobile=False)
        text = export_bytes(arch, Target.BLOCK_SPECS).data.decode()
        assert read_block_specs(text) == arch
