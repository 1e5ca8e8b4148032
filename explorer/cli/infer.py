"""The call that runs a network on an image."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.architecture.architecture import Architecture
from explorer.catalog import reference_for
from explorer.cli.answer import Answer, Json
from explorer.cli.asked import asked_architecture

if TYPE_CHECKING:
    from explorer.detection.inference import Inference, Values
    from explorer.network.execution import Run

STEP, LARGEST = 128, 1024
"""Sides of a miniature network's input: multiples of the first, up to the second, in pixels."""
MINIATURE_NOTE = "The miniature network knows 16 kinds of stickers, and no real animals or things."


def infer(options: argparse.Namespace) -> Answer:
    """The P maps of an image, and detections where the weights have a head."""
    from explorer.detection.inference import infer, on_photo, read_picture, read_values
    from explorer.detection.overlay import write_overlay

    arch = asked_architecture(options)
    if _at_miniature_scale(options, arch):
        return _miniature(options, arch)
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


def _at_miniature_scale(options: argparse.Namespace, arch: Architecture) -> bool:
    """Whether to ask the trained miniature: where weights of one serve, and no maps are wanted.

    An array is taken as it is, and maps are those of the network at its own size.
    """
    from explorer.detection.miniature import in_space, is_miniature_file, load_one_shot

    if options.features or options.padding or options.image.suffix.lower() == ".npy":
        return False
    if options.size is not None and (options.size % STEP or options.size > LARGEST):
        return False
    if options.weights is not None:
        return is_miniature_file(options.weights)
    return load_one_shot() is not None and reference_for(arch) is None and in_space(arch)


def _miniature(options: argparse.Namespace, arch: Architecture) -> Answer:
    """What the miniature of `arch` finds: stickers, and no real animals."""
    import numpy as np

    from explorer.detection.boxed import boxed
    from explorer.detection.miniature import find, miniature_weights
    from explorer.network.image import open_image

    image = np.asarray(open_image(options.image))
    values = miniature_weights(options.weights)
    side = options.size or STEP
    found = find(arch, image, str(options.image), values=values, side=side)
    if options.output:
        boxed(image, found.detections).save(options.output, "PNG")
    boxes: list[Json] = [
        {"label": x.label, "score": x.score, "box": list(x.box), "level": x.level}
        for x in found.detections
    ]
    data: dict[str, Json] = {
        "weights": found.label,
        "detections": boxes,
        "seconds": found.run.seconds,
        "note": MINIATURE_NOTE,
    }
    lines = [f"{arch.name} at the miniature scale, weights: {found.label}. {MINIATURE_NOTE}"]
    lines += [f"  {x.label} {x.score:.2f} from P{x.level}" for x in found.detections]
    return Answer(data, "\n".join([*lines, f"  {found.run.seconds:.3f} s"]))


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
