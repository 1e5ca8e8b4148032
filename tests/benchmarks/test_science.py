"""The plots of docs/science.md: what they show, from made results, and that they are written."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from benchmarks.alone import Row
from benchmarks.science_info import (
    MEASURES,
    bottleneck_info,
    bottleneck_of_p3,
    learning_info,
    orders_info,
    read_rows,
    tau_info,
)
from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.errors import FormatError

ROOT = Path(__file__).parents[2]


def row(name: str, seed: int = 0, steps: int = 9, **changed: float) -> Row:
    """A training that reached nothing much."""
    told = {"alone": 0.5, "small": 0.1, "medium": 0.3, "large": 0.4, "one_shot": 0.4}
    told |= {"macs": 60, "params": 9, "bottleneck": -3.0}
    return Row(name, seed, steps, **({"width": 32} | told | changed))


RANKED = [row(f"random {i}", alone=i / 10, one_shot=(i + (i == 1)) / 20, macs=-i) for i in range(5)]


def test_tau_is_that_of_ranks_and_other_seeds_are_left_out() -> None:
    info = tau_info([*RANKED, row("random 0", seed=1, alone=0.9)])
    assert info.names == tuple(f"random {i}" for i in range(5))
    one = info.predictors["one-shot AP50"]
    # 1 and 2 tie in one of two rankings of 5: tau-b is 9 / sqrt(9 * 10), by hand
    assert one.tau == pytest.approx(9 / 90**0.5)
    assert one.low <= one.tau <= one.high <= 1
    assert info.predictors["multiply-adds"].tau == pytest.approx(-1)
    assert "5 architectures" in info.alt and "0.95" in info.alt
    with pytest.raises(FormatError, match="found 1"):
        tau_info(RANKED[:1])


def test_orders_show_each_seed_by_size() -> None:
    rows = [row("a", seed, small=0.1 * seed, macs=7_000_000) for seed in range(3)]
    info = orders_info([*rows, row("alone", 0), row("a", 0, width=26, macs=1)])
    (order,) = info.orders
    assert (order.name, info.seeds, info.steps) == ("a", 3, 9)
    assert tuple(order.spreads) == MEASURES
    assert order.spreads["AP small"].values == pytest.approx((0, 0.1, 0.2))
    assert order.spreads["AP small"].mean == pytest.approx(0.1)
    assert "a (7.0 M multiply-adds)" in info.alt and "AP small 10.0 (0.0 to 20.0)" in info.alt
    assert [one.name for one in orders_info([*rows, row("b")], ("b", "a")).orders] == ["b", "a"]
    for wrong in ([], [row("b")]):
        with pytest.raises(FormatError, match="two seeds"):
            orders_info(wrong)
    with pytest.raises(FormatError, match="expected c"):
        orders_info(rows, ("c",))


def _with_bottleneck(level: int) -> Architecture:
    """An image's stem, one block on `level`, and P3 behind it."""
    first = Block(0, Op.BOTTLENECK, 2, resampled=False, in_stem=True)
    middle = Block(1, Op.BOTTLENECK, level, (0,))
    return Architecture(f"by L{level}", (first, middle, Block(2, Op.BOTTLENECK, 3, (1,), True)))


def test_permutations_stand_at_their_bottleneck() -> None:
    archs = [_with_bottleneck(level) for level in (5, 3, 5, 6)]
    assert [bottleneck_of_p3(arch) for arch in archs] == [5, 3, 5, 6]
    info = bottleneck_info((0.3, 0.5, 0.4, 0.1), archs)
    assert info.points == ((3, 0.5), (5, 0.3), (5, 0.4), (6, 0.1))
    assert info.medians == {3: 0.5, 5: pytest.approx(0.35), 6: 0.1}
    assert info.tau.tau == pytest.approx(5 / 30**0.5)
    with pytest.raises(FormatError, match="found 3"):
        bottleneck_info((0.3, 0.5, 0.4), archs)
    first = Block(0, Op.RESIDUAL, 3, is_output=True, resampled=False)
    with pytest.raises(FormatError, match="P3"):
        bottleneck_of_p3(Architecture("one", (first,)))


def line(step: int, loss: float) -> dict[str, float]:
    """A line of a curve."""
    return {
        "step": step,
        "loss": loss,
        "objects": 1,
        "classes": 2,
        "boxes": 3,
        "seconds": 36 * step,
    }


def test_steps_that_were_done_again_count_once() -> None:
    info = learning_info([line(100, 9), line(200, 8), line(300, 7), line(200, 6), line(300, 5)])
    assert info.steps == (100, 200, 300)
    assert info.losses["all"] == (9, 6, 5)
    assert info.losses["boxes"] == (3, 3, 3)
    assert info.hours == 3
    assert "from 9.00 to 5.00" in info.alt
    with pytest.raises(FormatError, match="no line"):
        learning_info([])


def test_rows_of_one_length_are_read(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    rows = [*RANKED, row("long", steps=99)]
    file.write_text("\n".join(json.dumps(one._asdict() | {"later": 1}) for one in rows), "utf-8")
    assert read_rows(file) == RANKED
    assert [one.name for one in read_rows(file, 99)] == ["long"]
    file.write_text('{"name": "a"}', "utf-8")
    with pytest.raises(FormatError, match="seed"):
        read_rows(file)
    with pytest.raises(FormatError):
        read_rows(tmp_path / "none")


def test_each_plot_whose_results_are_there_is_written(tmp_path: Path) -> None:
    tau, orders, learning = (tmp_path / f"{name}.jsonl" for name in ("tau", "orders", "learning"))
    tau.write_text("\n".join(json.dumps(one._asdict()) for one in RANKED), "utf-8")
    seeds = [row("a", seed, alone=0.1 * seed) for seed in range(3)]
    orders.write_text("\n".join(json.dumps(one._asdict()) for one in seeds), "utf-8")
    words = ["--tau", tau, "--orders", orders, "--learning", learning, "--out"]
    texts = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        command = [sys.executable, "-m", "benchmarks.science_plots", *words, folder]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert "science-learning.svg: left as it is" in done.stderr
        written = re.findall(r"^!\[.+\]\((science-\w+\.svg)\)$", done.stdout, re.MULTILINE)
        assert written == ["science-tau.svg", "science-orders.svg", "science-bottleneck.svg"]
        texts.append([(folder / name).read_text("utf-8") for name in written])
    assert texts[0] == texts[1]
    shown = " ".join("".join(ElementTree.fromstring(text).itertext()) for text in texts[0])
    assert "τ = 0.95" in shown and "AP medium" in shown and "bottleneck level of P3" in shown
