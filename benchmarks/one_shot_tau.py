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
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from copy import deepcopy
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from benchmarks.alone import Row
from benchmarks.one_shot_figures import permutations
from benchmarks.science_info import orders_info, tau_info
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
AVERAGE = 0.995
ORDERS = ("spinenet-49", "r0-sp53", "resnet-50-fpn")


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


@lru_cache(maxsize=1)
def pool_of(seed: int, size: int) -> Pool:
    """The scenes that trainings of this seed begin with; trainings copy it."""
    return Pool(seed, size)


def measured(subject: Subject, steps: int, pool: int) -> Row:
    """Trains one architecture alone, `pool` scenes in memory, on one thread, and judges it."""
    torch.set_num_threads(1)
    name, arch, seed = subject
    settings = Settings(
        seed=seed,
        steps=steps,
        pool=pool,
        average=AVERAGE,
        warm_up_steps=100,
        bfloat16=True,
    )
    trainer = Trainer(settings, architecture=arch, pool=deepcopy(pool_of(seed, pool)))
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


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Trains what is missing, asks the shipped weights, then prints what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/one_shot_tau.jsonl"))
    parser.add_argument("--count", type=int, default=20, help="architectures [20]")
    parser.add_argument("--steps", type=int, default=600, help="of each training [600]")
    parser.add_argument("--pool", type=int, default=1500, help="scenes in memory [1500]")
    parser.add_argument("--orders", nargs="*", default=ORDERS, help="compared at equal MACs")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each of those [3]")
    parser.add_argument("--processes", type=int, default=1, help="trainings side by side [1]")
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    if options.out.exists():
        rows = [Row(**json.loads(line)) for line in options.out.read_text("utf-8").splitlines()]
    done = {row[:4] for row in rows}
    wanted = {
        (subject.name, subject.seed, options.steps, subject.arch.scaling.width(3)): subject
        for subject in (*subjects(options.count), *at_equal_macs(options.orders, options.seeds))
    }
    # Fresh processes, not forks: a fork copies torch's threads half alive.
    with ProcessPoolExecutor(options.processes, get_context("spawn")) as crew:
        trainings = [
            crew.submit(measured, subject, options.steps, options.pool)
            for key, subject in wanted.items()
            if key not in done
        ]
        for training in as_completed(trainings):
            rows.append(training.result())
            _write(options.out, rows)
    places = {key: place for place, key in enumerate(wanted)}
    rows = sorted(
        (row for row in judged(rows) if row[:4] in places), key=lambda row: places[row[:4]]
    )
    _write(options.out, rows)
    print(tau_info(rows).alt)
    print(orders_info(rows).alt)


def _write(path: Path, rows: Sequence[Row]) -> None:
    path.write_text("".join(f"{json.dumps(row._asdict())}\n" for row in rows), "utf-8")


if __name__ == "__main__":
    main()
