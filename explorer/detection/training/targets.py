"""What each cell of each level should say, and how far off it is.

A cell is positive where an object's middle is within three quarters of a stride of its own middle
and the object's size fits the level. Channel 0 of the class outputs says whether there is an
object, the others which; the box outputs are the distances to its four sides.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from explorer.detection.points import Cells, Outputs

CENTRE = 0.75
"""How far from a cell's middle an object's may be, in strides."""
WINDOW = 1.3
"""How many levels an object's own level may be off."""
LEVEL_3_SIZE = 28.0
"""Size in pixels (root of the area) of the objects that P3 is for: three and a half strides. At 20
objects of one size were told apart far better by the finer of the levels that found them."""
FOCUS = 1.5
OBJECT_WEIGHT, CLASS_WEIGHT, BOX_WEIGHT = 2.0, 1.5, 2.0


class Losses(NamedTuple):
    """The loss and its parts, means over positive cells."""

    total: Tensor
    objects: Tensor
    classes: Tensor
    boxes: Tensor


def assign(boxes: Tensor, labels: Tensor, at: Cells) -> Tensor:
    """Which object each cell is to find, (N, cells); -1 for none.

    `boxes` (N, most, 4) and `labels` (N, most), -1 where there is none. Where several fit, the
    smallest is taken.
    """
    x0, y0, x1, y1 = boxes.unbind(2)
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2  # (N, most)
    area = (x1 - x0).clamp(min=1e-3) * (y1 - y0).clamp(min=1e-3)
    own = (3 + torch.log2(area.sqrt() / LEVEL_3_SIZE)).clamp(3, 7)
    reach = CENTRE * at.stride
    near = (middle_x[:, :, None] - at.x).abs() <= reach
    near &= (middle_y[:, :, None] - at.y).abs() <= reach
    near &= (own[:, :, None] - at.level).abs() <= WINDOW
    near &= (labels >= 0)[:, :, None]
    cost = torch.where(near, area[:, :, None], math.inf)  # (N, most, cells)
    least, which = cost.min(dim=1)
    return torch.where(torch.isfinite(least), which, -1)


def losses(found: Outputs, boxes: Tensor, labels: Tensor) -> Losses:
    """How far the outputs are from the truth; `boxes` and `labels` as in `assign`."""
    which = assign(boxes, labels, found.cells)
    image, cell = torch.nonzero(which >= 0, as_tuple=True)
    truth = which[image, cell]
    wanted = boxes[image, truth]
    count = max(1, len(image))
    said = found.boxes[image, cell]
    overlap, generalised = overlaps(said, wanted)
    goal = torch.zeros_like(found.objects)
    goal[image, cell] = overlap.detach().clamp(0, 1)
    distance = (goal - found.objects.detach().sigmoid()).abs() ** FOCUS
    per_cell = functional.binary_cross_entropy_with_logits(found.objects, goal, reduction="none")
    objects = (per_cell * distance).sum() / count
    classes = functional.cross_entropy(
        found.classes[image, cell], labels[image, truth], reduction="sum"
    )
    box = (1 - generalised).sum() / count
    classes = classes / count
    total = OBJECT_WEIGHT * objects + CLASS_WEIGHT * classes + BOX_WEIGHT * box
    return Losses(total, objects.detach(), classes.detach(), box.detach())


def overlaps(one: Tensor, two: Tensor) -> tuple[Tensor, Tensor]:
    """Intersection over union, and the generalised one, of boxes (n, 4) pair by pair.

    >>> a = torch.tensor([[0.0, 0, 2, 2]])
    >>> [float(x) for x in overlaps(a, torch.tensor([[0.0, 0, 2, 1]]))]
    [0.5, 0.5]
    """
    first, last = torch.maximum(one[:, :2], two[:, :2]), torch.minimum(one[:, 2:], two[:, 2:])
    shared = (last - first).clamp(min=0).prod(1)
    areas = (one[:, 2:] - one[:, :2]).prod(1) + (two[:, 2:] - two[:, :2]).prod(1)
    union = (areas - shared).clamp(min=1e-6)
    around = torch.maximum(one[:, 2:], two[:, 2:]) - torch.minimum(one[:, :2], two[:, :2])
    hull = around.prod(1).clamp(min=1e-6)
    overlap = shared / union
    return overlap, overlap - (hull - union) / hull
