"""`import-checkpoint`: official weights in, official outputs out; refusals write nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from explorer.catalog import entry
from explorer.network.build import build
from explorer.network.weights import save_weights
from tests.cli.test_calls import answer, refused, run
from tests.golden.parity.make_weights import image
from tests.network.parity import FOLDER, TOLERANCE, fixture
from tests.network.ports.port_networks import resnet_state

PREFIX = FOLDER / "retinanet_spinenet_tiny"
SPEC = PREFIX.with_suffix(".json")


def imported(capsys, target, *words):
    return answer(capsys, "import-checkpoint", *words, "-o", target)


def test_tensorflow_s_own_checkpoint_gives_tensorflow_s_own_outputs(capsys, tmp_path):
    """From the shell alone: import, then run the array that the official code was given."""
    weights, array, features = (tmp_path / name for name in ("w.safetensors", "x.npy", "f.npz"))
    found = imported(capsys, weights, PREFIX, "--arch", SPEC)
    assert found["matched"] == len(json.loads(SPEC.read_text())["parameters"]) == 742
    assert (found["missing"], found["unused"], found["reshaped"]) == ([], [], [])
    np.save(array, image(0, 128, 128).transpose(0, 3, 1, 2))
    words = ("--image", array, "--weights", weights, "--features", features)
    assert answer(capsys, "infer", SPEC, *words)["weights"] == str(weights)
    with np.load(features) as ours, np.load(PREFIX.with_suffix(".npz")) as theirs:
        assert set(ours) == set(theirs)
        assert {"class_P3", "box_P3", "P7"} <= set(ours)
        for name in theirs:
            assert ours[name].dtype == np.float32
            largest = np.abs(theirs[name]).max()
            assert np.abs(ours[name] - theirs[name]).max() <= TOLERANCE * largest, name


@pytest.mark.parametrize("suffix", ["", ".index"])
def test_the_prefix_may_be_the_name_of_the_index(capsys, tmp_path, suffix):
    path = PREFIX.with_name(PREFIX.name + suffix)
    found = imported(capsys, tmp_path / "w.safetensors", path, "--arch", SPEC, "--head", "none")
    assert found["head"] is False
    assert not found["missing"]
    assert found["unused"] and all(key.startswith("head/") for key in found["unused"])


def test_the_table_says_what_was_missing_left_over_and_of_another_shape(capsys, tmp_path):
    spec = json.loads(SPEC.read_text(encoding="utf-8"))
    spec["scaling"]["endpoints_num_filters"] = 40
    spec["head"]["num_convs"] = 3
    other = tmp_path / "other.json"
    other.write_text(json.dumps(spec), encoding="utf-8")
    words = ("import-checkpoint", PREFIX, "--arch", other, "-o", tmp_path / "w.safetensors")
    status, text, complaint = run(capsys, *words)
    assert (status, complaint) == (0, "")
    assert "head.class.convs.2.kernel" in text
    assert "endpoints.3.conv.kernel: 1x1x76x32 for 1x1x76x40" in text
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines()[2:8]}
    assert rows["endpoints"] == ["0", "0", "25"]
    assert rows["head"] == ["90", "44", "2"]
    assert rows["stem"][1:] == ["0", "0"]
    found = answer(capsys, *words)
    kept = set(load_file(tmp_path / "w.safetensors"))
    assert len(kept) == found["matched"]
    assert {"name": "endpoints.3.bn.gamma", "found": [32], "expected": [40]} in found["reshaped"]


def test_a_file_of_ours_comes_through_and_says_whose_it_is(capsys, tmp_path):
    arch = fixture(PREFIX.name).architecture
    state = build(arch, head=True, seed=3).state_dict() | {"nobody.weight": torch.ones(1)}
    save_weights(tmp_path / "a.safetensors", state)
    target = tmp_path / "b.safetensors"
    found = imported(capsys, target, tmp_path / "a.safetensors", "--arch", SPEC)
    assert (found["matched"], found["unused"]) == (742, ["nobody.weight"])
    assert all(torch.equal(x, state[name]) for name, x in load_file(target).items())
    with safe_open(target, "pt") as file:
        assert file.metadata()["source"] == "state dict of ours"


@pytest.mark.parametrize("ending", [".safetensors", ".pth", ".legacy.pth"])
def test_torchvision_s_resnets_by_either_kind_of_file(capsys, tmp_path, ending):
    state = resnet_state("bottleneck", (3, 4, 6, 3), (64, 128, 256, 512))
    path = tmp_path / f"resnet50{ending}"
    if ending == ".safetensors":
        save_file(state, path)
    else:
        held = {"state_dict": state, "epoch": 90} if "legacy" in ending else state
        torch.save(held, path, _use_new_zipfile_serialization="legacy" not in ending)
    target = tmp_path / "w.safetensors"
    found = imported(capsys, target, path, "--arch", "resnet-50")
    count = len(build(entry("resnet-50").architecture, device="meta").state_dict())
    assert (found["matched"], found["missing"], found["reshaped"]) == (count, [], [])
    assert found["source"] == "torchvision's ResNet"
    assert any("symmetric" in note for note in found["notes"])
    ours = load_file(target)
    assert torch.equal(ours["stem.conv1.weight"], state["conv1.weight"])


def test_a_table_of_one_s_own(capsys, tmp_path):
    arch = entry("resnet-18").architecture
    state = build(arch, seed=1).state_dict()
    save_file({f"net/{name}": x.clone() for name, x in state.items()}, tmp_path / "x.safetensors")
    table = tmp_path / "mine.json"
    rules = [[f"net/{first}.{{rest*}}", f"{first}.{{rest}}"] for first in ("stem", "blocks")]
    table.write_text(json.dumps({"version": 1, "rules": rules}), encoding="utf-8")
    words = (tmp_path / "x.safetensors", "--arch", "resnet-18", "--table", table)
    found = imported(capsys, tmp_path / "w.safetensors", *words)
    assert found["matched"] == len(state)


def test_what_cannot_be_written_is_one_line(capsys, tmp_path):
    words = ("import-checkpoint", PREFIX, "--arch", SPEC, "-o", tmp_path / "no" / "w.safetensors")
    assert "expected a place to write" in refused(capsys, *words)


def test_words_that_are_off_are_one_line(capsys, tmp_path):
    target = ("-o", tmp_path / "w.safetensors")
    refused(capsys, "import-checkpoint", PREFIX, *target)
    refused(capsys, "import-checkpoint", PREFIX, "--arch", "no-such-net", *target)
    refused(capsys, "import-checkpoint", PREFIX, "--arch", SPEC, "--table", "none", *target)
    assert not list(Path(tmp_path).iterdir())
