"""Does a minute of fine-tuning one architecture raise its AP? `python -m benchmarks.tuning_gain`.

What the button of the page does, on this machine: from the shared one-shot weights, so many seconds
of training this network alone. AP on the fixed evaluation set before and after, for catalog orders
and for random permutations. The gain depends on how fast the machine is: steps are told.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.one_shot_figures import permutations
from explorer.architecture.architecture import Architecture
from explorer.catalog import entry
from explorer.detection.evaluation import Precision, evaluate
from explorer.detection.miniature import MiniatureWeights, miniature_weights
from explorer.detection.scenes import EVALUATION_SCENES, evaluation_scenes
from explorer.detection.training.trainer import use_threads
from explorer.detection.training.tuning import fine_tune


class Gain(NamedTuple):
    """One architecture before and after."""

    name: str
    steps: int
    before: Precision
    after: Precision


def gain(
    name: str, arch: Architecture, values: MiniatureWeights, seconds: float, scenes: int, seed: int
) -> Gain:
    """Tunes one architecture and judges it before and after."""
    judged = evaluation_scenes(scenes)
    before = evaluate(arch, judged, values=values).precision
    tuned, steps = values, 0
    for one in fine_tune(arch, values, seconds, seed=seed):
        tuned = one.weights or tuned
        steps = steps if one.told is None else one.told.step
    found = Gain(name, steps, before, evaluate(arch, judged, values=tuned).precision)
    print(f"{name}: {steps} steps", file=sys.stderr, flush=True)
    return found


def report(rows: Sequence[Gain], options: argparse.Namespace, label: str) -> None:
    """Prints what each architecture gained."""
    print(
        f"{options.seconds:g} s of tuning each, from the {label} weights, {options.threads} "
        f"threads, {options.scenes} scenes, seed {options.seed}; in per cent"
    )
    print(
        f"{'':<20}{'steps':>6}{'AP50 before':>13}{'after':>7}{'gain':>7}"
        f"{'AP before':>12}{'after':>7}"
    )
    for row in rows:
        old, new = row.before, row.after
        print(
            f"{row.name:<20}{row.steps:>6}{100 * old.ap50:>13.1f}{100 * new.ap50:>7.1f}"
            f"{100 * (new.ap50 - old.ap50):>+7.1f}{100 * old.ap:>12.1f}{100 * new.ap:>7.1f}"
        )
    mean = fmean(row.after.ap50 - row.before.ap50 for row in rows)
    print(f"mean gain of AP50 {100 * mean:+.1f} points")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--orders", nargs="*", default=["spinenet-49", "resnet-50-fpn"])
    parser.add_argument("--permutations", type=int, default=2)
    parser.add_argument("--scenes", type=int, default=EVALUATION_SCENES)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    use_threads(options.threads)
    values = miniature_weights()
    subjects = [(name, entry(name).architecture) for name in options.orders]
    subjects += [(f"random {i}", arch) for i, arch in enumerate(permutations(options.permutations))]
    rows = [
        gain(name, arch, values, options.seconds, options.scenes, options.seed)
        for name, arch in subjects
    ]
    report(rows, options, values.label)


if __name__ == "__main__":
    main()
