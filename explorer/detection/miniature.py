"""Boxes from any architecture at once: the one-shot weights, and running a miniature on an image.

`find` is what a page asks for: an architecture of any scale, an image, and out come detections,
each with the level that found it. Where the one-shot weights are not there, values are seeded and
untrained, and say so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import EditError, FormatError
from explorer.architecture.miniature import CHANNELS, miniature, places
from explorer.architecture.rules import problems
from explorer.detection.decode import Detection
from explorer.detection.points import FOR_PEOPLE, Kept, detections, outputs
from explorer.detection.scenes import SIDE
from explorer.network.build import Network, build
from explorer.network.execution import Executor, Run
from explorer.network.weights import Weights, load_weights

ONE_SHOT_FILE = Path(__file__).parents[2] / "assets" / "weights" / "one-shot.safetensors"
ONE_SHOT = "one-shot"
UNTRAINED = "untrained"
TRAINED_PLACES = 24
"""Places in the order that the one-shot network has parameters for."""
TRAINED_SLOTS = 2
OF_MINIATURES = {"head.class.predict.weight", "blocks.0.body.0.conv.weight"}
"""Parameters that every miniature network has, and no other."""


@dataclass(frozen=True, slots=True)
class MiniatureWeights:
    """Values for miniature networks, and what to call them."""

    label: str
    """`one-shot`, `untrained`, or the file that they came from."""
    weights: Weights | None

    @property
    def trained(self) -> bool:
        """Whether boxes mean something."""
        return self.weights is not None


class Found(NamedTuple):
    """What one call gives."""

    detections: tuple[Detection, ...]
    """Best first; boxes in pixels of the image as it was given."""
    run: Run
    """Of the miniature architecture: block ids are places in the order."""
    label: str
    """Of the weights."""


def miniature_weights(path: Path | None = None) -> MiniatureWeights:
    """The weights of a file; without one the shipped one-shot weights, or untrained values.

    Raises FormatError where the file holds no weights of a miniature network, or of one that is
    wider or narrower than they are.
    """
    if path is None:
        shipped = load_one_shot()
        return MiniatureWeights(ONE_SHOT if shipped else UNTRAINED, shipped)
    weights = load_weights(path)
    if not weights.keys() >= OF_MINIATURES:
        raise FormatError(
            f"{path}: found weights of another network, expected those of a miniature one, as "
            "`python -m explorer train` writes them."
        )
    channels = weights["head.class.predict.weight"].shape[1]
    if channels != CHANNELS:
        raise FormatError(
            f"{path}: found weights of a miniature network of {channels} channels, expected "
            f"{CHANNELS}. Train again, with `python -m explorer train`."
        )
    return MiniatureWeights(str(path), _everywhere(weights))


def is_miniature_file(path: Path) -> bool:
    """Whether a file holds weights of a miniature network; False where it cannot be read."""
    try:
        return load_weights(path).keys() >= OF_MINIATURES
    except FormatError:
        return False


def load_one_shot() -> Weights | None:
    """The shipped weights, which serve every place and slot; None where the file is not there."""
    try:
        changed = ONE_SHOT_FILE.stat().st_mtime_ns
    except OSError:
        return None
    return _read_one_shot(changed)


@lru_cache(maxsize=2)
def _read_one_shot(changed: int) -> Weights:
    return _everywhere(load_weights(ONE_SHOT_FILE))


def in_space(arch: Architecture) -> bool:
    """Whether miniature weights serve it: no problems, and outputs on P3 to P7.

    >>> from explorer.architecture.example import small
    >>> in_space(small())
    True
    """
    if problems(arch):
        return False
    made = miniature(arch)
    return not problems(made) and bool(made.outputs)


def find(
    arch: Architecture,
    image: NDArray[np.uint8],
    image_key: str,
    *,
    values: MiniatureWeights | None = None,
    executor: Executor | None = None,
    bypass: Collection[int] = (),
    side: int = SIDE,
    kept: Kept = FOR_PEOPLE,
    seed: int = 0,
) -> Found:
    """What the miniature of `arch` finds in an image, (H, W, 3) of 0 to 255.

    Parameters
    ----------
    arch: of any scale; made a miniature here.
    image_key: names the image: equal keys, equal images.
    values: None takes the one-shot weights.
    executor: one that is kept computes only what lies downstream of an edit.
    bypass: ids of `arch` whose blocks pass their summed input on unchanged.
    side: the network's input is a square of so many pixels; the image is put into it whole.
    seed: of untrained values.

    Raises
    ------
    ArchitectureError: where `arch` has problems.
    EditError: where `bypass` names a block that is no permuted one.
    """
    chosen = values or miniature_weights()
    made = miniature(arch)
    weights = chosen.weights
    if bypass:
        weights = bypassed(arch, weights or Weights({}), bypass)
    fitted, scale = _fitted(image, side)
    run = (executor or Executor()).run(
        made,
        tensor_of(fitted[None]),
        f"{image_key}|miniature {side}",
        blocks=(),
        head=True,
        seed=seed,
        weights=weights,
    )
    (boxes,) = detections(outputs(run.heads, side, side), (side, side), kept)
    height, width = image.shape[:2]
    found = tuple(
        item._replace(box=_inside([x / scale for x in item.box], width, height)) for item in boxes
    )
    return Found(found, run, chosen.label)


def find_in_batch(
    arch: Architecture,
    images: NDArray[np.uint8],
    values: MiniatureWeights | None = None,
    kept: Kept = FOR_PEOPLE,
    seed: int = 0,
) -> tuple[tuple[Detection, ...], ...]:
    """What the miniature of `arch` finds in each of several images, (N, H, W, 3), of one size.

    Height and width are multiples of 128. Nothing is kept for another call.
    """
    chosen = values or miniature_weights()
    network = build(miniature(arch), seed=seed, weights=chosen.weights, head=True)
    return run_batch(network, images, kept)


@torch.inference_mode()
def run_batch(
    network: Network, images: NDArray[np.uint8], kept: Kept
) -> tuple[tuple[Detection, ...], ...]:
    """What a miniature network finds in each image, (N, H, W, 3)."""
    tensor = tensor_of(images).contiguous(memory_format=torch.channels_last)
    heads = network.forward_head(network(tensor))
    height, width = images.shape[1:3]
    return detections(outputs(heads, height, width), (height, width), kept)


def bypassed(arch: Architecture, weights: Weights, ids: Collection[int]) -> Weights:
    """The same weights, but these blocks of `arch` pass their summed input on unchanged.

    A bottleneck whose last norm is zero adds nothing to its shortcut, and the sum that came in is
    not negative, so that the activation leaves it as it is.
    """
    place = places(arch)
    wrong = sorted(set(ids) - set(permuted(arch)))
    if wrong:
        raise EditError(
            f"Bypass: found block {wrong[0]}, expected permuted blocks of {arch.name}: "
            f"{', '.join(map(str, permuted(arch)))}."
        )
    zero = torch.zeros(miniature(arch).scaling.stem_filters)
    names = [f"blocks.{place[i]}.body.0.bn3.{leaf}" for i in ids for leaf in ("weight", "bias")]
    version = f"{weights.version}|without {sorted(place[i] for i in ids)}"
    return Weights({**weights, **dict.fromkeys(names, zero)}, version)


def permuted(arch: Architecture) -> tuple[int, ...]:
    """Ids of the blocks that are bottlenecks at the miniature scale: all but the light stem.

    >>> from explorer.architecture.example import small
    >>> permuted(small())
    (2, 3, 4)
    """
    made = miniature(arch).blocks
    return tuple(block.id for block, mini in zip(arch.blocks, made, strict=True) if mini.resampled)


def normalised(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pixels 0 to 255 as the miniature networks take them, -2 to 2.

    >>> normalised(np.array([0, 255], np.uint8)).tolist()
    [-2.0, 2.0]
    """
    return images.astype(np.float32) * np.float32(4 / 255) - np.float32(2)


def tensor_of(images: NDArray[np.uint8]) -> Tensor:
    """Images (N, H, W, 3) as the network's input, (N, 3, H, W) float32."""
    return torch.from_numpy(np.ascontiguousarray(normalised(images).transpose(0, 3, 1, 2)))


def _fitted(image: NDArray[np.uint8], side: int) -> tuple[NDArray[np.uint8], float]:
    """The image in the upper left of a grey square, and its scale there."""
    height, width = image.shape[:2]
    if (height, width) == (side, side):
        return image, 1.0
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = Image.fromarray(image).resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
    square = np.full((side, side, 3), 128, np.uint8)
    square[: size[1], : size[0]] = np.asarray(small)
    return square, scale


def _inside(box: list[float], width: int, height: int) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    return min(x0, width), min(y0, height), min(x1, width), min(y1, height)


def _everywhere(weights: Weights) -> Weights:
    """With values for later places and further slots too: those of a trained place and slot.

    Networks longer than the longest that was trained, and blocks with more than two parents, run
    on parameters that were trained for another place.
    """
    found: dict[str, Tensor] = dict(weights)
    bodies = _by_place(weights)
    for place in range(max(bodies, default=0) + 1, 4 * TRAINED_PLACES):
        stand_in = bodies.get(TRAINED_PLACES // 2 + place % (TRAINED_PLACES // 2), {})
        found |= {f"blocks.{place}.{rest}": value for rest, value in stand_in.items()}
    for name, value in list(found.items()):
        for slot in range(TRAINED_SLOTS):
            first, mark, rest = name.partition(f".resample{slot}.")
            if mark:
                others = range(slot + TRAINED_SLOTS, 8, TRAINED_SLOTS)
                found |= {f"{first}.resample{other}.{rest}": value for other in others}
    return Weights(found, weights.version)


def _by_place(weights: Mapping[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    found: dict[int, dict[str, Tensor]] = {}
    for name, value in weights.items():
        start, _, rest = name.partition(".")
        place, _, rest = rest.partition(".")
        if start == "blocks":
            found.setdefault(int(place), {})[rest] = value
    return found
