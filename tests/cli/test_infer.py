"""`infer`: maps out, boxes where the weights have a head, one line for bad images."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.architecture.block_specs import read_block_specs
from explorer.network.build import build
from explorer.network.weights import save_weights
from tests.cli.test_calls import answer, refused

GOLDEN = Path(__file__).parents[1] / "golden" / "parity"
PHOTO = Path(__file__).parents[2] / "assets" / "images" / "dog-bicycle-truck.jpg"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A narrow SpineNet-49 with a small head, as an official spec file, and seeded weights."""
    folder = tmp_path_factory.mktemp("tiny")
    spec = folder / "tiny.json"
    spec.write_text((GOLDEN / "retinanet_spinenet_tiny.json").read_text(encoding="utf-8"))
    arch = read_block_specs(spec.read_text(encoding="utf-8"))
    weights = folder / "tiny.safetensors"
    save_weights(weights, build(arch, head=True, seed=7).state_dict())
    return spec, weights


def test_a_photo_through_untrained_weights_gives_maps_and_no_boxes(capsys, tiny, tmp_path):
    features, overlay = tmp_path / "f.npz", tmp_path / "o.png"
    words = ("--image", PHOTO, "--size", 128, "--features", features, "-o", overlay)
    found = answer(capsys, "infer", tiny[0], *words)
    assert (found["weights"], found["detections"]) == ("untrained", [])
    with np.load(features) as arrays:
        assert {name: arrays[name].shape for name in arrays} == {
            f"P{level}": (1, 32, side, side)
            for level, side in zip(range(3, 8), (16, 8, 4, 2, 1), strict=True)
        }
        assert {arrays[name].dtype for name in arrays} == {np.dtype(np.float32)}
    with Image.open(overlay) as picture:
        assert picture.format == "PNG"


def test_weights_with_a_head_give_logits_of_the_array_as_it_is(capsys, tiny, tmp_path):
    """The network built with other weights than the file's would give other maps."""
    import torch

    spec, weights = tiny
    array, features = tmp_path / "x.npy", tmp_path / "f.npz"
    x = np.random.default_rng(0).standard_normal((2, 3, 128, 256), dtype=np.float32)
    np.save(array, x)
    words = ("--image", array, "--weights", weights, "--features", features)
    assert answer(capsys, "infer", spec, *words)["weights"] == str(weights)
    arch = read_block_specs(spec.read_text(encoding="utf-8"))
    network = build(arch, head=True, seed=7)
    with torch.no_grad():
        outputs = network(torch.from_numpy(x))
        heads = network.forward_head(outputs)
    with np.load(features) as arrays:
        assert arrays["P3"].shape == (2, 32, 16, 32)
        for level, maps in outputs.items():
            np.testing.assert_allclose(arrays[f"P{level}"], maps.numpy(), rtol=1e-5, atol=1e-5)
            np.testing.assert_allclose(
                arrays[f"class_P{level}"], heads[level][0].numpy(), rtol=1e-5, atol=1e-5
            )
            np.testing.assert_allclose(
                arrays[f"box_P{level}"], heads[level][1].numpy(), rtol=1e-5, atol=1e-5
            )


def test_the_official_weights_find_the_official_boxes(capsys, tiny, tmp_path):
    """The fixture's checkpoint, through the shell: the official detections of its 128 px image."""
    import json

    from explorer.network.official_names import from_official
    from tests.golden.parity.make_weights import image
    from tests.golden.parity.make_weights import weights as official

    spec = tiny[0]
    listed = json.loads((GOLDEN / "retinanet_spinenet_tiny.json").read_text(encoding="utf-8"))
    arch = read_block_specs(spec.read_text(encoding="utf-8"))
    file, array = tmp_path / "w.safetensors", tmp_path / "x.npy"
    save_weights(file, from_official(arch, official(listed["parameters"]), head=True))
    np.save(array, image(0, 128, 128).transpose(0, 3, 1, 2))
    found = answer(capsys, "infer", spec, "--image", array, "--weights", file)["detections"]
    with np.load(GOLDEN / "retinanet_spinenet_tiny_detections.npz") as expected:
        count = int(expected["num_detections"].ravel()[0])
        boxes = expected["boxes"].reshape(-1, 4)[:count, [1, 0, 3, 2]]
        scores = expected["scores"].ravel()[:count]
    assert len(found) == count
    np.testing.assert_allclose([one["score"] for one in found], scores, atol=1e-4)
    # Scores nearer than 1e-5 may change places: boxes are compared as sets.
    ours, theirs = (sorted(map(tuple, b)) for b in ([one["box"] for one in found], boxes.tolist()))
    np.testing.assert_allclose(ours, theirs, atol=2e-2)


def truncated(path):
    path.write_bytes(PHOTO.read_bytes()[:5000])


def pixel(path):
    Image.new("RGB", (1, 1)).save(path)


def bomb(path):
    Image.new("1", (30_000, 30_000)).save(path)


def words(path):
    path.write_text("no image", encoding="utf-8")


@pytest.mark.parametrize("make", [truncated, pixel, bomb, words])
def test_bad_images_get_one_line(capsys, tiny, tmp_path, make):
    path = tmp_path / "bad.png"
    make(path)
    assert "image" in refused(capsys, "infer", tiny[0], "--image", path, "--size", 128)


def test_bad_arrays_and_weights_get_one_line(capsys, tiny, tmp_path):
    spec, weights = tiny
    array = tmp_path / "x.npy"
    for value in (
        np.zeros((1, 3, 128, 128)),
        np.zeros((3, 128, 128), np.float32),
        np.zeros((1, 4, 128, 128), np.float32),
        np.full((1, 3, 128, 128), np.nan, np.float32),
        np.array([{}], dtype=object),
    ):
        np.save(array, value, allow_pickle=True)
        refused(capsys, "infer", spec, "--image", array)
    np.save(array, np.zeros((1, 3, 100, 100), np.float32))
    assert "128" in refused(capsys, "infer", spec, "--image", array)
    assert "safetensors" in refused(
        capsys, "infer", spec, "--image", PHOTO, "--weights", PHOTO, "--size", 128
    )
    refused(capsys, "infer", spec, "--image", PHOTO, "--weights", tmp_path / "none.safetensors")
    assert "does not fit" in refused(
        capsys, "infer", "resnet-18", "--image", PHOTO, "--weights", weights, "--size", 128
    )


def test_a_network_that_is_too_large_is_refused_before_it_is_built(capsys):
    line = refused(capsys, "infer", "spinenet-190", "--image", PHOTO, "--size", 16384)
    assert "MACs" in line


def test_a_setting_of_the_whole_network_is_an_edit(capsys, tmp_path):
    from explorer.catalog import resolve

    file = tmp_path / "s49.json"
    words = ("--set-scaling", "activation=swish", "--set-scaling", "head.num_convs=7")
    answer(capsys, "edit", "spinenet-49", *words, "-o", file)
    scaling = resolve(str(file)).scaling
    assert (scaling.activation, scaling.head.num_convs) == ("swish", 7)
    for wrong in ("activation=gelu", "nothing=1", "activation", "head={}"):
        refused(capsys, "edit", "spinenet-49", "--set-scaling", wrong)


def test_a_switch_gives_another_padding(capsys, tiny, tmp_path):
    """The maps are those of the reference that pads so; the spec file's own rule is `same`."""
    import torch

    from explorer.architecture.edits import set_scaling

    spec, weights = tiny
    array, features = tmp_path / "x.npy", tmp_path / "f.npz"
    x = np.random.default_rng(0).standard_normal((1, 3, 128, 128), dtype=np.float32)
    np.save(array, x)
    arch = read_block_specs(spec.read_text(encoding="utf-8"))
    for padding in ("same", "tf1", "symmetric"):
        words = ("--image", array, "--weights", weights, "--features", features)
        answer(capsys, "infer", spec, *words, "--padding", padding)
        with torch.no_grad():
            expected = build(set_scaling(arch, "padding", padding), seed=7)(torch.from_numpy(x))
        with np.load(features) as arrays:
            for level, maps in expected.items():
                np.testing.assert_allclose(arrays[f"P{level}"], maps, rtol=1e-4, atol=1e-4)
    assert "same" in refused(capsys, "infer", spec, "--image", array, "--padding", "valid")
