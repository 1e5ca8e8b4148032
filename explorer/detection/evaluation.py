"""Average precision of an architecture on scenes, by COCO's own evaluator.

Sizes are of COCO's kind at half the lengths, for a scene is 128 pixels wide: small is below 16x16
pixels of box area, large above 48x48.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import numpy as np

from explorer.architecture.architecture import Architecture
from explorer.architecture.layers import LayerKind
from explorer.architecture.miniature import miniature, places
from explorer.architecture.plan import plan
from explorer.cost.cost import cost
from explorer.cost.layers import convolution_macs
from explorer.detection.decode import Detection
from explorer.detection.miniature import (
    MiniatureWeights,
    bypassed,
    miniature_weights,
    run_batch,
)
from explorer.detection.points import FOR_PRECISION
from explorer.detection.scenes import Scene
from explorer.detection.stickers import names
from explorer.network.build import build
from explorer.network.execution import StoppedError
from explorer.network.weights import Weights

SMALL, LARGE = 16, 48
"""Side of a square of the least medium and the largest medium box area, in pixels."""
BATCH = 32


@dataclass(frozen=True, slots=True)
class Precision:
    """COCO's average precisions, 0 to 1; -1 where there is no object of a size."""

    ap: float
    """Mean over overlaps of 0.5 to 0.95."""
    ap50: float
    ap75: float
    ap_small: float
    ap_medium: float
    ap_large: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an architecture reaches on scenes, and what it costs at their size."""

    precision: Precision
    scenes: int
    weights: str
    macs: int
    """Of one scene with the head; bypassed blocks' bodies left out."""
    params: int


def evaluate(
    arch: Architecture,
    scenes: Sequence[Scene],
    *,
    values: MiniatureWeights | None = None,
    bypass: Collection[int] = (),
    seed: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
) -> Evaluation:
    """Average precision of the miniature of `arch`, with the one-shot weights where none are given.

    Raises
    ------
    ArchitectureError: where `arch` has problems.
    EditError: where `bypass` names a block that is no permuted one.
    StoppedError: where `should_stop`, asked between batches, says so.
    """
    chosen = values or miniature_weights()
    made, side = miniature(arch), scenes[0].image.shape[0]
    weights = chosen.weights
    if bypass:
        weights = bypassed(arch, weights or Weights({}), bypass)
    network = build(made, seed=seed, weights=weights, head=True)
    found: list[tuple[Detection, ...]] = []
    for first in range(0, len(scenes), BATCH):
        if should_stop():
            raise StoppedError(f"{arch.name}: stopped after {first} of {len(scenes)} scenes.")
        images = np.stack([scene.image for scene in scenes[first : first + BATCH]])
        found += run_batch(network, images, FOR_PRECISION)
    counted = cost(made, side, head=True)
    skipped = {places(arch)[block] for block in bypass}
    bodies = sum(_body_macs(made, side, place) for place in skipped)
    return Evaluation(
        precision(scenes, found), len(scenes), chosen.label, counted.macs - bodies, counted.params
    )


def precision(scenes: Sequence[Scene], found: Sequence[Sequence[Detection]]) -> Precision:
    """COCO's average precisions of what was found in each scene (pycocotools)."""
    coco, cocoeval = _quiet()
    truth = coco.COCO()
    truth.dataset = _truth(scenes)
    truth.createIndex()
    rows = [
        [i, *_xywh(item.box), item.score, item.class_id + 1]
        for i, items in enumerate(found)
        for item in items
    ]
    if not rows:
        return Precision(*(0.0,) * 6)
    judge = cocoeval.COCOeval(truth, truth.loadRes(np.array(rows, np.float64)), "bbox")
    most = 1e10
    judge.params.areaRng = [[0, most], [0, SMALL**2], [SMALL**2, LARGE**2], [LARGE**2, most]]
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    return Precision(*(float(value) for value in judge.stats[:6]))


@cache
def _quiet() -> tuple[ModuleType, ModuleType]:
    """The evaluator's two modules. They print as they go: here, and from any thread, nothing."""
    from pycocotools import coco, cocoeval

    for module in (coco, cocoeval):
        module.print = lambda *words, **options: None
    return coco, cocoeval


def _truth(scenes: Sequence[Scene]) -> dict[str, object]:
    marked: list[dict[str, object]] = []
    for i, scene in enumerate(scenes):
        for box, label in zip(scene.boxes.tolist(), scene.labels.tolist(), strict=True):
            x, y, width, height = _xywh(box)
            marked.append(
                {
                    "id": len(marked) + 1,
                    "image_id": i,
                    "category_id": label + 1,
                    "bbox": [x, y, width, height],
                    "area": width * height,
                    "iscrowd": 0,
                }
            )
    kinds = [{"id": i + 1, "name": name} for i, name in enumerate(names().classes)]
    images = [{"id": i} for i in range(len(scenes))]
    return {"images": images, "annotations": marked, "categories": kinds, "info": {}}


def _xywh(box: Sequence[float]) -> tuple[float, float, float, float]:
    return box[0], box[1], box[2] - box[0], box[3] - box[1]


def _body_macs(arch: Architecture, side: int, block: int) -> int:
    step = plan(arch, side, side).blocks.get(block)
    layers = step.body.layers if step else ()
    return sum(convolution_macs(x) for x in layers if x.kind is LayerKind.CONVOLUTION)
