"""Detections against the official generator's, and against a plain greedy pass in full."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from explorer.architecture.errors import SizeError
from explorer.detection.anchors import anchors
from explorer.detection.decode import Detection, Rules, decode_boxes, detections
from explorer.network.build import build
from explorer.network.checkpoint.reading import read_checkpoint
from explorer.network.official_names import from_official
from tests.network.parity import FOLDER, fixture

TINY = "retinanet_spinenet_tiny"
LEVELS = range(3, 8)
Maps = dict[int, Tensor]
Box = tuple[float, float, float, float]


@pytest.fixture(scope="module")
def official() -> Mapping[str, np.ndarray]:
    with np.load(FOLDER / f"{TINY}_detections.npz") as arrays:
        return dict(arrays)


def stored(kind: str) -> Maps:
    with np.load(FOLDER / f"{TINY}.npz") as arrays:
        return {level: torch.from_numpy(arrays[f"{kind}_P{level}"]) for level in LEVELS}


def corners(found: tuple[Detection, ...]) -> np.ndarray:
    return np.array([(y0, x0, y1, x1) for _, _, _, (x0, y0, x1, y1), _ in found])


def test_the_official_detections(official: Mapping[str, np.ndarray]) -> None:
    found = detections(stored("class"), stored("box"), (128, 128), anchor_size=3.0)
    assert len(found) == official["num_detections"][()] == 100
    assert [one.class_id for one in found] == official["classes"].tolist()
    assert np.abs(corners(found) - official["boxes"]).max() < 1e-4
    assert np.abs([one.score for one in found] - official["scores"]).max() < 1e-6


def test_from_the_checkpoint_to_the_detections(official: Mapping[str, np.ndarray]) -> None:
    """TensorFlow's file, our network, our boxes. Near-equal scores may change places."""
    tiny = fixture(TINY)
    arrays = read_checkpoint(FOLDER / TINY, tiny.architecture).arrays
    weights = from_official(tiny.architecture, arrays, head=True)
    network = build(tiny.architecture, weights=weights, head=True)
    with torch.inference_mode():
        heads = network.forward_head(network(tiny.image))
    found = detections(
        {level: one[0] for level, one in heads.items()},
        {level: one[1] for level, one in heads.items()},
        (128, 128),
        anchor_size=3.0,
    )
    boxes = corners(found)
    for place, (class_id, box) in enumerate(
        zip(official["classes"], official["boxes"], strict=True)
    ):
        near = range(max(0, place - 2), min(100, place + 3))
        assert any(
            found[i].class_id == class_id and np.abs(boxes[i] - box).max() < 1e-2 for i in near
        ), place


def test_the_level_is_the_anchors() -> None:
    """One strong logit on each level in turn."""
    for level in LEVELS:
        logits = {one: torch.full((1, 27, 128 >> one, 128 >> one), -9.0) for one in LEVELS}
        boxes = {one: torch.zeros(1, 36, 128 >> one, 128 >> one) for one in LEVELS}
        logits[level][0, 3 * 4 + 2, -1, 0] = 2.0
        (found,) = detections(logits, boxes, (128, 128), anchor_size=0.5)
        assert (found.level, found.class_id) == (level, 2)
        assert found.score == pytest.approx(1 / (1 + math.exp(-2)))


def test_boxes_end_at_the_picture_not_at_its_padding() -> None:
    logits, boxes = torch.full((1, 18, 1, 1), 3.0), torch.zeros(1, 36, 1, 1)
    found = detections({7: logits}, {7: boxes}, (128, 128), image_size=(100.0, 128.0))
    assert {one.box for one in found} == {(0.0, 0.0, 128.0, 100.0)}


def test_growth_is_capped() -> None:
    huge = decode_boxes(torch.tensor([[0.0, 0, 50, 50]]), torch.tensor([[0.0, 0, 16, 16]]))
    assert huge.tolist() == [pytest.approx([-492.0, -492.0, 508.0, 508.0])]


def test_a_flat_box_stays_and_a_dot_goes() -> None:
    logits, boxes = torch.full((1, 18, 1, 1), -9.0), torch.zeros(1, 36, 1, 1)
    logits[0, 1], boxes[0, 1] = 2.0, -9.0  # anchor 0: pushed out on the left, 0 wide
    found = detections({7: logits}, {7: boxes}, (128, 128), anchor_size=1.0)
    assert [one.box for one in found] == [(0.0, 0.0, 0.0, 128.0)]
    boxes[0, 0] = -9.0  # and out at the top: nothing is left of it
    assert detections({7: logits}, {7: boxes}, (128, 128), anchor_size=1.0) == ()


@pytest.mark.parametrize(
    ("logits", "boxes"),
    [((1, 18, 4, 4), (1, 36, 4, 5)), ((2, 18, 4, 4), (2, 36, 4, 4)), ((1, 17, 4, 4), (1, 36, 4, 4)),
     ((1, 18, 4, 4), (1, 32, 4, 4)), ((18, 4, 4), (36, 4, 4))],
)  # fmt: skip
def test_maps_that_do_not_fit(logits: tuple[int, ...], boxes: tuple[int, ...]) -> None:
    with pytest.raises(SizeError, match="P3: found class outputs"):
        detections({3: torch.zeros(logits)}, {3: torch.zeros(boxes)}, (32, 32))


def test_a_level_without_boxes() -> None:
    with pytest.raises(SizeError, match="without box outputs"):
        detections({3: torch.zeros(1, 18, 4, 4)}, {}, (32, 32))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), spread=st.sampled_from([0.3, 1.0, 3.0]))
def test_equals_a_full_greedy_pass(seed: int, spread: float) -> None:
    """The heap stops early and skips classes; what it returns is what doing all of it returns."""
    rng = torch.Generator().manual_seed(seed)
    logits = {level: torch.randn(1, 45, 6 - level, 7, generator=rng) * spread for level in (3, 4)}
    logits = {level: (one * 4).round() / 4 for level, one in logits.items()}  # equal scores too
    boxes = {level: torch.randn(1, 36, 6 - level, 7, generator=rng) for level in (3, 4)}
    rules = Rules(min_score=0.4, pre_nms=40, max_detections=25)
    found = detections(logits, boxes, (24, 56), rules=rules)
    assert [(one.class_id, one.score, one.box) for one in found] == _greedy(logits, boxes, rules)


def _greedy(logits: Maps, boxes: Maps, rules: Rules) -> list[tuple[int, float, Box]]:
    """The published rules in plain loops: every class in full, then the best of all."""
    kept = []
    for k in range(1, 5):
        scored = []
        for level in sorted(logits):
            _, _, rows, columns = logits[level].shape
            offsets = boxes[level].reshape(9, 4, rows, columns).permute(2, 3, 0, 1).reshape(-1, 4)
            decoded = decode_boxes(offsets, anchors(rows, columns, 24 / rows, 4.0)).tolist()
            scores = torch.sigmoid(logits[level].reshape(9, 5, rows, columns)[:, k])
            scored += zip(scores.permute(1, 2, 0).flatten().tolist(), decoded, strict=True)
        chosen: list[tuple[float, Box]] = []
        for score, (y0, x0, y1, x1) in sorted(scored, key=lambda one: -one[0])[: rules.pre_nms]:
            box = (_cut(x0, 56.0), _cut(y0, 24.0), _cut(x1, 56.0), _cut(y1, 24.0))
            apart = all(_iou(box, other) < rules.max_iou for _, other in chosen)
            if score > rules.min_score and any(box) and apart:
                chosen.append((score, box))
        kept += [(k, score, box) for score, box in chosen[: rules.max_detections]]
    return sorted(kept, key=lambda one: -one[1])[: rules.max_detections]


def _cut(value: float, limit: float) -> float:
    return min(max(value, 0.0), limit)


def _iou(one: Box, two: Box) -> float:
    width = max(min(one[2], two[2]) - max(one[0], two[0]), 0)
    height = max(min(one[3], two[3]) - max(one[1], two[1]), 0)
    areas = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (one, two))
    return width * height / (areas - width * height + 1e-8)


def test_640_pixels_and_91_classes_take_a_moment() -> None:
    rng = torch.Generator().manual_seed(0)
    logits = {k: torch.randn(1, 819, 640 >> k, 640 >> k, generator=rng) - 4 for k in LEVELS}
    boxes = {k: torch.randn(1, 36, 640 >> k, 640 >> k, generator=rng) for k in LEVELS}
    start = time.perf_counter()
    assert len(detections(logits, boxes, (640, 640), anchor_size=3.0)) == 100
    assert time.perf_counter() - start < 5
