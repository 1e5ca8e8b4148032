"""The bottleneck finding, measured with the program's own weights: random permutations, one by one.

Run this when the one-shot weights are replaced, or what decodes and judges boxes is changed (about
five minutes on one core):

    .venv/bin/python -m explorer.lessons.finding

It measures anew and stores all that lessons and pages tell of these weights: `data/finding.json`,
the permutations of the bottleneck lesson, and `data/walk.json`, AP along the walk of *Compare*
(`explorer.lessons.showpiece`). Nothing else holds a number that depends on the weights. torch is
imported when something is measured.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import NamedTuple

from explorer.architecture.paths import output_paths
from explorer.catalog import entry
from explorer.drawing.bars import Bar, Bars, Part
from explorer.lessons.showpiece import measure_walk, showpiece_stops, store_walk
from explorer.search.space import architecture, sample, space_of

STORED = Path(__file__).parent / "data" / "finding.json"
BASE = "r0-sp53"
COUNT = 30
SCENES = 128


class Measured(NamedTuple):
    """One random permutation: its bottleneck level of P3, and what its miniature reaches."""

    seed: int
    bottleneck: int
    ap50: float
    ap_small: float


class Finding(NamedTuple):
    """Every permutation, and the weights that were used."""

    rows: tuple[Measured, ...]
    scenes: int
    weights: str
    """The first digits of the file's SHA-256."""


def weights_file() -> Path | None:
    """The one-shot weights; None where they do not come with this copy of the program."""
    from explorer.detection.miniature import ONE_SHOT_FILE

    return ONE_SHOT_FILE if ONE_SHOT_FILE.exists() else None


def digest() -> str:
    """Names the weights that are there; empty where none are."""
    file = weights_file()
    return sha256(file.read_bytes()).hexdigest()[:12] if file else ""


def measure(
    count: int = COUNT,
    scenes: int = SCENES,
    progress: Callable[[float], None] = lambda share: None,
) -> Finding:
    """`count` random permutations of R0-SP53's space judged on the same fixed scenes.

    All share one set of weights, and nothing is trained.
    """
    from explorer.detection.evaluation import evaluate
    from explorer.detection.scenes import evaluation_scenes

    space = space_of(entry(BASE).architecture)
    fixed = evaluation_scenes(scenes)
    rows = []
    for seed in range(count):
        arch = architecture(space, sample(space, 1, seed), 0, f"permutation {seed}")
        found = evaluate(arch, fixed).precision
        level = output_paths(arch)[0].bottleneck_level or 0
        rows.append(Measured(seed, level, round(found.ap50, 4), round(found.ap_small, 4)))
        progress((seed + 1) / count)
    return Finding(tuple(rows), scenes, digest())


@cache
def stored() -> Finding | None:
    """What was measured before this program was handed out; None where nothing was."""
    if not STORED.exists():
        return None
    data = json.loads(STORED.read_text(encoding="utf-8"))
    rows = tuple(Measured(*row) for row in data["rows"])
    return Finding(rows, data["scenes"], data["weights"])


def store(found: Finding) -> None:
    """Keep a finding for the lesson."""
    rows = ",\n  ".join(json.dumps(list(row)) for row in found.rows)
    head = f'"scenes": {found.scenes},\n "weights": "{found.weights}"'
    text = f'{{\n {head},\n "rows": [\n  {rows}\n ]\n}}\n'
    STORED.write_text(text, encoding="utf-8")


def finding_bars(found: Finding) -> Bars:
    """AP of every permutation, those with the finest bottleneck first."""
    rows = sorted(found.rows, key=lambda row: (row.bottleneck, -row.ap_small))
    groups = {
        level: [row for row in rows if row.bottleneck == level]
        for level in sorted({row.bottleneck for row in rows})
    }
    words = ". ".join(
        f"L{level}: {len(group)} permutations, median of small objects {_median(group):.3f}"
        for level, group in groups.items()
    )
    return Bars(
        f"AP of small objects: {len(rows)} random permutations by bottleneck level of P3",
        "AP, small",
        tuple(
            Bar(
                f"L{row.bottleneck} no. {row.seed}",
                (Part(f"L{row.bottleneck}", row.ap_small, row.bottleneck),),
            )
            for row in rows
        ),
        f"AP of small objects by bottleneck level. {words}.",
        note=f"Measured with this program's own one-shot weights ({found.weights}) on "
        f"{found.scenes} scenes; none of these networks was trained by itself. {words}.",
    )


def _median(group: Sequence[Measured]) -> float:
    return float(median(row.ap_small for row in group))


def main() -> None:
    """Measure and store everything that depends on the weights, with progress on standard error."""
    store(measure(progress=_told("permutations")))
    store_walk(measure_walk(showpiece_stops(), digest(), _told("stops of the walk")))


def _told(what: str) -> Callable[[float], None]:
    return lambda share: print(f"\r{what}: {share:.0%}", end="\n" * (share == 1), file=sys.stderr)


if __name__ == "__main__":
    main()
