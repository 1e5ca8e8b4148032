"""A photograph, an official checkpoint, COCO detections: end to end through the shell.

Against the published rules in other words: torch's own resizing, the float64 reference network, and
a plain pass over every anchor and class.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from explorer.detection.labels import coco_labels
from tests.cli.test_calls import answer
from tests.golden.parity import make_weights
from tests.network.parity import FOLDER, fixture
from tests.network.reference import Reference

NAME = "retinanet_spinenet_tiny"
PHOTOS = Path(__file__).parents[2] / "assets" / "images"
SIZE = 256


def official_input(path: Path, size: int) -> tuple[Tensor, float, float, tuple[int, int]]:
    """Normalised, then resized without antialiasing, then zeros; y and x scale; the real part."""
    with Image.open(path) as image:
        pixels = torch.from_numpy(np.asarray(image.convert("RGB"), np.float64) / 255)
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    x = ((pixels - mean) / deviation).permute(2, 0, 1)[None]
    height, width = x.shape[2:]
    fit = min(size / height, size / width)
    scaled = (round(height * fit), round(width * fit))
    x = functional.interpolate(x, scaled, mode="bilinear", align_corners=False)
    x = functional.pad(x, (0, size - scaled[1], 0, size - scaled[0]))
    return x, scaled[0] / height, scaled[1] / width, scaled


def all_anchors(level: int, size: int, anchor_size: float) -> Tensor:
    """Rows, columns, scales, ratios: y0, x0, y1, x1 in float64."""
    stride = 2**level
    found = []
    for row in range(size // stride):
        for column in range(size // stride):
            for scale in (1.0, 2 ** (1 / 3), 2 ** (2 / 3)):
                for ratio in (1.0, 2.0, 0.5):
                    side = anchor_size * stride * scale
                    h, w = side / math.sqrt(ratio), side * math.sqrt(ratio)
                    y, x = (row + 0.5) * stride, (column + 0.5) * stride
                    found.append((y - h / 2, x - w / 2, y + h / 2, x + w / 2))
    return torch.tensor(found, dtype=torch.float64)


def decoded(outputs: Tensor, anchors: Tensor, limits: tuple[int, int]) -> Tensor:
    dy, dx, dh, dw = outputs.unbind(1)
    y0, x0, y1, x1 = anchors.unbind(1)
    h, w = y1 - y0, x1 - x0
    cy, cx = (y0 + y1) / 2 + dy * h, (x0 + x1) / 2 + dx * w
    cap = math.log(1000 / 16)
    bh, bw = dh.clamp(max=cap).exp() * h, dw.clamp(max=cap).exp() * w
    boxes = torch.stack((cy - bh / 2, cx - bw / 2, cy + bh / 2, cx + bw / 2), 1)
    top = torch.tensor([limits[0], limits[1]] * 2, dtype=torch.float64)
    return boxes.clamp(min=0).minimum(top)


def kept_of_class(scores: Tensor, boxes: Tensor) -> list[tuple[float, int]]:
    """Greedy: the best 5,000 above 0.05, of which each drops those that overlap by a half."""
    order = [int(i) for i in scores.argsort(descending=True)[:5000] if scores[i] > 0.05]
    found: list[int] = []
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    for i in order:
        if not boxes[i].any():
            continue
        others = boxes[found]
        y = torch.minimum(others[:, 2], boxes[i, 2]) - torch.maximum(others[:, 0], boxes[i, 0])
        x = torch.minimum(others[:, 3], boxes[i, 3]) - torch.maximum(others[:, 1], boxes[i, 1])
        both = y.clamp(min=0) * x.clamp(min=0)
        overlap = both / (area[found] + area[i] - both + 1e-8)  # flat boxes overlap with nothing
        if not bool((overlap >= 0.5).any()):
            found.append(i)
        if len(found) == 100:
            break
    return [(float(scores[i]), i) for i in found]


@pytest.mark.parametrize("photo", ["dog-bicycle-truck", "wine-table"])
def test_a_photograph_through_an_official_checkpoint(
    photo: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, weights = PHOTOS / f"{photo}.jpg", tmp_path / "w.safetensors"
    spec = FOLDER / f"{NAME}.json"
    answer(capsys, "import-checkpoint", FOLDER / NAME, "--arch", spec, "-o", weights)
    words = ("--image", path, "--weights", weights, "--size", SIZE)
    found = answer(capsys, "infer", spec, *words)["detections"]

    one = fixture(NAME)
    x, down, across, scaled = official_input(path, SIZE)
    arrays = make_weights.weights(one.data["parameters"])
    network = Reference(arrays, one.data["block_specs"], "swish")
    heads = network.head(network(x)[1])
    logits, offsets, anchors, levels = [], [], [], []
    for level in range(3, 8):
        rows = all_anchors(level, SIZE, 3.0)
        logits.append(heads[f"class_P{level}"].permute(0, 2, 3, 1).reshape(-1, 91))
        offsets.append(heads[f"box_P{level}"].permute(0, 2, 3, 1).reshape(-1, 4))
        anchors.append(rows)
        levels += [level] * len(rows)
    scores = torch.cat(logits).sigmoid()
    boxes = decoded(torch.cat(offsets), torch.cat(anchors), scaled)
    expected = sorted(
        (
            (score, class_id, i)
            for class_id in range(1, 91)
            for score, i in kept_of_class(scores[:, class_id], boxes)
        ),
        reverse=True,
    )[:100]

    assert len(found) == len(expected) == 100
    np.testing.assert_allclose([a["score"] for a in found], [b[0] for b in expected], atol=1e-4)
    ours = {(a["label"], a["level"], *(round(edge) for edge in a["box"])) for a in found}
    theirs = set()
    for _, class_id, i in expected:
        y0, x0, y1, x1 = boxes[i].tolist()
        edges = (x0 / across, y0 / down, x1 / across, y1 / down)
        theirs.add((coco_labels()[class_id], levels[i], *(round(edge) for edge in edges)))
    # Near-equal scores at the hundredth place and edges at half a pixel may fall either way.
    assert len(ours & theirs) >= 0.9 * len(theirs)
    with Image.open(path) as image:
        assert all(0 <= a["box"][0] <= a["box"][2] <= image.width + 1 for a in found)
        assert all(0 <= a["box"][1] <= a["box"][3] <= image.height + 1 for a in found)
