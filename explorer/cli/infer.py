"""The call that runs a network on an image."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import FormatError
from explorer.catalog import resolve
from explorer.cli.answer import Answer, Json

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from explorer.detection.decode import Detection
    from explorer.network.execution import Run
    from explorer.network.image import ImageInfo
    from explorer.network.weights import Weights

MAX_ARRAY_NBYTES = 1 << 30
UNTRAINED = "untrained"


class _Input(NamedTuple):
    """What the network is given; `info` is None for an array that is taken as it is."""

    tensor: Tensor
    info: ImageInfo | None


class _Values(NamedTuple):
    """Which weights are in use, and how well they fit."""

    label: str
    weights: Weights | None
    has_head: bool
    note: str


def infer(options: argparse.Namespace) -> Answer:
    """The P maps of an image, and detections where the weights have a head."""
    from explorer.network.execution import Executor

    arch = resolve(options.arch)
    given = _read(options.image, options.size)
    values = _values(arch, options.weights)
    run = Executor().run(
        arch,
        given.tensor,
        str(options.image),
        blocks=(),
        head=values.has_head,
        seed=options.seed,
        weights=values.weights,
    )
    found = _detections(arch, run, given)
    if options.features:
        _write_features(options.features, arch, run)
    if options.output:
        from explorer.cli.overlay import write_overlay

        write_overlay(options.output, given.tensor, run, found, values.label)
    boxes: list[Json] = [
        {
            "label": item.label,
            "score": item.score,
            "box": _on_photo(item.box, given.info),
            "level": item.level,
        }
        for item in found
    ]
    data: dict[str, Json] = {
        "weights": values.label,
        "detections": boxes,
        "seconds": run.seconds,
        "note": values.note,
    }
    return Answer(data, _text(arch, run, found, values))


def _read(path: Path, size: int) -> _Input:
    from explorer.network.image import open_image, preprocess

    if path.suffix.lower() == ".npy":
        return _Input(_array(path), None)
    return _Input(*preprocess(open_image(path), size))


def _array(path: Path) -> Tensor:
    import numpy as np
    import torch

    try:
        if path.stat().st_size > MAX_ARRAY_NBYTES:
            raise FormatError(f"{path}: found more than 1 GiB. Choose a smaller array.")
        array: NDArray[np.float32] = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise FormatError(
            f"{path}: found no array that NumPy reads without pickle, expected a .npy of float32."
        ) from error
    if not isinstance(array, np.ndarray) or array.dtype != np.float32 or array.ndim != 4:
        raise FormatError(
            f"{path}: found {getattr(array, 'dtype', 'several arrays')} of shape "
            f"{getattr(array, 'shape', '?')}, expected float32 of shape (N, 3, H, W)."
        )
    if not np.isfinite(array).all():
        raise FormatError(f"{path}: found values that are no finite numbers, expected only those.")
    return torch.from_numpy(np.ascontiguousarray(array))


def _values(arch: Architecture, path: Path | None) -> _Values:
    if path is None:
        note = "Seeded weights, not trained: their maps show structure, not objects."
        return _Values(UNTRAINED, None, False, note)
    from explorer.cost.cost import supports_head
    from explorer.network.weights import load_weights, match

    weights = load_weights(path)
    wants_head = supports_head(arch) and any(name.startswith("head.") for name in weights)
    found = match(arch, weights, wants_head)
    left = (*found.missing, *found.reshaped)
    if len(found.matched) <= len(left):
        raise FormatError(
            f"{path}: found {len(found.matched)} of the {len(found.matched) + len(left)} "
            f"parameters of {arch.name}, expected at least half of them; {left[0]} does not fit. "
            "Choose the weights of this architecture."
        )
    note = f"{len(found.matched)} parameters matched"
    if left:
        note += f"; {len(left)} have seeded, untrained values, such as {left[0]}"
    trained_head = wants_head and not any(name.startswith("head.") for name in left)
    return _Values(str(path), weights, trained_head, note)


def _detections(arch: Architecture, run: Run, given: _Input) -> tuple[Detection, ...]:
    if not run.heads or len(given.tensor) != 1:
        return ()
    from explorer.detection.decode import detections

    return detections(
        {level: maps[0] for level, maps in run.heads.items()},
        {level: maps[1] for level, maps in run.heads.items()},
        (given.tensor.shape[2], given.tensor.shape[3]),
        anchor_size=arch.scaling.head.anchor_size,
        image_size=given.info.scaled if given.info else None,
    )


def _on_photo(box: tuple[float, float, float, float], info: ImageInfo | None) -> list[Json]:
    """The box in pixels of the photograph; of the array where there is none."""
    across, down = (info.scale[1], info.scale[0]) if info else (1.0, 1.0)
    x0, y0, x1, y1 = box
    return [x0 / across, y0 / down, x1 / across, y1 / down]


def _write_features(path: Path, arch: Architecture, run: Run) -> None:
    import numpy as np

    arrays = {arch.scaling.output_name(level): maps for level, maps in run.outputs.items()}
    for level, (logits, boxes) in run.heads.items():
        arrays |= {f"class_P{level}": logits, f"box_P{level}": boxes}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **{name: x.numpy() for name, x in arrays.items()})


def _text(arch: Architecture, run: Run, found: tuple[Detection, ...], values: _Values) -> str:
    lines = [f"{arch.name}, weights: {values.label}. {values.note}"]
    lines += [
        f"  {arch.scaling.output_name(level)}  {' x '.join(map(str, maps.shape))}"
        for level, maps in run.outputs.items()
    ]
    lines += [f"  {item.label} {item.score:.2f} from P{item.level}" for item in found]
    return "\n".join([*lines, f"  {run.seconds:.2f} s"])
