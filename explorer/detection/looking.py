"""One look of a network at a picture: its maps, and the boxes that trained weights find."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.scaling import HeadStyle
from explorer.detection.decode import Detection
from explorer.detection.inference import Picture, Values, infer, input_side, read_values
from explorer.detection.miniature import find, in_space, miniature_weights
from explorer.network.budget import check_budget, machine_budget
from explorer.network.execution import Executor
from explorer.network.image import Pixels, open_image, preprocess, shown_picture
from explorer.network.viewing import Views, view


class Boxes(NamedTuple):
    """What was found in the picture as it is shown, best first; boxes in its pixels."""

    detections: tuple[Detection, ...]
    label: str
    """Of the trained weights that found them."""
    miniature: bool
    """Found by the architecture's miniature, not at full size."""
    seconds: float


class Look(NamedTuple):
    """What one look shows."""

    views: Views
    values: Values
    """The weights that made the maps."""
    boxes: Boxes | None
    """None where there are no trained weights for this architecture."""


def look(
    executor: Executor,
    arch: Architecture,
    source: Path | bytes,
    source_key: str,
    size: int,
    block: int,
    *,
    values: Values | None = None,
    should_stop: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Look:
    """Maps and boxes of `arch` for a picture.

    Boxes are the network's own where its weights have a head: the reference, or an imported file.
    Else they are those of its miniature, with the one-shot weights.

    Parameters
    ----------
    source, source_key: a file or its bytes, and what names its content.
    size: side of the square that the network runs on, in pixels; the reference has its own.
    block: the block whose channels are shown one by one.
    values: the weights; None takes those that come along, or seeded ones.
    should_stop, progress: as in `explorer.network.viewing.view`.

    Raises FormatError where the picture cannot be read, and as `Executor.run`.
    """
    chosen = values or read_values(arch, None)
    style = arch.scaling.head.style
    side = input_side(arch) if style is HeadStyle.SSD else size
    check_budget(arch, (side, side), machine_budget())  # before a picture is enlarged for nothing
    seen = _prepared(source, side, style)
    shown = shown_picture(seen.tensor, style)
    views = view(
        executor, arch, seen.tensor, shown, source_key, block, chosen.weights, should_stop, progress
    )
    return Look(views, chosen, _boxes(executor, arch, seen, shown, source_key, chosen))


def _boxes(
    executor: Executor,
    arch: Architecture,
    seen: Picture,
    shown: Pixels,
    source_key: str,
    values: Values,
) -> Boxes | None:
    if values.has_head:
        own = infer(arch, seen, source_key, values, executor=executor)
        return Boxes(own.detections, values.label, False, own.run.seconds)
    small = miniature_weights()
    if not small.trained or not in_space(arch):
        return None
    key = f"{source_key} {shown.shape[0]}"
    found = find(arch, shown, key, values=small, executor=executor)
    return Boxes(found.detections, found.label, True, found.run.seconds)


@lru_cache(maxsize=16)
def _prepared(source: Path | bytes, side: int, style: HeadStyle) -> Picture:
    """The network's input; kept, since an edit does not change it."""
    return Picture(*preprocess(open_image(source), side, style))
