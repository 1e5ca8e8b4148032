"""The plots of docs/science.md, from files of results: `python -m benchmarks.science_plots`.

Each plot whose file is there is written as SVG, and a line to put into the page is printed; a plot
without its file is told on standard error and left as it is. The same results give the same files.

    science-tau.svg         --tau: trainings alone, as `benchmarks.one_shot_tau` writes them
    science-orders.svg      --orders: the same, a few orders with several seeds
    science-bottleneck.svg  --figures: the card's figures, `assets/weights/one-shot.json`
    science-learning.svg    --learning: the curve beside a training's checkpoint, `learning.jsonl`
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.science_info import (
    MEASURES,
    BottleneckInfo,
    LearningInfo,
    OrdersInfo,
    TauInfo,
    bottleneck_info,
    learning_info,
    orders_info,
    read_lines,
    read_rows,
    tau_info,
)
from explorer.architecture.errors import FormatError
from explorer.drawing.palette import LIGHT, level_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
CATALOG_COLOUR, RANDOM_COLOUR = level_colour(6), level_colour(2)
ORDER_LEVELS = (2, 5, 4, 7, 6)
"""Which level's colour each order takes: far apart for every eye."""
LOOK = {
    "svg.fonttype": "none",  # words stay words
    "svg.hashsalt": "science",  # equal plots, equal files
    "font.size": 9,
    "text.color": LIGHT.ink,
    "axes.edgecolor": LIGHT.rule,
    "axes.labelcolor": LIGHT.muted,
    "axes.titlesize": 9,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": LIGHT.band,
    "xtick.color": LIGHT.muted,
    "ytick.color": LIGHT.muted,
    "legend.frameon": False,
}


def tau_plot(info: TauInfo) -> Figure:
    """A point for each architecture; on the right how well each predictor ranks them."""
    figure, (left, right) = _axes(1, 2, (8.4, 3.9), width_ratios=(3, 2))
    one = info.predictors["one-shot AP50"]
    for name, x, y in zip(info.names, info.one_shot, info.alone, strict=True):
        random = name.startswith("random")
        left.plot(
            100 * x, 100 * y, "o", ms=5.5 if random else 7,
            color=RANDOM_COLOUR if random else CATALOG_COLOUR,
        )  # fmt: skip
    left.margins(0.12)
    low, high = left.get_xlim()
    left.set_xticks([tick for tick in left.get_xticks() if tick <= 100])
    left.set_xlim(low, high + 0.3 * (high - low))  # names stand on the right of their points
    _name(left, info)
    left.set(xlabel="AP50 with the one-shot weights, %", ylabel="AP50 trained alone, %")
    left.set_title(
        f"{len(info.names)} architectures, {info.steps:,} steps each: "
        f"τ = {one.tau:.2f} ({one.low:.2f} to {one.high:.2f})"
    )
    for place, tau in enumerate([*info.predictors.values()][::-1]):
        colour = CATALOG_COLOUR if tau is one else RANDOM_COLOUR
        right.plot((tau.low, tau.high), (place, place), color=colour, lw=2)
        right.plot(tau.tau, place, "o", color=colour, ms=7)
        text = f"{tau.tau:.2f}".replace("-", "−")
        right.annotate(text, (tau.tau, place), (0, 7), textcoords="offset points", ha="center")
    right.axvline(0, color=LIGHT.rule)
    right.set_yticks(range(len(info.predictors)), [*info.predictors][::-1])
    right.margins(y=0.2)
    right.set(xlabel="Kendall's τ with AP50 trained alone", xlim=(-1, 1))
    right.set_title("what predicts it, 95 % intervals")
    return figure


def _name(axes: Axes, info: TauInfo) -> None:
    """The catalog's names beside their points, none over another."""
    low, high = axes.get_ylim()
    line, below = 0.05 * (high - low), low
    for name, x, y in sorted(zip(info.names, info.one_shot, info.alone, strict=True), key=_alone):
        if not name.startswith("random"):
            below = max(100 * y, below + line)
            axes.annotate(
                name, (100 * x, 100 * y), (100 * x + 3, below), fontsize=7.5, va="center",
                zorder=1,  # no word hides a point
            )  # fmt: skip


def _alone(point: tuple[str, float, float]) -> float:
    return point[2]


def orders_plot(info: OrdersInfo) -> Figure:
    """A group for each measure; a dot for each seed, a bar for the mean."""
    figure, (axes,) = _axes(1, 1, (8.4, 3.9))
    width = 0.8 / len(info.orders)
    for which, order in enumerate(info.orders):
        colour = level_colour(ORDER_LEVELS[which % len(ORDER_LEVELS)])
        for place, measure in enumerate(MEASURES):
            x = place + (which - (len(info.orders) - 1) / 2) * width
            values = [100 * value for value in order.spreads[measure].values]
            mean = 100 * order.spreads[measure].mean
            axes.bar(x, mean, 0.9 * width, color=colour, alpha=0.35, lw=0)
            axes.plot([x] * len(values), values, "o", color=colour, ms=4.5)
            axes.annotate(f"{mean:.1f}", (x, max(values)), (0, 5), textcoords="offset points",
                          ha="center", fontsize=7.5)  # fmt: skip
        axes.plot([], [], "s", color=colour, label=f"{order.name}, {order.macs / 1e6:.1f} M MACs")
    axes.set_xticks(range(len(MEASURES)), MEASURES)
    axes.grid(visible=False, axis="x")
    axes.set_ylim(bottom=0)
    axes.margins(y=0.12)
    axes.set(ylabel="per cent")
    axes.set_title(
        f"trained alone, {info.steps:,} steps; a dot a seed, the bar their mean", loc="left"
    )
    figure.legend(loc="outside lower center", ncols=min(3, len(info.orders)))
    return figure


def bottleneck_plot(info: BottleneckInfo) -> Figure:
    """A dot for each permutation, a bar for the median of each level."""
    figure, (axes,) = _axes(1, 1, (5.6, 3.7))
    seen: dict[int, int] = {}
    for level, ap50 in info.points:
        aside = (seen.setdefault(level, 0) % 7 - 3) * 0.035  # so that none hides another
        seen[level] += 1
        axes.plot(level + aside, 100 * ap50, "o", color=level_colour(level), ms=5.5)
    for level, middle in info.medians.items():
        axes.plot((level - 0.22, level + 0.22), (100 * middle,) * 2, color=LIGHT.ink, lw=2)
        axes.annotate(f"{100 * middle:.1f}", (level + 0.25, 100 * middle), va="center")
    levels = [*info.medians]
    axes.set_xticks(levels, [f"L{level}\n{seen[level]} permutations" for level in levels])
    axes.set_xlim(levels[0] - 0.5, levels[-1] + 0.6)
    axes.set(xlabel="bottleneck level of P3", ylabel="AP50 with the one-shot weights, %")
    axes.set_title(
        f"finer bottleneck, higher AP50: τ = {info.tau.tau:.2f} "
        f"({info.tau.low:.2f} to {info.tau.high:.2f})"
    )
    return figure


def learning_plot(info: LearningInfo) -> Figure:
    """The loss and its parts."""
    figure, (axes,) = _axes(1, 1, (7.2, 3.5))
    for (name, values), level in zip(info.losses.items(), ORDER_LEVELS, strict=False):
        whole = name == "all"
        axes.plot(info.steps, values, color=level_colour(level), lw=1.6 if whole else 1, label=name)
    axes.set(xlabel="step", ylabel="loss, on the samples of each step")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_ylim(bottom=0)
    axes.set_title(f"{info.hours:.1f} hours of training", loc="left")
    axes.legend(ncols=4)
    return figure


def _axes(
    rows: int, columns: int, size: tuple[float, float], **options: object
) -> tuple[Figure, tuple[Axes, ...]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    made = figure.subplots(rows, columns, squeeze=False, **options)
    return figure, tuple(made.flat)


def write(folder: Path, name: str, plot: Callable[[], tuple[Figure, str]]) -> bool:
    """Whether the plot was written; where its results are not there, why on standard error."""
    import matplotlib

    with matplotlib.rc_context(LOOK):
        try:
            figure, alt = plot()
        except FormatError as error:
            print(f"{name}: left as it is. {error}", file=sys.stderr)
            return False
        figure.savefig(folder / name, format="svg", metadata={"Date": None, "Title": alt})
    print(f"![{alt}]({name})")
    return True


def main() -> None:
    """Writes what there are results for; ends with 1 where there are none at all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tau", type=Path, default=RESULTS / "one_shot_tau.jsonl")
    parser.add_argument("--orders", type=Path, default=RESULTS / "one_shot_tau.jsonl")
    parser.add_argument("--names", nargs="*", default=(), help="only these orders, in this order")
    parser.add_argument(
        "--figures", type=Path, default=ROOT / "assets" / "weights" / "one-shot.json"
    )
    parser.add_argument("--learning", type=Path, default=RESULTS / "learning.jsonl")
    parser.add_argument("--steps", type=int, help="trainings of this length [the most frequent]")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    options = parser.parse_args()

    def tau() -> tuple[Figure, str]:
        info = tau_info(read_rows(options.tau, options.steps))
        return tau_plot(info), info.alt

    def orders() -> tuple[Figure, str]:
        info = orders_info(read_rows(options.orders, options.steps), options.names)
        return orders_plot(info), info.alt

    def bottleneck() -> tuple[Figure, str]:
        info = bottleneck_info(_card(options.figures))
        return bottleneck_plot(info), info.alt

    def learning() -> tuple[Figure, str]:
        info = learning_info(read_lines(options.learning))
        return learning_plot(info), info.alt

    plots = {"tau": tau, "orders": orders, "bottleneck": bottleneck, "learning": learning}
    done = [write(options.out, f"science-{name}.svg", plot) for name, plot in plots.items()]
    sys.exit(0 if any(done) else 1)


def _card(path: Path) -> list[float]:
    """AP50 of each permutation that the card judged. Raises FormatError where there are none."""
    try:
        found: list[float] = json.loads(path.read_text(encoding="utf-8"))["permutations"]["ap50"]
    except (OSError, ValueError, KeyError) as error:
        raise FormatError(f"{path}: found no permutations ({error!r}).") from None
    return found


if __name__ == "__main__":
    main()
