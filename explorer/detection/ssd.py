"""From SSD's predictors to detections: anchors, decoding, scores, suppression per class.

Source: tensorflow/models `object_detection`: `multiple_grid_anchor_generator.py`
(`create_ssd_anchors`), `faster_rcnn_box_coder.py`, and the pipeline of ssdlite_mobilenet_v2_coco.
All of it is relative to the image, whose sides are 1; so it holds at any size.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

import torch
from torch import Tensor

from explorer.architecture.errors import SizeError
from explorer.architecture.scaling import Head, Scaling
from explorer.detection.decode import Detection, Rules, best, by_class, decode_boxes
from explorer.detection.labels import coco_labels

SMALLEST, LARGEST = 0.2, 0.95
"""Scales of the finest and the coarsest level, of the image's side; even steps between."""
VARIANCES = (10.0, 10.0, 5.0, 5.0)
"""What the predictors give is dy, dx, dh, dw times these."""
FINEST: tuple[tuple[float, float], ...] = ((0.1, 1.0), (SMALLEST, 2.0), (SMALLEST, 0.5))
"""Scale and aspect ratio (width over height) of the three anchors of the finest level."""
ASPECT_RATIOS = (1.0, 2.0, 0.5, 3.0, 0.3333)
"""Of the anchors of other levels; a square one of a larger scale follows."""
PER_CELL = len(ASPECT_RATIOS) + 1

RULES = Rules(min_score=0.3, max_iou=0.6)
"""The pipeline's overlap; it keeps boxes of any score for measuring AP, people want the likely."""


@lru_cache(maxsize=64)
def ssd_anchors(rows: int, columns: int, step: int, steps: int) -> Tensor:
    """The anchors of one level, (rows * columns * anchors, 4) float32: y0, x0, y1, x1, image = 1.

    Ordered by row, column, anchor. Do not write into the tensor: it is shared.

    Parameters
    ----------
    rows, columns: of the level's map.
    step, steps: the level's number from the finest (0), and how many levels there are.

    >>> [round(side, 4) for side in ssd_anchors(1, 1, 5, 6)[0].tolist()]
    [0.025, 0.025, 0.975, 0.975]
    """
    scales = [SMALLEST + (LARGEST - SMALLEST) * i / max(steps - 1, 1) for i in range(steps)]
    scales.append(1.0)
    here, after = scales[step], scales[step + 1]
    shapes = FINEST
    if step:
        shapes = (*((here, ratio) for ratio in ASPECT_RATIOS), ((here * after) ** 0.5, 1.0))
    sides = torch.tensor(shapes, dtype=torch.float64)  # (anchors, 2)
    half_heights = 0.5 * sides[:, 0] / sides[:, 1].sqrt()
    half_widths = 0.5 * sides[:, 0] * sides[:, 1].sqrt()
    centre_y = ((torch.arange(rows, dtype=torch.float64) + 0.5) / rows)[:, None, None]
    centre_x = ((torch.arange(columns, dtype=torch.float64) + 0.5) / columns)[None, :, None]
    grid = (rows, columns, len(shapes))
    corners = (
        (centre_y - half_heights).expand(grid),
        (centre_x - half_widths).expand(grid),
        (centre_y + half_heights).expand(grid),
        (centre_x + half_widths).expand(grid),
    )
    return torch.stack(corners, dim=-1).reshape(-1, 4).float()


def ssd_detections(
    class_logits: Mapping[int, Tensor],
    box_outputs: Mapping[int, Tensor],
    input_size: tuple[int, int],
    scaling: Scaling,
    *,
    levels: Collection[int] | None = None,
    rules: Rules = RULES,
    labels: Mapping[int, str] | None = None,
) -> tuple[Detection, ...]:
    """What the predictors found in one image, best first; each with the level that found it.

    Parameters
    ----------
    class_logits: by level, (1, anchors * classes, H, W); channel = anchor * classes + class, class
        0 is the background.
    box_outputs: by level, (1, anchors * 4, H, W): dy, dx, dh, dw of each anchor.
    input_size: height and width of the network's input in pixels; boxes are in these.
    scaling: of the network; its levels with a head decide the anchors' sizes, whether or not each
        has an output.
    levels: those to look at; None is all.
    labels: names of class ids; None takes COCO's.

    Raises
    ------
    SizeError: where the maps do not fit the anchors.
    """
    looked_at = [x for x in sorted(class_logits) if levels is None or x in levels]
    if not looked_at:
        return ()
    for level in looked_at:
        _check(level, class_logits[level], box_outputs[level], scaling)
    per_cell = {x: scaling.head.anchors_at(x == scaling.min_level) for x in looked_at}
    logits = torch.cat([by_class(class_logits[x], per_cell[x]) for x in looked_at], dim=1)
    found_by = [x for x in looked_at for _ in range(_count(class_logits[x], per_cell[x]))]
    height, width = input_size
    limits = torch.tensor([height, width, height, width], dtype=torch.float32)
    decoded = [ssd_boxes(box_outputs[x], x, scaling) for x in looked_at]
    boxes = (torch.cat(decoded) * limits).clamp(min=0).minimum(limits)  # (anchors, 4)
    names = coco_labels() if labels is None else labels
    found = []
    for score, class_id, anchor in best(logits, boxes, rules):
        y0, x0, y1, x1 = boxes[anchor].tolist()
        label = names.get(class_id, f"class {class_id}")
        found.append(Detection(label, class_id, score, (x0, y0, x1, y1), found_by[anchor]))
    return tuple(found)


def ssd_boxes(outputs: Tensor, level: int, scaling: Scaling) -> Tensor:
    """The boxes that one level's predictors give, (H * W * anchors, 4): y0, x0, y1, x1, image = 1.

    `outputs` is (1, anchors * 4, H, W).
    """
    rows, columns = outputs.shape[2:]
    step = level - scaling.min_level
    per_cell = scaling.head.anchors_at(step == 0)
    offsets = outputs.reshape(per_cell, 4, rows, columns).permute(2, 3, 0, 1).reshape(-1, 4)
    reference = ssd_anchors(rows, columns, step, len(scaling.output_levels))
    return decode_boxes(offsets.float() / torch.tensor(VARIANCES), reference)


def _count(logits: Tensor, per_cell: int) -> int:
    return int(logits.shape[2] * logits.shape[3] * per_cell)


def _check(level: int, logits: Tensor, boxes: Tensor, scaling: Scaling) -> None:
    head: Head = scaling.head
    finest = level == scaling.min_level
    expected = len(FINEST) if finest else PER_CELL
    per_cell = head.anchors_at(finest)
    wanted = (1, per_cell * head.num_classes), (1, per_cell * 4)
    if (logits.shape[:2], boxes.shape[:2]) != wanted or per_cell != expected:
        raise SizeError(
            f"P{level}: found class outputs {tuple(logits.shape)} and box outputs "
            f"{tuple(boxes.shape)}, expected one image with {expected} anchors a cell and "
            f"{head.num_classes} classes."
        )
