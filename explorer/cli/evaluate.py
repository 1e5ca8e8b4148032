"""The call that judges an architecture on scenes."""

from __future__ import annotations

import argparse

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import FormatError
from explorer.catalog import resolve
from explorer.cli.answer import Answer, Json
from explorer.cost.units import macs_text, params_text

ALL = "all"


def evaluate(options: argparse.Namespace) -> Answer:
    """COCO's average precisions of the architecture at the miniature scale."""
    from explorer.detection.evaluation import evaluate
    from explorer.detection.miniature import miniature_weights
    from explorer.detection.scenes import evaluation_scenes

    arch = resolve(options.arch)
    bypass = _bypass(options.bypass, arch)
    scenes = evaluation_scenes(
        options.scenes,
        seed=options.seed,
        unseen_style=options.unseen_style,
        difficulty=options.difficulty,
    )
    found = evaluate(arch, scenes, values=miniature_weights(options.weights), bypass=bypass)
    told = found.precision
    data: dict[str, Json] = {
        "name": arch.name,
        "weights": found.weights,
        "scenes": found.scenes,
        "ap": told.ap,
        "ap50": told.ap50,
        "ap75": told.ap75,
        "ap_small": told.ap_small,
        "ap_medium": told.ap_medium,
        "ap_large": told.ap_large,
        "macs": found.macs,
        "params": found.params,
        "bypassed": list(bypass),
    }
    off = f", without blocks {', '.join(map(str, bypass))}" if bypass else ""
    lines = [
        f"{arch.name} at the miniature scale{off}, weights: {found.weights}, {found.scenes} scenes",
        f"  AP {told.ap:.3f}  AP50 {told.ap50:.3f}  AP75 {told.ap75:.3f}",
        f"  small {told.ap_small:.3f}  medium {told.ap_medium:.3f}  large {told.ap_large:.3f}",
        f"  {macs_text(found.macs)}MACs, {params_text(found.params)} parameters",
    ]
    return Answer(data, "\n".join(lines))


def _bypass(text: str | None, arch: Architecture) -> tuple[int, ...]:
    from explorer.detection.miniature import permuted

    if text is None:
        return ()
    if text == ALL:
        return permuted(arch)
    words = text.split(",")
    if not all(word.strip().isdecimal() and len(word) < 10 for word in words):
        raise FormatError(
            f"--bypass: found {text[:40]!r}, expected block ids such as 3,5, or `all`."
        )
    return tuple(dict.fromkeys(int(word) for word in words))
