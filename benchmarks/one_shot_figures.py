"""The figures of the one-shot weights' card: `python -m benchmarks.one_shot_figures`.

Everything on the fixed evaluation set by COCO's evaluator: the catalog's orders, what is left when
all or one of the permuted blocks are bypassed, and when the links' convolutions are off as well,
random permutations with random parents, and the art style that was never trained on.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median

import numpy as np
import torch

from explorer.architecture.architecture import Architecture
from explorer.architecture.miniature import miniature
from explorer.catalog import entry
from explorer.detection.evaluation import evaluate
from explorer.detection.miniature import MiniatureWeights, miniature_weights, permuted
from explorer.detection.scenes import EVALUATION_SCENES, Scene, evaluation_scenes
from explorer.detection.training.sampling import CATALOG_ORDERS, random_permutation
from explorer.network.weights import Weights

PERMUTATIONS = 50
PERMUTATION_SEED = 20_000_029
"""Of the permutations that are judged; training draws from other streams."""


def permutations(count: int = PERMUTATIONS) -> list[Architecture]:
    """Random orders of SpineNet-49's blocks with random parents, always the same ones."""
    rng = np.random.default_rng(PERMUTATION_SEED)
    return [random_permutation(rng) for _ in range(count)]


def figures(values: MiniatureWeights, scenes: int, count: int, single: bool) -> dict[str, object]:
    """Every figure of the card."""
    seen = evaluation_scenes(scenes)
    unseen = evaluation_scenes(scenes, unseen_style=True)
    orders = {name: entry(name).architecture for name in CATALOG_ORDERS}
    found: dict[str, object] = {"weights": values.label, "scenes": scenes}
    found["orders"] = {name: _row(arch, seen, values) for name, arch in orders.items()}
    found["unseen_style"] = {name: _row(arch, unseen, values) for name, arch in orders.items()}
    found["all_bypassed"] = {
        name: _ap50(arch, seen, values, permuted(arch)) for name, arch in orders.items()
    }
    found["all_bypassed_and_links_off"] = {
        name: _ap50(arch, seen, _links_off(arch, values), permuted(arch))
        for name, arch in orders.items()
    }
    spinenet = orders["spinenet-49"]
    if single:
        found["one_bypassed"] = {
            block: _ap50(spinenet, seen, values, (block,)) for block in permuted(spinenet)
        }
    if count:
        random = [_ap50(arch, seen, values) for arch in permutations(count)]
        found["permutations"] = {
            "count": count,
            "median": median(random),
            "worst": min(random),
            "best": max(random),
            "ap50": random,
        }
    return found


def _row(arch: Architecture, scenes: tuple[Scene, ...], values: MiniatureWeights) -> object:
    made = evaluate(arch, scenes, values=values)
    told = made.precision
    _say(f"{arch.name}: AP50 {told.ap50:.3f}")
    return {
        "ap": round(told.ap, 4),
        "ap50": round(told.ap50, 4),
        "ap75": round(told.ap75, 4),
        "ap_small": round(told.ap_small, 4),
        "ap_medium": round(told.ap_medium, 4),
        "ap_large": round(told.ap_large, 4),
        "macs": made.macs,
        "params": made.params,
    }


def _ap50(
    arch: Architecture,
    scenes: tuple[Scene, ...],
    values: MiniatureWeights,
    bypass: tuple[int, ...] = (),
) -> float:
    found = evaluate(arch, scenes, values=values, bypass=bypass).precision.ap50
    _say(f"{arch.name}{f' without {bypass}' if bypass else ''}: AP50 {found:.3f}")
    return round(found, 4)


def _links_off(arch: Architecture, values: MiniatureWeights) -> MiniatureWeights:
    """The same weights, but of what comes in a link only passes its share on."""
    weights = values.weights or Weights({})
    made = miniature(arch)
    zero = torch.zeros(made.scaling.stem_filters)
    names = [
        f"blocks.{block.id}.resample{slot}.expand.bn.{leaf}"
        for block in made.blocks
        if block.resampled
        for slot in range(len(block.parents))
        for leaf in ("weight", "bias")
    ]
    version = f"{weights.version}|links of {len(made.blocks)} places off"
    changed = Weights({**weights, **dict.fromkeys(names, zero)}, version)
    return MiniatureWeights(values.label, changed)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Prints the figures as JSON, progress on standard error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, help="[the shipped ones]")
    parser.add_argument("--scenes", type=int, default=EVALUATION_SCENES)
    parser.add_argument("--permutations", type=int, default=PERMUTATIONS)
    parser.add_argument("--step", type=int, help="of the training that gave them, for the card")
    parser.add_argument("--single", action="store_true", help="also each block bypassed alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    values = miniature_weights(options.weights)
    found = figures(values, options.scenes, options.permutations, options.single)
    print(json.dumps({**found, "step": options.step}, indent=1))


if __name__ == "__main__":
    main()
