"""The call that runs a network on an image."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.architecture.architecture import Architecture
from explorer.catalog import resolve
from explorer.cli.answer import Answer, Json

if TYPE_CHECKING:
    from explorer.detection.inference import Inference, Values
    from explorer.network.execution import Run


def infer(options: argparse.Namespace) -> Answer:
    """The P maps of an image, and detections where the weights have a head."""
    from explorer.detection.inference import infer, on_photo, read_picture, read_values
    from explorer.detection.overlay import write_overlay

    arch = resolve(options.arch)
    picture = read_picture(arch, options.image, options.size)
    values = read_values(arch, options.weights)
    found = infer(arch, picture, str(options.image), values, options.seed)
    if options.features:
        _write_features(options.features, arch, found.run)
    if options.output:
        caption = f"{arch.name}, weights: {values.label}"
        name = arch.scaling.output_name
        style = arch.scaling.head.style
        write_overlay(options.output, picture.tensor, found, caption, name, style)
    boxes: list[Json] = [
        {
            "label": item.label,
            "score": item.score,
            "box": list(on_photo(item, picture)),
            "level": item.level,
        }
        for item in found.detections
    ]
    data: dict[str, Json] = {
        "weights": values.label,
        "detections": boxes,
        "seconds": found.run.seconds,
        "note": values.note,
    }
    return Answer(data, _text(arch, found, values))


def _write_features(path: Path, arch: Architecture, run: Run) -> None:
    import numpy as np

    arrays = {arch.scaling.output_name(level): maps for level, maps in run.outputs.items()}
    for level, (logits, boxes) in run.heads.items():
        arrays |= {f"class_P{level}": logits, f"box_P{level}": boxes}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **{name: x.numpy() for name, x in arrays.items()})


def _text(arch: Architecture, found: Inference, values: Values) -> str:
    lines = [f"{arch.name}, weights: {values.label}. {values.note}"]
    lines += [
        f"  {arch.scaling.output_name(level)}  {' x '.join(map(str, maps.shape))}"
        for level, maps in found.run.outputs.items()
    ]
    lines += [f"  {item.label} {item.score:.2f} from P{item.level}" for item in found.detections]
    return "\n".join([*lines, f"  {found.run.seconds:.2f} s"])
