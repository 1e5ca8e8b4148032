"""One run of a network for the page: from a photograph to pictures. Imported where torch may be."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.app.jobs import CHANNELS, Map, Pictures, Request
from explorer.app.state import Upload
from explorer.catalog import photos
from explorer.network.execution import Executor
from explorer.network.image import feature_picture, open_image, preprocess, shown_picture

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.app.jobs import Pixels


def run(
    executor: Executor,
    request: Request,
    upload: Upload | None,
    should_stop: Callable[[], bool],
    progress: Callable[[float], None],
) -> Pictures:
    """The pictures that were asked for.

    Raises an ExplorerError where the photograph cannot be read or the network cannot run here.
    """
    source = upload.data if upload else _sample_path(request.photo)
    image, photo = _prepared(source, request.size)
    found = executor.run(
        request.architecture,
        image,
        request.photo,
        blocks=[request.block],
        should_stop=should_stop,
        progress=lambda done, count, name: progress((done + 1) / count),
    )
    scaling = request.architecture.scaling
    block = found.blocks.get(request.block)
    label = f"b{request.block}"
    return Pictures(
        request,
        photo,
        tuple(_map(scaling.output_name(level), maps) for level, maps in found.outputs.items()),
        None if block is None else _map(label, block),
        ()
        if block is None
        else tuple(
            _map(f"{label} channel {i}", block[:, i : i + 1])
            for i in range(min(CHANNELS, block.shape[1]))
        ),
        len(found.executed),
        found.reused,
        found.seconds,
    )


def _sample_path(name: str) -> Path:
    return next(photo.path for photo in photos() if photo.name == name)


@lru_cache(maxsize=16)
def _prepared(source: Path | bytes, size: int) -> tuple[Tensor, Pixels]:
    """The network's input, and the same as a picture."""
    tensor, _ = preprocess(open_image(source), size)
    return tensor, shown_picture(tensor)


def _map(label: str, maps: Tensor) -> Map:
    channels, height, width = maps.shape[1:]
    return Map(label, (channels, height, width), feature_picture(maps))
