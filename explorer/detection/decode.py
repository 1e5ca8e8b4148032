"""From a RetinaNet head's outputs to detections: decoding, scores, suppression per class.

Source: tensorflow/models `official/vision/modeling/layers/detection_generator.py` with
`nms_version: v2`, and `ops/box_ops.py`, `ops/nms.py`. The official code suppresses in padded tiles
and all classes in full; a plain greedy pass that stops at the hundredth box gives the same list.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from explorer.architecture.errors import SizeError
from explorer.detection.anchors import PER_CELL, anchors
from explorer.detection.labels import coco_labels

MAX_GROWTH = math.log(1000 / 16)
"""Cap of the predicted logarithms of height and width."""


class Detection(NamedTuple):
    """One box found: x0, y0, x1, y1 in pixels of the network's input, and the level it is from."""

    label: str
    class_id: int
    score: float
    box: tuple[float, float, float, float]
    level: int


@dataclass(frozen=True, slots=True)
class Rules:
    """What is kept; the official defaults."""

    min_score: float = 0.05
    """A score must be above it."""
    max_iou: float = 0.5
    """A box that overlaps a better one of its class by so much, or more, is dropped."""
    pre_nms: int = 5000
    """How many boxes of a class enter the suppression."""
    max_detections: int = 100


def detections(
    class_logits: Mapping[int, Tensor],
    box_outputs: Mapping[int, Tensor],
    input_size: tuple[int, int],
    *,
    anchor_size: float = 4.0,
    image_size: tuple[float, float] | None = None,
    rules: Rules = Rules(),
    labels: Mapping[int, str] | None = None,
) -> tuple[Detection, ...]:
    """What the head found in one image, best first.

    Parameters
    ----------
    class_logits: by level, (1, 9 * classes, H, W); channel = anchor * classes + class, class 0 is
        the background.
    box_outputs: by level, (1, 36, H, W): dy, dx, dh, dw of each anchor.
    input_size: height and width of the network's input in pixels, padding included.
    anchor_size: of the model, in strides.
    image_size: height and width of the picture inside the input, without the padding; boxes are cut
        off there. None: the whole input.
    labels: names of class ids; None takes COCO's.

    Raises
    ------
    SizeError: where the maps do not fit each other.
    """
    levels = sorted(class_logits)
    for level in levels:
        _check(level, class_logits[level], box_outputs.get(level))
    logits = torch.cat([by_class(class_logits[level], PER_CELL) for level in levels], dim=1)
    boxes = torch.cat([_decoded(box_outputs[level], input_size, anchor_size) for level in levels])
    height, width = image_size or input_size
    limits = torch.tensor([height, width, height, width], dtype=boxes.dtype)
    boxes = torch.minimum(boxes.clamp(min=0), limits)  # (anchors, 4)
    names = coco_labels() if labels is None else labels
    starts = _starts([class_logits[level] for level in levels])
    found = []
    for score, class_id, anchor in best(logits, boxes, rules):
        y0, x0, y1, x1 = boxes[anchor].tolist()
        level = levels[sum(anchor >= start for start in starts) - 1]
        label = names.get(class_id, f"class {class_id}")
        found.append(Detection(label, class_id, score, (x0, y0, x1, y1), level))
    return tuple(found)


def decode_boxes(offsets: Tensor, reference: Tensor) -> Tensor:
    """Boxes y0, x0, y1, x1, (n, 4), from offsets dy, dx, dh, dw to reference boxes, (n, 4) each.

    >>> decode_boxes(torch.zeros(1, 4), torch.tensor([[0.0, 0.0, 8.0, 4.0]])).tolist()
    [[0.0, 0.0, 8.0, 4.0]]
    """
    dy, dx, dh, dw = offsets.unbind(1)
    y0, x0, y1, x1 = reference.unbind(1)
    height, width = y1 - y0, x1 - x0
    centre_y = dy * height + (y0 + 0.5 * height)
    centre_x = dx * width + (x0 + 0.5 * width)
    half_height = 0.5 * (dh.clamp(max=MAX_GROWTH).exp() * height)
    half_width = 0.5 * (dw.clamp(max=MAX_GROWTH).exp() * width)
    return torch.stack(
        (
            centre_y - half_height,
            centre_x - half_width,
            centre_y + half_height,
            centre_x + half_width,
        ),
        dim=1,
    )


def overlaps(box: Tensor, boxes: Tensor) -> Tensor:
    """Intersection over union of one box (4,) with others (n, 4); 0 where both are flat.

    >>> overlaps(torch.tensor([0.0, 0, 2, 2]), torch.tensor([[0.0, 0, 2, 1]])).tolist()
    [0.5]
    """
    y0, x0, y1, x1 = boxes.unbind(1)
    height = (torch.minimum(box[2], y1) - torch.maximum(box[0], y0)).clamp(min=0)
    width = (torch.minimum(box[3], x1) - torch.maximum(box[1], x0)).clamp(min=0)
    shared = height * width
    area = (box[2] - box[0]) * (box[3] - box[1])
    return shared / (area + (y1 - y0) * (x1 - x0) - shared + 1e-8)


def _check(level: int, logits: Tensor, boxes: Tensor | None) -> None:
    if boxes is None:
        raise SizeError(f"P{level}: found class outputs without box outputs, expected both.")
    if logits.ndim != 4 or boxes.ndim != 4 or logits.shape[0] != 1:
        raise SizeError(
            f"P{level}: found class outputs {tuple(logits.shape)} and box outputs "
            f"{tuple(boxes.shape)}, expected one image each: (1, channels, height, width)."
        )
    if (
        logits.shape[1] % PER_CELL
        or boxes.shape[1] != 4 * PER_CELL
        or logits.shape[2:] != boxes.shape[2:]
    ):
        raise SizeError(
            f"P{level}: found class outputs {tuple(logits.shape)} and box outputs "
            f"{tuple(boxes.shape)}, expected {PER_CELL} anchors a cell on maps of the same size."
        )


def by_class(logits: Tensor, per_cell: int) -> Tensor:
    """(1, anchors * classes, H, W) as (classes, H * W * anchors).

    >>> by_class(torch.arange(4.0).reshape(1, 4, 1, 1), 2).tolist()
    [[0.0, 2.0], [1.0, 3.0]]
    """
    _, channels, height, width = logits.shape
    split = logits.reshape(per_cell, channels // per_cell, height, width)
    return split.permute(1, 2, 3, 0).reshape(channels // per_cell, -1)


def _decoded(outputs: Tensor, input_size: tuple[int, int], anchor_size: float) -> Tensor:
    """The boxes of one level, (H * W * 9, 4)."""
    rows, columns = outputs.shape[2:]
    offsets = outputs.reshape(PER_CELL, 4, rows, columns).permute(2, 3, 0, 1).reshape(-1, 4)
    return decode_boxes(offsets.float(), anchors(rows, columns, input_size[0] / rows, anchor_size))


def _starts(maps: list[Tensor]) -> list[int]:
    """The number of each level's first anchor, among all."""
    starts, at = [], 0
    for one in maps:
        starts.append(at)
        at += one.shape[2] * one.shape[3] * PER_CELL
    return starts


def best(logits: Tensor, boxes: Tensor, rules: Rules) -> list[tuple[float, int, int]]:
    """Score, class, anchor of the boxes that are kept, best first.

    Classes wait in a heap by their best remaining score, so that work ends with the last box that
    is wanted. Among equal scores the lower class comes first, then the earlier anchor.
    """
    tops = torch.sigmoid(logits.amax(dim=1).float()).tolist()
    heap = [
        (-top, class_id) for class_id, top in enumerate(tops) if class_id and top > rules.min_score
    ]
    heapq.heapify(heap)
    waiting: dict[int, tuple[Tensor, Tensor]] = {}
    found: list[tuple[float, int, int]] = []
    while heap and len(found) < rules.max_detections:
        _, class_id = heapq.heappop(heap)
        if class_id in waiting:
            scores, places = waiting[class_id]
            top = int(places[0])
            found.append((float(scores[0]), class_id, top))
            rest = overlaps(boxes[top], boxes[places]) < rules.max_iou
            rest[0] = False
            scores, places = scores[rest], places[rest]
        else:
            scores, places = _candidates(logits[class_id], boxes, rules)
        waiting[class_id] = scores, places
        if len(scores):
            heapq.heappush(heap, (-float(scores[0]), class_id))
    return found


def _candidates(logits: Tensor, boxes: Tensor, rules: Rules) -> tuple[Tensor, Tensor]:
    """Scores and anchors of one class that may be kept, best first."""
    scores = torch.sigmoid(logits.float())
    places = (scores > rules.min_score).nonzero()[:, 0]
    order = scores[places].argsort(descending=True, stable=True)[: rules.pre_nms]
    places = places[order]
    places = places[(boxes[places] > 0).any(dim=1)]  # cut off to a dot: it counts as padding
    return scores[places], places
