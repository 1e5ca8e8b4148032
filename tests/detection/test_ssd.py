"""The trained reference against the graph that it was taken from, and what edits do to it.

`tests/golden/ssdlite/` holds what the package's own graph says, run by `make_expected.py`, which
shares no line with the explorer.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Op
from explorer.architecture.edits import Edit
from explorer.architecture.errors import SizeError
from explorer.catalog import entry, photos, reference_for
from explorer.cost.cost import cost
from explorer.detection.decode import Detection, Rules
from explorer.detection.inference import (
    UNTRAINED,
    Inference,
    infer,
    input_side,
    picture,
    read_values,
)
from explorer.detection.ssd import FINEST, PER_CELL, ssd_anchors, ssd_boxes, ssd_detections
from explorer.network.build import build
from explorer.network.image import open_image
from explorer.network.weights import load_weights, match

GOLDEN = Path(__file__).parents[1] / "golden" / "ssdlite"
REFERENCE = entry("ssdlite-mobilenetv2")
ARCH = REFERENCE.architecture
DOG = "dog-bicycle-truck"
SIZES = (19, 10, 5, 3, 2, 1)
TOLERANCE = 0.01
"""Of scores; of boxes, in sides of the image. Weights are stored with 16 bits."""


@cache
def found_on(photo: str, arch: Architecture = ARCH) -> Inference:
    path = next(one.path for one in photos() if one.path.stem == photo)
    return infer(arch, picture(arch, open_image(path)), photo, read_values(arch, None))


def of(arch: Architecture) -> list[Detection]:
    return list(found_on(DOG, arch).detections)


def golden(name: str) -> dict[str, list]:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("photo", sorted(golden("photos")))
def test_scores_and_boxes_are_the_original_s(photo: str) -> None:
    """Anchor by anchor, before suppression: every score of 0.1 or more, and its box."""
    heads = found_on(photo).run.heads
    scores, boxes = [], []
    for level in sorted(heads):
        logits = heads[level][0]
        scores.append(logits.permute(0, 2, 3, 1).reshape(-1, 91).sigmoid()[:, 1:])
        boxes.append(ssd_boxes(heads[level][1], level, ARCH.scaling))
    score, box = torch.cat(scores), torch.cat(boxes)
    assert score.shape == (1917, 90)
    expected = torch.zeros(score.shape)
    for anchor, class_id, value, corners in golden("photos")[photo]:
        expected[anchor, class_id - 1] = value
        assert abs(float(score[anchor, class_id - 1]) - value) <= TOLERANCE
        assert np.abs(box[anchor].numpy() - corners).max() <= TOLERANCE
    unnamed = score[expected == 0]
    assert float(unnamed.max()) <= 0.1 + TOLERANCE


def test_it_finds_the_dog_the_bicycle_and_the_car() -> None:
    best = {one.label: one for one in reversed(of(ARCH))}
    assert best["bicycle"].score > 0.9
    assert best["dog"].score > 0.8
    assert best["car"].score > 0.8
    size = input_side(ARCH)
    x0, y0, x1, y1 = (edge / size for edge in best["dog"].box)
    assert (x0 < 0.3 < x1) and (y0 < 0.7 < y1)
    assert best["bicycle"].level > best["car"].level  # the large thing by a coarser tap


def test_every_map_has_the_original_s_statistics() -> None:
    path = next(one.path for one in photos() if one.path.stem == DOG)
    tensor = picture(ARCH, open_image(path)).tensor
    network = build(ARCH, weights=load_weights(REFERENCE.weights), head=True)
    with torch.inference_mode():
        maps = network.maps(tensor).blocks
    expected = golden("maps")
    assert {str(block) for block in maps} == set(expected)
    for block, (shape, *numbers) in expected.items():
        x = maps[int(block)]
        assert list(x.permute(0, 2, 3, 1).shape) == shape
        found = [float(y) for y in (x.mean(), x.std(correction=0), x.min(), x.max())]
        spread = numbers[1]
        assert np.abs(np.array(found) - numbers).max() <= 0.02 * spread + 0.01 * max(numbers[3], 1)


def test_anchors_are_the_original_s() -> None:
    ours = torch.cat([ssd_anchors(n, n, step, 6) for step, n in enumerate(SIZES)])
    assert np.abs(ours.numpy() - np.load(GOLDEN / "anchors.npy")).max() < 1e-5
    assert len(ours) == 1917


def test_the_shipped_file_is_all_of_the_network_and_little_more() -> None:
    weights = load_weights(REFERENCE.weights)
    found = match(ARCH, weights, head=True)
    assert found.missing == found.reshaped == ()
    # block 14 expands by itself where block 13, the tap, is removed
    assert set(found.unused) == {f"blocks.14.body.0.conv0.{leaf}" for leaf in ("weight", "bias")}
    stored = load_file(REFERENCE.weights)
    assert {x.dtype for x in stored.values()} == {torch.float16, torch.float32}
    assert REFERENCE.weights.stat().st_size < 10_000_000


def test_its_multiply_adds_are_those_of_the_literature() -> None:
    """MobileNetV2 + SSDLite, 320 px: 0.8 G multiply-adds, 4.3 M parameters (the paper, Table 6)."""
    counted = cost(ARCH, 320, head=True)
    assert counted.macs == pytest.approx(0.8e9, rel=0.1)
    assert counted.params == pytest.approx(4.3e6, rel=0.06)


def test_the_reference_is_known_by_its_scaling() -> None:
    assert reference_for(ARCH) is REFERENCE
    assert read_values(ARCH, None).label == "reference: SSDLite-MobileNetV2, COCO"
    assert reference_for(entry("resnet-50-fpn").architecture) is None
    assert read_values(entry("spinenet-49").architecture, None).label == UNTRAINED


def residual(block: int) -> bool:
    """Whether this block adds its input: then its output is its input without it."""
    one = ARCH.block(block)
    parent = ARCH.block(one.parents[0]) if one.parents else None
    return (
        one.op is Op.INVERTED
        and parent is not None
        and (parent.level, ARCH.scaling.channels_of(parent))
        == (one.level, ARCH.scaling.channels_of(one))
    )


def score_of(arch: Architecture, label: str) -> float:
    return max((one.score for one in of(arch) if one.label == label), default=0.0)


def test_removing_a_residual_block_damages_and_leaves_the_rest_trained() -> None:
    """The others keep their weights by name, so the network still detects, but less well."""
    removable = [block.id for block in ARCH.blocks if residual(block.id)]
    assert len(removable) == 10  # MobileNetV2 has ten shortcuts
    lost = {}
    for block in removable:
        without = Edit("remove", (block,)).apply(ARCH)
        values = read_values(without, None)
        assert values.label == "reference: SSDLite-MobileNetV2, COCO"
        assert "untrained" not in values.note
        lost[block] = score_of(ARCH, "bicycle") - score_of(without, "bicycle")
    assert min(lost.values()) > -0.05
    assert max(lost.values()) > 0.1
    assert sum(loss > 0.005 for loss in lost.values()) >= 5


def test_removing_a_tap_loses_what_it_found_and_nothing_else() -> None:
    taps = {one.level for one in of(ARCH)}
    for level in taps:
        tap = next(block for block in ARCH.outputs if block.level == level)
        without = Edit("set_output", (tap.id, False)).apply(ARCH)
        left = of(without)
        assert level not in {one.level for one in left}  # another may find what it suppressed
        kept = {(one.label, round(one.score, 4)) for one in of(ARCH) if one.level != level}
        assert kept <= {(one.label, round(one.score, 4)) for one in left}


def test_the_first_tap_s_block_can_go_and_the_next_expands_by_itself() -> None:
    """Block 13 is the expansion of block 14: without it, block 14 has its own, with its weights."""
    without = Edit("remove", (13,)).apply(ARCH)
    assert "untrained" not in read_values(without, None).note
    coarser = {(one.label, round(one.score, 3)) for one in of(ARCH) if one.level > 4}
    assert coarser <= {(one.label, round(one.score, 3)) for one in of(without)}


def test_predictors_without_weights_find_nothing() -> None:
    """A tap put where none was has no trained predictors: its level is not looked at."""
    moved = Edit("set_output", (13, False)).apply(ARCH)
    moved = Edit("set_output", (12, True)).apply(moved)
    values = read_values(moved, None)
    assert values.levels == frozenset(range(5, 10))
    assert "untrained" in values.note
    assert {one.level for one in of(moved)} <= set(range(5, 10))


def test_maps_that_do_not_fit_the_anchors_are_refused() -> None:
    logits, boxes = torch.zeros(1, 6 * 91, 2, 2), torch.zeros(1, 6 * 4, 2, 2)
    with pytest.raises(SizeError, match="P4: found class outputs"):
        ssd_detections({4: logits}, {4: boxes}, (300, 300), ARCH.scaling)


def test_suppression_is_per_class_and_the_background_is_dropped() -> None:
    scaling = ARCH.scaling
    logits = torch.full((1, len(FINEST) * 91, 1, 1), -9.0)
    shaped = logits.reshape(len(FINEST), 91)
    shaped[:, 0] = 9.0
    shaped[1, 18], shaped[2, 18], shaped[1, 2] = 2.0, 1.0, 0.5
    boxes = torch.zeros(1, len(FINEST) * 4, 1, 1)
    rules = Rules(min_score=0.3, max_iou=0.2)
    found = ssd_detections({4: logits}, {4: boxes}, (300, 300), scaling, rules=rules)
    assert [(one.label, round(one.score, 3)) for one in found] == [
        ("dog", 0.881),
        ("bicycle", 0.622),
    ]
    assert scaling.head.num_anchors == PER_CELL
