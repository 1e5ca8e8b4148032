"""Edit → new activations, against building the edited network anew and running all of it.

For each of 100 random single edits of SpineNet-49: a cache that holds SpineNet-49 runs the edited
network; the edited network is built and run in full; the cache goes back to SpineNet-49. The three
are measured in turn, in one process, so that they share whatever else the machine does.

    python benchmarks/edit_speed.py [--size 256] [--edits 100] [--seed 0] [--threads 2]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

import torch

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import MAX_LEVEL, Op
from explorer.architecture.edits import Edit, Follow
from explorer.architecture.errors import EditError
from explorer.architecture.plan import plan
from explorer.catalog import entry
from explorer.cost.layers import unit_cost
from explorer.network.build import build
from explorer.network.execution import Executor, Run


class Measured(NamedTuple):
    """Seconds, and the part of the edited network's multiply-adds that ran."""

    edit: float
    rebuild: float
    forward: float
    undo: float
    share: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    rng = Random(options.seed)
    start = entry("spinenet-49").architecture
    image = torch.randn(1, 3, options.size, options.size)
    measure(start, edited(rng, start), image)  # warm-up
    rows = []
    for done in range(1, options.edits + 1):
        rows.append(measure(start, edited(rng, start), image))
        print(f"\r{done} of {options.edits}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    report(rows, options)


def edited(rng: Random, start: Architecture) -> Architecture:
    """SpineNet-49 after one random edit that changes it; each kind of edit is as likely."""
    kinds = ("set_level", "swap", "move", "rewire", "set_op")
    kind = rng.choice(kinds)
    while True:
        one, two = (block.id for block in rng.sample(start.blocks, 2))
        arguments = {
            "set_level": (one, rng.randint(2, MAX_LEVEL)),
            "swap": (one, two, rng.choice(list(Follow))),
            "move": (one, rng.randrange(len(start.blocks)), rng.choice(list(Follow))),
            "rewire": (one, rng.randrange(2), two),
            "set_op": (one, rng.choice([Op.BOTTLENECK, Op.RESIDUAL])),
        }
        try:
            found = Edit(kind, arguments[kind]).apply(start)
        except EditError:
            continue
        if found != start:
            return found


def measure(start: Architecture, after: Architecture, image: torch.Tensor) -> Measured:
    executor = Executor()
    executor.run(start, image, "image")

    begin = perf_counter()
    run = executor.run(after, image, "image")
    edit = perf_counter() - begin

    begin = perf_counter()
    network = build(after)
    built = perf_counter() - begin
    with torch.no_grad():
        outputs = network(image)
    rebuild = perf_counter() - begin

    begin = perf_counter()
    back = executor.run(start, image, "image")
    undo = perf_counter() - begin
    assert not back.executed
    assert all(torch.equal(run.outputs[level], outputs[level]) for level in outputs)
    return Measured(edit, rebuild, rebuild - built, undo, share_of_macs(after, run, image))


def share_of_macs(arch: Architecture, run: Run, image: torch.Tensor) -> float:
    network = plan(arch, image.shape[2], image.shape[3])
    units = [network.stem, *network.endpoints.values()]
    for step in network.blocks.values():
        units += [wire.unit for wire in step.links] + [step.body]
    macs = {unit.name: unit_cost(unit.layers).tally.macs for unit in units}
    return sum(macs[name] for name in run.executed) / sum(macs.values())


def report(rows: list[Measured], options: argparse.Namespace) -> None:
    print(
        f"SpineNet-49, {options.size}x{options.size}, {options.edits} random single edits, seed "
        f"{options.seed}, {options.threads} threads, torch {torch.__version__}, CPU"
    )
    for name, text in (
        ("edit", "edit → new activations"),
        ("rebuild", "rebuild and forward"),
        ("forward", "forward alone"),
        ("undo", "undo"),
    ):
        low, middle, high = quantiles([getattr(row, name) * 1000 for row in rows], n=4)
        print(f"  {text:<24}{middle:>10.3f} ms   (quartiles {low:.3f} to {high:.3f})")
    for text, ratio in (
        ("rebuild and forward / edit", median(row.rebuild / row.edit for row in rows)),
        ("forward alone / edit", median(row.forward / row.edit for row in rows)),
        ("rebuild and forward / undo", median(row.rebuild / row.undo for row in rows)),
    ):
        print(f"  {text:<28}{ratio:>8.1f} × (median of the ratios)")
    shares = [row.share for row in rows]
    print(f"  part of the MACs that ran: median {median(shares):.2f}, mean {mean(shares):.2f}")


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    main()
