"""How fast a cost is, against `torch.utils.flop_counter` on meta tensors, in one interleaved run.

    python -m benchmarks.cost_speed [--samples 30] [--size 640] [--seed 0]

Each architecture is one that nobody has counted before. Ours starts from the value: rules, links,
all tallies; parts that other architectures had are known, as they are in a session or a search. In
each round ten are counted by us and one of them by the peer, whose network is built beforehand, its
time told apart. Medians over all calls. Both must give the same integer, or the run fails.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

import torch
from torch.utils.flop_counter import FlopCounterMode

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block
from explorer.architecture.rules import problems
from explorer.catalog.resolve import resolve
from explorer.cost.cost import cost
from explorer.cost.population import population_cost
from explorer.cost.population_rows import population
from explorer.network.build import Network, build

AT_ONCE = 10
Draw = Callable[[Architecture, Random], Architecture]


def single_edit(arch: Architecture, rng: Random) -> Architecture:
    """Another level or other parents for one block, as a gesture makes them."""
    place = rng.randrange(2, len(arch.blocks))
    block = arch.blocks[place]
    if block.is_output or rng.random() < 0.5:
        earlier = [other.id for other in arch.blocks[:place]]
        changed = replace(block, parents=tuple(rng.sample(earlier, 2)))
    else:
        changed = replace(block, level=rng.choice([2, 3, 4, 5, 6, 7]))
    return replace(arch, blocks=(*arch.blocks[:place], changed, *arch.blocks[place + 1 :]))


def permutation(arch: Architecture, rng: Random) -> Architecture:
    """The same blocks in a random order, outputs last, with random parents: all is new."""
    stem, rest = arch.blocks[:2], arch.blocks[2:]
    middle = [block for block in rest if not block.is_output]
    last = [block for block in rest if block.is_output]
    blocks: list[Block] = list(stem)
    for block in (*rng.sample(middle, len(middle)), *rng.sample(last, len(last))):
        parents = tuple(rng.sample(range(len(blocks)), 2))
        blocks.append(replace(block, id=len(blocks), parents=parents))
    return replace(arch, blocks=tuple(blocks))


def main() -> None:
    options = _options()
    rng = Random(options.seed)
    start = resolve("spinenet-49")
    cost(start, options.size), cost(start, options.size, head=True)
    for _ in range(500):  # what a session has seen before: parts, never the sample itself
        cost(replace(permutation(start, rng), name="warm"), options.size)
    print(f"SpineNet-49 at {options.size} px, {options.samples} samples, medians")
    print(f"{'':<34}{'ours':>10}{'flop_counter':>14}{'ratio':>8}{'(building its network)':>24}")
    for title, draw, head in (
        ("random single edit", single_edit, False),
        ("random single edit, with head", single_edit, True),
        ("random permutation", permutation, False),
        ("random permutation, with head", permutation, True),
    ):
        _report(title, draw, head, start, rng, options)
    _report_population(start, rng, options)


def _report_population(start: Architecture, rng: Random, options: argparse.Namespace) -> None:
    """A population against one at a time, in turns; the rate is by processor time, of one core."""
    drawn = [_legal(permutation, start, rng, str(i)) for i in range(2000)]
    rows = population(drawn * 25)
    rates, singles = [], []
    for turn in range(5):
        fresh = [replace(arch, name=f"{turn}/{arch.name}") for arch in drawn]
        began = time.process_time()
        one_by_one = [cost(arch, options.size).macs for arch in fresh]
        singles.append(len(fresh) / (time.process_time() - began))
        began = time.process_time()
        found = population_cost(rows, start.blocks[:2], start.scaling, options.size)
        rates.append(len(rows.levels) / (time.process_time() - began))
        if found.macs[: len(drawn)].tolist() != one_by_one:
            raise SystemExit("the population's costs are not those of its architectures")
    many, single = statistics.median(rates), statistics.median(singles)
    print(f"population of {len(rows.levels)}: {many:,.0f} architectures/s and core, ", end="")
    print(f"one at a time {single:,.0f}/s, {many / single:.0f}x")


def _report(
    title: str,
    draw: Draw,
    head: bool,
    start: Architecture,
    rng: Random,
    options: argparse.Namespace,
) -> None:
    ours, theirs, building = [], [], []
    for number in range(options.samples):
        drawn = [_legal(draw, start, rng, f"{title} {number}.{i}") for i in range(AT_ONCE)]
        for arch in drawn:
            began = time.perf_counter()
            counted = cost(arch, options.size, head)
            ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        network = build(drawn[-1], head=head, device="meta")
        building.append(time.perf_counter() - began)
        began = time.perf_counter()
        macs = _flop_counter(network, options.size)
        theirs.append(time.perf_counter() - began)
        if counted.macs != macs:
            raise SystemExit(f"{drawn[-1]}: {counted.macs} is not {macs}")
    mine, peer, built = (statistics.median(times) for times in (ours, theirs, building))
    print(
        f"{title:<34}{mine * 1e6:>7.0f} us{peer * 1e3:>11.1f} ms{peer / mine:>7.0f}x"
        f"{built * 1e3:>21.1f} ms"
    )


def _legal(draw: Draw, start: Architecture, rng: Random, name: str) -> Architecture:
    """A drawn one without problems, under a name that makes it a value nobody has asked about."""
    while True:
        arch = draw(start, rng)
        if not problems(arch):
            return replace(arch, name=name)


def _flop_counter(network: Network, size: int) -> int:
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        outputs = network(torch.empty(1, 3, size, size, device="meta"))
        if network.has_head:
            network.forward_head(outputs)
    return counter.get_total_flops() // 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=30)
    parser.add_argument("--size", type=int, default=640)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
