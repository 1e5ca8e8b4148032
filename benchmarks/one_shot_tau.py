"""Does a one-shot AP predict the AP of training alone? `python -m benchmarks.one_shot_tau`.

Kendall's tau over architectures that are each trained alone, from scratch, at equal budget, with a
bootstrap interval, beside what multiply-adds, parameters and bottleneck levels alone predict.
And the paper's claim in miniature: catalog orders trained alone, at equal multiply-adds, with
several seeds (`--orders`).

Each training's result is a line of `--out`, so that a stopped study goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from benchmarks.one_shot_figures import permutations
from explorer.architecture.architecture import Architecture
from explorer.architecture.miniature import WIDTH, miniature
from explorer.architecture.paths import output_paths
from explorer.catalog import entry
from explorer.cost.cost import cost
from explorer.detection.evaluation import evaluate
from explorer.detection.miniature import MiniatureWeights, miniature_weights
from explorer.detection.scenes import SIDE, evaluation_scenes
from explorer.detection.training.pool import Pool
from explorer.detection.training.sampling import CATALOG_ORDERS, catalog_orders
from explorer.detection.training.trainer import Settings, Trainer
from explorer.network.weights import Weights

SCENES = 256
DRAWS = 2000
AVERAGE = 0.995
ORDERS = ("spinenet-49", "r0-sp53", "resnet-50-fpn")


class Row(NamedTuple):
    """One architecture, trained alone; AP50 of all, and AP by size."""

    name: str
    seed: int
    steps: int
    width: int
    """Of 3x3 convolutions; the one-shot weights are for `miniature.WIDTH`."""
    alone: float
    small: float
    medium: float
    large: float
    one_shot: float | None
    """With the shipped weights; None before they were asked, or at another width."""
    macs: int
    params: int
    bottleneck: float
    """Minus the mean, over P3 to P5, of the coarsest level on the way: higher is better."""


class Subject(NamedTuple):
    """What is to be trained, at the miniature scale."""

    name: str
    arch: Architecture
    seed: int


def subjects(count: int) -> list[Subject]:
    """The catalog's orders and random permutations, `count` together."""
    orders = zip(CATALOG_ORDERS, catalog_orders(), strict=True)
    random = ((f"random {i}", arch) for i, arch in enumerate(permutations(count)))
    return [Subject(name, arch, 0) for name, arch in (*orders, *random)][:count]


def at_equal_macs(names: Sequence[str], seeds: int) -> list[Subject]:
    """These orders, each as wide as comes nearest to the multiply-adds of the first."""
    goal = cost(miniature(entry(names[0]).architecture), SIDE, head=True).macs
    found = []
    for name in names:
        widths = [miniature(entry(name).architecture, width) for width in range(16, 2 * WIDTH, 2)]
        nearest = min(widths, key=lambda arch: abs(cost(arch, SIDE, head=True).macs - goal))
        found += [Subject(name, nearest, seed) for seed in range(seeds)]
    return found


def measured(subject: Subject, steps: int, pool: Pool) -> Row:
    """Trains one architecture alone and judges it."""
    name, arch, seed = subject
    settings = Settings(
        seed=seed,
        steps=steps,
        pool=pool.size,
        average=AVERAGE,
        warm_up_steps=100,
        bfloat16=True,
    )
    trainer = Trainer(settings, architecture=arch, pool=deepcopy(pool))
    for _ in trainer.run(steps, lambda told: _say(f"{name}, {seed}: {told.step} {told.loss:.3f}")):
        pass
    alone = MiniatureWeights("alone", Weights(trainer.average))
    own = evaluate(arch, evaluation_scenes(SCENES), values=alone).precision
    counted = cost(arch, SIDE, head=True)
    levels = [row.bottleneck_level for row in output_paths(arch) if row.level <= 5]
    return Row(
        name, seed, steps, arch.scaling.width(3), own.ap50, own.ap_small, own.ap_medium,
        own.ap_large, None, counted.macs, counted.params, -float(np.mean(levels)),
    )  # fmt: skip


def judged(rows: Sequence[Row]) -> list[Row]:
    """The rows with the AP50 of the shipped weights, wherever they fit."""
    values, scenes = miniature_weights(), evaluation_scenes(SCENES)
    archs = {subject.name: subject.arch for subject in subjects(len(rows) + len(CATALOG_ORDERS))}
    found: dict[str, float] = {}
    for row in rows:
        if row.width == WIDTH and row.name not in found:
            found[row.name] = evaluate(archs[row.name], scenes, values=values).precision.ap50
            _say(f"{row.name}: alone {row.alone:.3f}, one-shot {found[row.name]:.3f}")
    return [row._replace(one_shot=found[row.name] if row.width == WIDTH else None) for row in rows]


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
    "one-shot AP50": lambda row: row.one_shot or 0.0,
    "multiply-adds": lambda row: row.macs,
    "parameters": lambda row: row.params,
    "bottleneck levels": lambda row: row.bottleneck,
}


def summary(rows: Sequence[Row]) -> dict[str, object]:
    """Tau of each predictor with its interval, over the judged rows of the first seed."""
    first = [row for row in rows if row.seed == 0 and row.one_shot is not None]
    alone = [row.alone for row in first]
    taus = {
        name: {
            "tau": round(kendall([of(row) for row in first], alone), 3),
            "interval": [round(x, 3) for x in interval([of(row) for row in first], alone)],
        }
        for name, of in PREDICTORS.items()
    }
    return {"architectures": len(first), "tau": taus}


def orders_summary(rows: Sequence[Row]) -> dict[str, object]:
    """Mean and spread over seeds of each order and width that has several."""
    several: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        several.setdefault((row.name, row.width), []).append(row)
    return {
        f"{name}, width {width}": {
            "seeds": len(found),
            "macs": found[0].macs,
            **{
                key: [round(min(v), 3), round(float(np.mean(v)), 3), round(max(v), 3)]
                for key in ("alone", "small", "medium", "large")
                if (v := [getattr(row, key) for row in found])
            },
        }
        for (name, width), found in several.items()
        if len(found) > 1
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Trains what is missing, asks the shipped weights, then prints the summary as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/one_shot_tau.jsonl"))
    parser.add_argument("--count", type=int, default=20, help="architectures [20]")
    parser.add_argument("--steps", type=int, default=600, help="of each training [600]")
    parser.add_argument("--pool", type=int, default=1500, help="scenes in memory [1500]")
    parser.add_argument("--orders", nargs="*", default=ORDERS, help="compared at equal MACs")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each of those [3]")
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    if options.out.exists():
        rows = [Row(**json.loads(line)) for line in options.out.read_text("utf-8").splitlines()]
    done = {row[:4] for row in rows}
    pools: dict[int, Pool] = {}
    for subject in (*subjects(options.count), *at_equal_macs(options.orders, options.seeds)):
        key = (subject.name, subject.seed, options.steps, subject.arch.scaling.width(3))
        if key not in done:
            if subject.seed not in pools:
                pools = {subject.seed: Pool(subject.seed, options.pool)}
            rows.append(measured(subject, options.steps, pools[subject.seed]))
            done.add(key)
            _write(options.out, rows)
    rows = [row for row in judged(rows) if row.steps == options.steps]
    _write(options.out, rows)
    print(json.dumps({**summary(rows), "orders": orders_summary(rows)}, indent=1))


def _write(path: Path, rows: Sequence[Row]) -> None:
    path.write_text("".join(f"{json.dumps(row._asdict())}\n" for row in rows), "utf-8")


if __name__ == "__main__":
    main()
