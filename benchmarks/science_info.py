"""What the plots of docs/science.md show, as values: read from files of results, not painted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

from benchmarks.alone import PREDICTORS, Row, interval, kendall
from benchmarks.one_shot_figures import permutations
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import FormatError
from explorer.architecture.paths import output_paths


class Tau(NamedTuple):
    """How well something predicts AP50 of training alone."""

    tau: float
    """Kendall's tau-b."""
    low: float
    high: float
    """The middle 95 per cent over architectures drawn again with repeats."""


class TauInfo(NamedTuple):
    """One-shot AP50 beside AP50 trained alone."""

    names: tuple[str, ...]
    one_shot: tuple[float, ...]
    alone: tuple[float, ...]
    """AP50, 0 to 1."""
    steps: int
    """Of each training."""
    predictors: Mapping[str, Tau]

    @property
    def alt(self) -> str:
        """The plot in words."""
        told = "; ".join(
            f"{name} {one.tau:.2f} ({one.low:.2f} to {one.high:.2f})"
            for name, one in self.predictors.items()
        )
        return (
            f"AP50 with the one-shot weights against AP50 trained alone for {self.steps:,} steps, "
            f"{len(self.names)} architectures. Kendall's tau with 95 % interval: {told}."
        )


def tau_info(rows: Sequence[Row]) -> TauInfo:
    """The first row of each network that the shipped weights were asked about.

    Raises FormatError where there are fewer than two.
    """
    first = [row for row in rows if row.seed == 0 and row.one_shot is not None]
    if len(first) < 2:
        raise FormatError(f"Kendall's tau: found {len(first)} trainings, expected two or more.")
    alone = tuple(row.alone for row in first)
    told = {name: tuple(of(row) for row in first) for name, of in PREDICTORS.items()}
    return TauInfo(
        tuple(row.name for row in first),
        told["one-shot AP50"],
        alone,
        first[0].steps,
        {name: Tau(kendall(x, alone), *interval(x, alone)) for name, x in told.items()},
    )


class Spread(NamedTuple):
    """One figure of one order over its seeds, 0 to 1."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Over seeds."""
        return fmean(self.values)


MEASURES = ("AP50", "AP small", "AP medium", "AP large")
"""What a training's row holds; the three by size are means over overlaps of 0.5 to 0.95."""


class Order(NamedTuple):
    """One order, trained alone with several seeds."""

    name: str
    macs: int
    spreads: Mapping[str, Spread]
    """By measure."""


class OrdersInfo(NamedTuple):
    """Orders side by side, by object size."""

    orders: tuple[Order, ...]
    seeds: int
    """The fewest of any order."""
    steps: int

    @property
    def alt(self) -> str:
        """The plot in words."""
        told = "; ".join(
            f"{order.name} ({order.macs / 1e6:.1f} M multiply-adds): "
            + ", ".join(
                f"{name} {100 * one.mean:.1f} ({100 * min(one.values):.1f} to "
                f"{100 * max(one.values):.1f})"
                for name, one in order.spreads.items()
            )
            for order in self.orders
        )
        return (
            f"Orders trained alone for {self.steps:,} steps, {self.seeds} seeds or more, means and "
            f"ranges in per cent. {told}."
        )


def orders_info(rows: Sequence[Row], names: Sequence[str] = ()) -> OrdersInfo:
    """Every order that was trained at one width with two seeds or more, or those of `names`.

    Raises FormatError where there is none.
    """
    times = Counter((row.name, row.width) for row in rows)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if times[row.name, row.width] > 1 or row.name in names:
            groups.setdefault(row.name, []).append(row)
    wanted = names or [name for name, group in groups.items() if len(group) > 1]
    if not wanted or not groups.keys() >= set(wanted):
        raise FormatError(
            f"Orders: found {', '.join(groups) or 'no training'}, expected "
            f"{', '.join(names) or 'one with two seeds or more'}."
        )
    orders = tuple(
        Order(
            name,
            groups[name][0].macs,
            {
                measure: Spread(tuple(getattr(row, field) for row in groups[name]))
                for measure, field in zip(
                    MEASURES, ("alone", "small", "medium", "large"), strict=True
                )
            },
        )
        for name in wanted
    )
    return OrdersInfo(orders, min(len(groups[name]) for name in wanted), rows[0].steps)


class BottleneckInfo(NamedTuple):
    """AP50 of random permutations by the bottleneck level of P3."""

    points: tuple[tuple[int, float], ...]
    """Level and AP50, 0 to 1."""
    medians: Mapping[int, float]
    tau: Tau
    """Of a finer bottleneck, for a higher AP50."""

    @property
    def alt(self) -> str:
        """The plot in words."""
        told = ", ".join(f"L{level} {100 * ap50:.1f}" for level, ap50 in self.medians.items())
        return (
            f"AP50 of {len(self.points)} random permutations by the bottleneck level of P3, "
            f"one-shot weights; medians in per cent: {told}. Kendall's tau {self.tau.tau:.2f} "
            f"({self.tau.low:.2f} to {self.tau.high:.2f})."
        )


def bottleneck_info(
    ap50: Sequence[float], archs: Sequence[Architecture] | None = None
) -> BottleneckInfo:
    """AP50 of permutations beside their bottleneck levels.

    `archs` are those that the card's figures are of where none are given. Raises FormatError where
    there are not as many of the one as of the other.
    """
    judged = permutations(len(ap50)) if archs is None else archs
    if len(judged) != len(ap50) or not ap50:
        raise FormatError(f"Permutations: found {len(ap50)} AP50s, expected {len(judged)}.")
    points = tuple(sorted(zip(map(bottleneck_of_p3, judged), ap50, strict=True)))
    by_level: dict[int, list[float]] = {}
    for level, value in points:
        by_level.setdefault(level, []).append(value)
    finer, values = [-level for level, _ in points], [value for _, value in points]
    return BottleneckInfo(
        points,
        {level: median(group) for level, group in by_level.items()},
        Tau(kendall(finer, values), *interval(finer, values)),
    )


def bottleneck_of_p3(arch: Architecture) -> int:
    """The finest that the coarsest level on a way to P3 can be."""
    row = next(row for row in output_paths(arch) if row.level == 3)
    if row.bottleneck_level is None:
        raise FormatError(f"{arch.name}: found no way to P3, expected one.")
    return row.bottleneck_level


class LearningInfo(NamedTuple):
    """The losses of a training over its steps."""

    steps: tuple[int, ...]
    losses: Mapping[str, tuple[float, ...]]
    """The whole and its parts."""
    hours: float

    @property
    def alt(self) -> str:
        """The plot in words."""
        whole = self.losses["all"]
        return (
            f"The loss over {self.steps[-1]:,} steps ({self.hours:.1f} hours): from {whole[0]:.2f} "
            f"to {whole[-1]:.2f}."
        )


def learning_info(rows: Sequence[Mapping[str, Any]]) -> LearningInfo:
    """The curve; of steps that a resumed training did again, the later ones.

    Raises FormatError where there is none.
    """
    last: dict[int, Mapping[str, Any]] = {}
    for row in rows:
        last = {step: one for step, one in last.items() if step < row["step"]}
        last[row["step"]] = row
    if not last:
        raise FormatError("The learning curve: found no line, expected one or more.")
    parts = {"all": "loss", "objects": "objects", "classes": "classes", "boxes": "boxes"}
    return LearningInfo(
        tuple(last),
        {name: tuple(row[field] for row in last.values()) for name, field in parts.items()},
        max(row["seconds"] for row in last.values()) / 3600,
    )


def read_rows(path: Path, steps: int | None = None) -> list[Row]:
    """The trainings in a file of JSON lines; of one length, by default of the most frequent one.

    Raises FormatError where there is no such file, or it holds something else.
    """
    found = read_lines(path)
    try:
        rows = [Row(**{name: line[name] for name in Row._fields}) for line in found]
    except KeyError as error:
        raise FormatError(f"{path}: found a line without {error}, expected a training.") from None
    if steps is None and rows:
        steps = Counter(row.steps for row in rows).most_common(1)[0][0]
    return [row for row in rows if row.steps == steps]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines.

    Raises FormatError where there is no such file, or it holds something else.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise FormatError(f"{path}: {error}.") from None
