"""Exported ONNX files in ONNX Runtime: any batch, the same outputs as ours."""

import sys
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from explorer.architecture.errors import ExplorerError, SizeError
from explorer.architecture.scaling import Padding
from explorer.catalog import entry
from explorer.cost.cost import supports_head
from explorer.network.build import build
from explorer.network.export import onnx_file
from explorer.network.export.onnx_file import OnnxMissingError, onnx_bytes, output_names
from tests.network.export.busy import busy_state, edited
from tests.random_architectures import Family, random_architecture


def cases():
    found = {
        "mobile": entry("mobile-spinenet-49xs").architecture,
        "resnet": entry("resnet-18").architecture,
        "spinenet": random_architecture(3, family=Family.SPINENET),
        "pyramid": random_architecture(1, family=Family.PYRAMID),
        "edited": edited(random_architecture(2, family=Family.MIXED), 2, 6),
    }
    symmetric = replace(found["spinenet"].scaling, padding=Padding.SYMMETRIC)
    found["symmetric"] = replace(found["spinenet"], scaling=symmetric)
    return found


@pytest.mark.parametrize("name", cases())
def test_runtime_gives_our_outputs_for_any_batch(name):
    arch = cases()[name]
    network = build(arch, head=supports_head(arch))
    network.load_state_dict(busy_state(network))
    size = (128, 256) if name == "spinenet" else (128, 128)
    data = onnx_bytes(network, size)
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    assert (given.name, given.shape[1:]) == ("image", [3, *size])
    assert isinstance(given.shape[0], str), "the batch is not free"
    outputs = {output.name: output.shape for output in session.get_outputs()}
    assert tuple(outputs) == output_names(network)
    assert {shape[0] for shape in outputs.values()} == {given.shape[0]}
    for batch in (1, 3):
        image = torch.randn(batch, 3, *size, generator=torch.Generator().manual_seed(batch))
        with torch.no_grad():
            maps = network(image)
            heads = network.forward_head(maps) if network.has_head else {}
        expected = {arch.scaling.output_name(level): map_ for level, map_ in maps.items()}
        for level, (logits, boxes) in heads.items():
            expected |= {f"class_P{level}": logits, f"box_P{level}": boxes}
        found = dict(zip(outputs, session.run(None, {"image": image.numpy()}), strict=True))
        assert set(found) == set(expected)
        for key, map_ in expected.items():
            largest = float(map_.abs().max())
            assert largest > 0
            assert found[key].shape == map_.shape
            assert np.abs(found[key] - map_.numpy()).max() <= 1e-4 * largest, key


def test_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(onnx_file, "NEEDED", ("onnx", "no_such_package_of_onnx"))
    with pytest.raises(OnnxMissingError, match=r"no_such_package_of_onnx.*pip install") as error:
        onnx_bytes(build(entry("resnet-18").architecture, device="meta"), (128, 128))
    assert "package onnx," not in str(error.value)


def test_sizes_at_which_maps_do_not_meet_are_refused():
    network = build(entry("mobile-spinenet-49xs").architecture, device="meta")
    with pytest.raises(SizeError):
        onnx_bytes(network, (100, 100))


def test_more_than_one_file_can_hold_is_refused(monkeypatch):
    monkeypatch.setattr(onnx_file, "MAX_NBYTES", 10_000_000)
    network = build(entry("resnet-18").architecture, device="meta")
    with pytest.raises(ExplorerError, match="bytes of parameters"):
        onnx_bytes(network, (128, 128))


def test_exporting_prints_nothing(capfd):
    onnx_bytes(build(random_architecture(0)), (128, 128))
    sys.stdout.flush()
    assert capfd.readouterr() == ("", "")
