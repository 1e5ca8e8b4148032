"""The showpiece: the walk from ResNet-50-FPN to SpineNet-49, and what its miniatures find.

Each stop is judged with the program's own one-shot weights. `python -m explorer.lessons.finding`
measures and stores that, so that *Compare* can draw it at once; with other weights, or on another
walk, the page measures anew where it is asked to. torch is imported when something is measured.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.codec import to_json
from explorer.architecture.route import Route, route
from explorer.catalog import entry

SHOWPIECE = ("resnet-50-fpn", "r23-sp30", "r0-sp53", "spinenet-49")
STORED = Path(__file__).parent / "data" / "walk.json"
SCENES = 32
"""Along a walk many networks are judged, so each on few scenes."""


class WalkFound(NamedTuple):
    """AP at every stop of one walk, and what it was measured with."""

    walk: str
    """Names the stops: the first digits of the SHA-256 of all of them."""
    weights: str
    """Names the weights, in the same way."""
    scenes: int
    ap_small: tuple[float, ...]
    ap50: tuple[float, ...]


def legs_between(archs: Sequence[Architecture]) -> tuple[Route, ...]:
    """The routes from each network to the next; each begins where the one before ended.

    Raises an ExplorerError where there is none.
    """
    found: list[Route] = []
    here = archs[0]
    for goal in archs[1:]:
        found.append(route(here, goal))
        here = found[-1].architectures[-1]
    return tuple(found)


def every_stop(legs: Sequence[Route]) -> tuple[Architecture, ...]:
    """The network at every stop of the routes."""
    return (legs[0].start, *(step.architecture for leg in legs for step in leg.steps))


def showpiece_stops() -> tuple[Architecture, ...]:
    """Every stop of the showpiece.

    >>> stops = showpiece_stops()
    >>> stops[0].name, len(stops) > 100
    ('resnet-50-fpn', True)
    """
    return every_stop(legs_between([entry(name).architecture for name in SHOWPIECE]))


def walk_digest(archs: Sequence[Architecture]) -> str:
    """Names a walk by all that stands at its stops."""
    return sha256("\n".join(map(to_json, archs)).encode()).hexdigest()[:12]


def measure_walk(
    archs: Sequence[Architecture],
    weights: str,
    progress: Callable[[float], None] = lambda share: None,
) -> WalkFound:
    """What each stop's miniature finds; `weights` names the weights that are there."""
    from explorer.detection.evaluation import evaluate
    from explorer.detection.scenes import evaluation_scenes

    fixed, small, at50 = evaluation_scenes(SCENES), [], []
    for place, arch in enumerate(archs, 1):
        found = evaluate(arch, fixed).precision
        small.append(round(found.ap_small, 3))
        at50.append(round(found.ap50, 3))
        progress(place / len(archs))
    return WalkFound(walk_digest(archs), weights, SCENES, tuple(small), tuple(at50))


@cache
def stored_walk() -> WalkFound | None:
    """What was measured before this program was handed out; None where nothing was."""
    if not STORED.exists():
        return None
    data = json.loads(STORED.read_text(encoding="utf-8"))
    small, at50 = tuple(data["ap_small"]), tuple(data["ap50"])
    return WalkFound(data["walk"], data["weights"], data["scenes"], small, at50)


def store_walk(found: WalkFound) -> None:
    """Keep it for the page."""
    rows = (f" {json.dumps(key)}: {json.dumps(value)}" for key, value in found._asdict().items())
    STORED.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
