"""Weights in and out of files."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from explorer.architecture.edits import set_level
from explorer.architecture.errors import FormatError
from explorer.network.build import build
from explorer.network.weights import Match, Weights, load_weights, match, save_weights
from tests.network.parity import fixture

ARCH = fixture("retinanet_spinenet_tiny").architecture


def test_a_network_comes_back_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    state = build(ARCH, seed=5, head=True).state_dict()
    save_weights(file, state)
    weights = load_weights(file)
    found = build(ARCH, seed=0, weights=weights, head=True).state_dict()
    assert state.keys() == found.keys()
    assert all(torch.equal(found[name], value) for name, value in state.items())
    assert match(ARCH, weights, head=True) == Match(tuple(sorted(state)), (), (), ())


def test_a_match_names_what_goes_together_and_what_does_not() -> None:
    weights = dict(build(ARCH).state_dict())
    gone = "blocks.16.body.0.conv2.weight"
    del weights[gone]
    weights["nobody.weight"] = torch.zeros(1)
    found = match(set_level(ARCH, 3, 3), weights)
    assert gone in found.missing
    assert "nobody.weight" in found.unused
    assert "blocks.3.body.0.conv1.weight" in found.reshaped
    assert "stem.conv1.weight" in found.matched
    assert not set(found.matched) & {*found.reshaped, *found.unused, *found.missing}


def test_what_does_not_fit_keeps_its_initial_value() -> None:
    name = "stem.conv1.weight"
    network = build(ARCH, seed=2, weights={name: torch.zeros(1, 2, 3)})
    assert torch.equal(network.state_dict()[name], build(ARCH, seed=2).state_dict()[name])


def test_other_floats_become_float32_and_other_numbers_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    save_file({"stem.bn1.weight": torch.ones(4, dtype=torch.float16)}, file)
    assert load_weights(file)["stem.bn1.weight"].dtype is torch.float32
    save_file({"stem.bn1.weight": torch.ones(4, dtype=torch.int64)}, file)
    with pytest.raises(FormatError, match=r"stem\.bn1\.weight of type torch\.int64"):
        load_weights(file)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\xff" * 64, (10**12).to_bytes(8, "little") + b"{}"]
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "weights.safetensors"
    file.write_bytes(data)
    with pytest.raises(FormatError, match="not in the safetensors format"):
        load_weights(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.safetensors", "with\0nul"):
        with pytest.raises(FormatError, match="found no readable file"):
            load_weights(path)


def test_the_version_follows_the_values(tmp_path: Path) -> None:
    one = Weights({"a": torch.zeros(2), "b": torch.ones(3)})
    assert one.version == Weights({"b": torch.ones(3), "a": torch.zeros(2)}).version
    assert one.version != Weights({"a": torch.ones(3), "b": torch.zeros(2)}).version
    assert len(one) == 2
    files = [tmp_path / "one", tmp_path / "two"]
    for value, file in enumerate(files):
        save_weights(file, {"a": torch.full((2,), float(value))})
    assert len({load_weights(file).version for file in files}) == 2
