"""From a photograph to what a network makes of it, as pictures for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from torch import Tensor

from explorer.architecture.architecture import Architecture
from explorer.network.execution import Executor
from explorer.network.image import Pixels, feature_picture
from explorer.network.weights import Weights

CHANNELS = 12
"""Of the chosen block, shown one by one."""


class MapView(NamedTuple):
    """A feature map made visible: bright where its channels, on average, are large."""

    label: str
    shape: tuple[int, int, int]
    """Channels, height, width."""
    pixels: Pixels
    """At the map's own resolution."""


class Views(NamedTuple):
    """What one run of a network shows."""

    photo: Pixels
    """What the network saw: resized and padded."""
    outputs: tuple[MapView, ...]
    """P3 to P7 (or C2 to C5), finest first."""
    block: MapView | None
    """The chosen block; None where it is dead."""
    channels: tuple[MapView, ...]
    """The first channels of the chosen block, one picture each."""
    blocks: Mapping[int, MapView]
    """Every block that ran, by id."""
    shares: Mapping[tuple[int, int], float]
    """By child and slot, the part of the energy (mean square) entering the child that this link
    brings; over a block's links they add up to 1."""
    executed: int
    """Parts of the network that ran; the others were remembered."""
    reused: int
    seconds: float


def view(
    executor: Executor,
    arch: Architecture,
    image: Tensor,
    photo: Pixels,
    image_key: str,
    block: int,
    weights: Weights | None = None,
    should_stop: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Views:
    """The outputs of `arch` and one block's map on a photograph, as pictures.

    Parameters
    ----------
    image, photo, image_key: the network's input (1, 3, H, W), the same as a picture, and its name.
    block: whose channels are shown one by one.
    weights: values of the parameters, as in `Executor.run`.
    should_stop: asked before each part of the network.
    progress: told the share of the parts that are done, 0 to 1.

    Raises
    ------
    ExplorerError: as `Executor.run`.
    """
    found = executor.run(
        arch,
        image,
        image_key,
        links=True,
        weights=weights,
        should_stop=should_stop,
        progress=None if progress is None else lambda done, count, _: progress((done + 1) / count),
    )
    name = arch.scaling.output_name
    chosen, label = found.blocks.get(block), f"b{block}"
    maps = {one: _map_view(f"b{one}", map_) for one, map_ in found.blocks.items()}
    count = 0 if chosen is None else min(CHANNELS, chosen.shape[1])
    return Views(
        photo,
        tuple(_map_view(name(level), maps) for level, maps in found.outputs.items()),
        maps.get(block),
        ()
        if chosen is None
        else tuple(_map_view(f"{label}.{i}", chosen[:, i : i + 1]) for i in range(count)),
        maps,
        _shares(found.links),
        len(found.executed),
        found.reused,
        found.seconds,
    )


def _shares(links: Mapping[tuple[int, int], Tensor]) -> dict[tuple[int, int], float]:
    energies = {link: float(handed.square().mean()) for link, handed in links.items()}
    entering: dict[int, float] = {}
    for (child, _), energy in energies.items():
        entering[child] = entering.get(child, 0.0) + energy
    return {
        link: e / entering[link[0]] if entering[link[0]] else 0.0 for link, e in energies.items()
    }


def _map_view(label: str, maps: Tensor) -> MapView:
    channels, height, width = maps.shape[1:]
    return MapView(label, (channels, height, width), feature_picture(maps))
