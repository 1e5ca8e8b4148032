"""Miniature networks: any architecture, by the executor, with shared parameters."""

import numpy as np
import pytest
import torch

from explorer.architecture.edits import rewire, set_level
from explorer.architecture.errors import EditError, FormatError
from explorer.architecture.miniature import MINIATURE, NUM_CLASSES, miniature
from explorer.catalog import entry
from explorer.detection import miniature as room
from explorer.detection.miniature import (
    MiniatureWeights,
    bypassed,
    find,
    in_space,
    miniature_weights,
    permuted,
    tensor_of,
)
from explorer.detection.points import detections, outputs, suppressed
from explorer.detection.scenes import scene
from explorer.detection.stickers import names
from explorer.detection.training.sampling import catalog_orders, sample
from explorer.detection.training.supernet import PLACES, Supernet
from explorer.network.build import build
from explorer.network.execution import Executor
from explorer.network.weights import Weights, match, save_weights

SPINENET = entry("spinenet-49").architecture


@pytest.fixture(scope="module")
def supernet():
    return Supernet(3)


@pytest.fixture(scope="module")
def values(supernet):
    tensors = {name: value.detach() for name, value in supernet.parameters.items()}
    return MiniatureWeights("test", room._everywhere(Weights(tensors)))


def test_the_scaling_fits_the_stickers():
    assert len(names().classes) == NUM_CLASSES == MINIATURE.head.num_classes - 1
    assert room.TRAINED_PLACES == PLACES


def test_training_and_the_executor_compute_the_same(supernet, values):
    """What training runs and what the app runs: the same parameters, the same maps."""
    images = tensor_of(np.stack([scene(i).image for i in range(2)]))
    for seed in range(6):
        rng = np.random.default_rng(seed)
        arch = sample(rng, seed, 0.0 if seed < 3 else 1.0)
        with torch.no_grad():
            trained = supernet.heads(arch, images)
        run = Executor().run(arch, images, "two", head=True, weights=values.weights)
        network = build(arch, head=True, weights=values.weights)
        with torch.no_grad():
            built = network.forward_head(network(images))
        for level, pair in run.heads.items():
            for one, two, three in zip(pair, trained[level], built[level], strict=True):
                torch.testing.assert_close(one, two, rtol=1e-4, atol=1e-4)
                torch.testing.assert_close(one, three, rtol=1e-4, atol=1e-4)


def test_every_architecture_finds_all_its_parameters(values):
    """Longer networks and blocks with more parents as well."""
    archs = [entry(name).architecture for name in ("resnet-152-fpn", "mobile-spinenet-49")]
    archs.append(rewire(SPINENET, 9, 0, 2))
    for arch in archs:
        found = match(miniature(arch), values.weights, head=True)
        assert not found.missing and not found.reshaped


def test_after_an_edit_only_what_is_downstream_runs(values):
    executor, image = Executor(), scene(1).image
    first = find(SPINENET, image, "a", values=values, executor=executor)
    again = find(SPINENET, image, "a", values=values, executor=executor)
    edited = find(set_level(SPINENET, 11, 4), image, "a", values=values, executor=executor)
    assert first.detections == again.detections
    assert again.run.executed == ()
    assert 0 < len(edited.run.executed) < len(first.run.executed) / 2


def test_bypassed_blocks_pass_their_sum_on(values):
    images = tensor_of(scene(2).image[None])
    made = miniature(SPINENET)
    off = bypassed(SPINENET, values.weights, [5, 12])
    network = build(made, head=True, weights=off)
    seen = {}
    for place in (5, 12, 6):
        network.get_submodule(f"blocks.{place}.body").register_forward_hook(
            lambda module, given, gave, place=place: seen.update({place: (given[0], gave)})
        )
    with torch.no_grad():
        network(images)
    for place in (5, 12):
        torch.testing.assert_close(*seen[place])
    assert not torch.equal(*seen[6])
    with pytest.raises(EditError, match="permuted"):
        bypassed(SPINENET, values.weights, [0])
    assert permuted(SPINENET) == tuple(range(2, 17))


def test_boxes_come_out_in_pixels_of_the_image(values):
    photo = np.random.default_rng(0).integers(0, 255, (300, 450, 3)).astype(np.uint8)
    kept = room.FOR_PEOPLE.__class__(min_score=0.0)
    found = find(SPINENET, photo, "photo", values=values, kept=kept).detections
    assert found
    for item in found:
        x0, y0, x1, y1 = item.box
        assert 0 <= x0 <= x1 <= 450 and 0 <= y0 <= y1 <= 300
        assert 3 <= item.level <= 7 and item.label in names().classes


def test_suppression_agrees_with_a_plain_loop():
    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 100, (120, 2))
    boxes = np.concatenate((corner, corner + rng.uniform(5, 40, (120, 2))), 1).astype(np.float32)
    kinds = rng.integers(0, 3, 120)

    def overlap(a, b):
        w = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
        h = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
        whole = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
        return w * h / (whole - w * h)

    kept: list[int] = []
    for i in range(120):
        rivals = (j for j in kept if kinds[j] == kinds[i])
        if all(overlap(boxes[i], boxes[j]) <= 0.5 for j in rivals):
            kept.append(i)
    assert suppressed(boxes, kinds, 0.5) == kept


def test_a_head_that_says_an_object_gives_its_box():
    """One cell speaks: its box is where the distances say."""
    heads = {
        level: (
            torch.full((1, NUM_CLASSES + 1, 128 >> level, 128 >> level), -9.0),
            torch.zeros(1, 4, 128 >> level, 128 >> level),
        )
        for level in range(3, 8)
    }
    heads[4][0][0, :, 2, 3] = torch.tensor([9.0, *(9.0 if i == 5 else 0.0 for i in range(16))])
    heads[4][1][0, :, 2, 3] = torch.log(torch.tensor([10.0, 12, 8, 6]) / 32)
    ((found,),) = detections(outputs(heads, 128, 128), (128, 128))
    assert found.label == names().classes[5] and found.level == 4
    np.testing.assert_allclose(found.box, (56 - 10, 40 - 12, 56 + 8, 40 + 6), atol=1e-4)


def test_what_is_in_the_space():
    assert in_space(SPINENET)
    assert all(in_space(entry(name).architecture) for name in ("r0-sp53", "resnet-50-fpn"))
    assert not in_space(entry("ssdlite-mobilenetv2").architecture)
    assert len(catalog_orders()) == 5


def test_files_that_hold_something_else_are_refused(tmp_path):
    save_weights(tmp_path / "w.safetensors", {"a": torch.zeros(2)})
    with pytest.raises(FormatError, match="miniature"):
        miniature_weights(tmp_path / "w.safetensors")


def test_weights_of_another_width_are_not_taken_for_trained_ones(tmp_path, supernet):
    narrow = {name: value[:, :64] for name, value in supernet.parameters.items() if value.ndim > 1}
    save_weights(tmp_path / "w.safetensors", {n: v.contiguous() for n, v in narrow.items()})
    with pytest.raises(FormatError, match="64 channels, expected 96"):
        miniature_weights(tmp_path / "w.safetensors")


def test_without_the_file_all_says_untrained(monkeypatch, tmp_path):
    monkeypatch.setattr(room, "ONE_SHOT_FILE", tmp_path / "none.safetensors")
    assert miniature_weights() == MiniatureWeights("untrained", None)
    assert find(SPINENET, scene(1).image, "a").label == "untrained"
