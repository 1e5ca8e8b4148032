"""Does a one-shot AP predict the AP of training alone? `python -m benchmarks.one_shot_tau`.

Kendall's tau over architectures that are each trained alone, from scratch, at equal budget, with a
bootstrap interval, beside what multiply-adds, parameters and bottleneck levels alone predict.
And the paper's claim in miniature: catalog orders trained alone with several seeds (`--orders`).

Each training's result is a line of `--out`, so that a stopped study goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from benchmarks.one_shot_figures import permutations
from explorer.architecture.architecture import Architecture
from explorer.architecture.paths import output_paths
from explorer.catalog import entry
from explorer.cost.cost import cost
from explorer.detection.evaluation import evaluate
from explorer.detection.miniature import MiniatureWeights, miniature_weights
from explorer.detection.scenes import SIDE, evaluation_scenes
from explorer.detection.training.sampling import CATALOG_ORDERS, catalog_orders
from explorer.detection.training.trainer import Settings, Trainer
from explorer.network.weights import Weights

SCENES = 256
DRAWS = 2000


class Row(NamedTuple):
    """One architecture, trained alone."""

    name: str
    seed: int
    steps: int
    alone: float
    small: float
    medium: float
    large: float
    one_shot: float
    macs: int
    params: int
    bottleneck: float
    """Minus the mean, over P3 to P5, of the coarsest level on the way: higher is better."""


def subjects(count: int) -> list[tuple[str, Architecture]]:
    """The catalog's orders and random permutations, `count` together."""
    orders = list(zip(CATALOG_ORDERS, catalog_orders(), strict=True))
    random = [(f"random {i}", arch) for i, arch in enumerate(permutations(count))]
    return [*orders, *random][:count]


def measured(name: str, arch: Architecture, seed: int, steps: int, values: MiniatureWeights) -> Row:
    """Trains one architecture alone and judges it, and with the one-shot weights too."""
    trainer = Trainer(
        Settings(seed=seed, steps=steps, pool=min(4000, 2 * steps), average=0.998),
        architecture=arch,
    )
    for _ in trainer.run(steps, lambda told: _say(f"{name}, seed {seed}: {told.step} {told.loss}")):
        pass
    alone = MiniatureWeights("alone", Weights(trainer.average))
    scenes = evaluation_scenes(SCENES)
    own = evaluate(arch, scenes, values=alone).precision
    shared = evaluate(arch, scenes, values=values).precision
    counted = cost(arch, SIDE, head=True)
    levels = [row.bottleneck_level for row in output_paths(arch) if row.level <= 5]
    return Row(
        name, seed, steps, own.ap50, own.ap_small, own.ap_medium, own.ap_large,
        shared.ap50, counted.macs, counted.params, -float(np.mean(levels)),
    )  # fmt: skip


def kendall(one: Sequence[float], two: Sequence[float]) -> float:
    """Kendall's tau-b.

    >>> kendall([1, 2, 3], [1, 3, 2])
    0.3333333333333333
    """
    a, b = np.sign(np.subtract.outer(one, one)), np.sign(np.subtract.outer(two, two))
    return float((a * b).sum() / max(1e-12, np.sqrt((a * a).sum() * (b * b).sum())))


def interval(one: Sequence[float], two: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """The middle 95 per cent of tau over architectures drawn again with repeats."""
    rng, x, y = np.random.default_rng(seed), np.asarray(one), np.asarray(two)
    drawn = (rng.integers(len(x), size=len(x)) for _ in range(DRAWS))
    taus = [kendall(x[places], y[places]) for places in drawn]
    low, high = np.quantile(taus, (0.025, 0.975))
    return float(low), float(high)


PREDICTORS: dict[str, Callable[[Row], float]] = {
    "one-shot AP50": lambda row: row.one_shot,
    "multiply-adds": lambda row: row.macs,
    "parameters": lambda row: row.params,
    "bottleneck levels": lambda row: row.bottleneck,
}


def summary(rows: Sequence[Row]) -> dict[str, object]:
    """Tau of each predictor with its interval, over the rows of the first seed."""
    first = [row for row in rows if row.seed == min(r.seed for r in rows)]
    alone = [row.alone for row in first]
    taus = {
        name: {
            "tau": kendall([of(row) for row in first], alone),
            "interval": interval([of(row) for row in first], alone),
        }
        for name, of in PREDICTORS.items()
    }
    return {"architectures": len(first), "steps": first[0].steps, "tau": taus}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Trains what is missing, then prints the summary as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/one_shot_tau.jsonl"))
    parser.add_argument("--count", type=int, default=24, help="architectures [24]")
    parser.add_argument("--steps", type=int, default=2500, help="of each training [2500]")
    parser.add_argument("--seeds", type=int, default=1, help="trainings of each [1]")
    parser.add_argument("--orders", nargs="*", help="only these catalog orders")
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    if options.out.exists():
        rows = [Row(**json.loads(line)) for line in options.out.read_text("utf-8").splitlines()]
    values, done = miniature_weights(), {(row.name, row.seed, row.steps) for row in rows}
    wanted = subjects(options.count)
    if options.orders:
        entries = [entry(name).name for name in options.orders]
        wanted = [one for one in subjects(len(CATALOG_ORDERS)) if one[0] in entries]
    for seed in range(options.seeds):
        for name, arch in wanted:
            if (name, seed, options.steps) not in done:
                rows.append(measured(name, arch, seed, options.steps, values))
                with options.out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(rows[-1]._asdict()) + "\n")
    rows = [row for row in rows if row.steps == options.steps]
    print(json.dumps(summary(rows), indent=1))


if __name__ == "__main__":
    main()
